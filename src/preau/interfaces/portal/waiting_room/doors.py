"""Which requests may be asked to wait, and who is served first."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from preau.foundation.admission.gate import Rank
from preau.interfaces.portal.rights import FAMILY, PUBLIC

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

_PORTAL = "preau.interfaces.portal"
_HOOKS, _DESK = "preau.interfaces.webhooks", "preau.interfaces.desk"


def never_waits(view: View) -> View:
    """Mark a view that a payment under way needs: it is served first, and never refused."""
    view.never_waits = True  # type: ignore[attr-defined]
    return view


def view_of(request: HttpRequest) -> Callable[..., Any] | None:
    """The view that will answer; None for an address that leads nowhere."""
    try:
        return resolve(request.path_info).func
    except Resolver404:
        return None


def rank_of(view: Callable[..., Any] | None) -> Rank:
    module = getattr(view, "__module__", "")
    if module.startswith(_HOOKS) or hasattr(view, "never_waits"):
        return Rank.MONEY
    return Rank.INSIDE if module.startswith(_DESK) else Rank.OUTSIDE


def is_guarded(view: Callable[..., Any] | None) -> bool:
    """Whether newcomers may be asked to wait: the personal pages of the portal, unless a payment needs them."""
    if not getattr(view, "__module__", "").startswith(_PORTAL) or hasattr(view, "never_waits"):
        return False
    return getattr(view, "right", FAMILY) != PUBLIC
