"""Who may open a page: every view of the portal declares it; an undeclared view stays closed (design 4.10)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponseBase

from preau.domain.accounts.models import User
from preau.domain.families.models import Guardian, Household
from preau.domain.town.models import Town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.interfaces.network import address_of

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

PUBLIC, MEMBER, FAMILY = "public", "member", "family"


class TownRequest(WSGIRequest):
    """A request to the town's portal; the middleware turns the server's own request into this class."""

    town: Town

    @property
    def town_now(self) -> datetime:
        return clock.now().astimezone(self.town.zone)

    @property
    def today(self) -> date:
        return self.town_now.date()


class MemberRequest(TownRequest):
    """A request by somebody who logged in, whoever they are."""

    user: User

    @property
    def actor(self) -> Actor:
        return Actor(kind="family", key=self.user.public_id, network=address_of(self))


class FamilyRequest(MemberRequest):
    """A request by a guardian, about their own household."""

    guardian: Guardian
    household: Household


def take_place(request: FamilyRequest) -> bool:
    """Give the request its guardian and household, once; whether the person has one (every page names it: A05)."""
    if not hasattr(request, "household"):
        guardian = Guardian.objects.select_related("household").filter(user=request.user).first()
        if guardian is None:
            return False
        request.guardian, request.household = guardian, guardian.household
    return True


def _declare(right: str) -> Callable[[Any], Any]:
    def mark(view: Any) -> Any:
        view.right = right
        return view

    return mark


def public(view: View) -> View:
    """Anybody may open this page."""
    marked: View = _declare(PUBLIC)(view)
    return marked


def member(view: View) -> View:
    """Anybody who logged in may open this page (their account, their sessions)."""
    marked: View = _declare(MEMBER)(view)
    return marked


def family(view: View) -> View:
    """A guardian may open this page, for their own household."""
    marked: View = _declare(FAMILY)(view)
    return marked
