"""What the families' pages and the agents' desk share at the door: the request's class, its right, the way back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import ObjectDoesNotExist
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.urls import reverse

from preau.domain.accounts.models import User
from preau.domain.town.models import Town
from preau.foundation import clock


class TownRequest(WSGIRequest):
    """A request to the town; the middlewares turn the server's own request into this class."""

    town: Town

    @property
    def town_now(self) -> datetime:
        return clock.now().astimezone(self.town.zone)

    @property
    def today(self) -> date:
        return self.town_now.date()


class UserRequest(TownRequest):
    """A request by somebody who logged in, whoever they are."""

    user: User


def declares(right: str) -> Callable[[Any], Any]:
    """Mark a view with the right that opens it."""

    def mark(view: Any) -> Any:
        view.right = right
        return view

    return mark


def page_behind(request: HttpRequest) -> str:
    """Where to come back once logged in: this page or, for what a form sends, the page that held the form."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    held_by = urlsplit(request.headers.get("Referer", ""))
    if held_by.netloc != request.get_host():
        return reverse("portal:home")
    return f"{held_by.path}?{held_by.query}" if held_by.query else held_by.path


def first_things_first(request: UserRequest) -> HttpResponseRedirect | None:
    """A forced change of password comes before anything else (S11)."""
    target = reverse("portal:password_change")
    if request.user.must_change_password and request.path not in {target, reverse("portal:logout")}:
        return HttpResponseRedirect(f"{target}?{urlencode({'suite': page_behind(request)})}")
    return None


@contextmanager
def or_404() -> Iterator[None]:
    """What does not exist, and what is somebody else's: the same page says so (W11)."""
    try:
        yield
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown
