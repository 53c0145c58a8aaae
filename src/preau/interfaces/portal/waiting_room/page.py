"""What is shown to whoever waits: drawn without a session and, but for the town, without the database."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from preau.domain.town.models import Town
from preau.domain.town.queries import TownMissingError, the_town
from preau.foundation import clock
from preau.foundation.admission.room import Standing
from preau.foundation.admission.rules import SHORTEST_LOOK
from preau.interfaces.doors import page_behind

#: In the address of a page whose reader wants to refresh it by hand (RGAA 13.1).
BY_HAND = "actualiser"
_TOWN_KEPT = timedelta(seconds=30)


class _Town:
    """The town, read again every half minute at most."""

    town: Town | None = None
    read_at: datetime = datetime.min.replace(tzinfo=UTC)

    def get(self) -> Town | None:
        if clock.now() - self.read_at > _TOWN_KEPT:
            self.read_at = clock.now()
            try:
                self.town = the_town()
            except TownMissingError:
                self.town = None
        return self.town


_town = _Town()


def line_page(request: HttpRequest, standing: Standing, *, arrived_at: int) -> HttpResponse:
    """The place of somebody in the line, and the time that is left as it was measured."""
    context = {
        "before": standing.before,
        "time_left": in_words(standing.seconds),
        "arrived_at": datetime.fromtimestamp(arrived_at / 1000, UTC),
    }
    return _page(request, "portal/waiting_room/line.html", standing.look_in, context)


def busy_page(request: HttpRequest) -> HttpResponse:
    """Everybody inside asks at once: come back in two seconds."""
    return _page(request, "portal/waiting_room/busy.html", SHORTEST_LOOK, {})


def in_words(seconds: int | None) -> str:
    """« moins d’une minute », « environ 4 minutes »; empty when nothing was measured yet."""
    if seconds is None:
        return ""
    if seconds < 60:  # noqa: PLR2004  (a minute)
        return "moins d’une minute"
    minutes = -(-seconds // 60)
    if minutes < 60:  # noqa: PLR2004  (an hour)
        return f"environ {minutes} minute{'s' if minutes > 1 else ''}"
    hours, rest = divmod(minutes, 60)
    return f"environ {hours} h {rest:02d}"


def _page(request: HttpRequest, template: str, look_in: int, context: dict[str, Any]) -> HttpResponse:
    town = _town.get()
    there = page_behind(request)
    page = {
        **context,
        "town": town,
        "accessibility_state": town.accessibility_state if town else "",
        "look_in": look_in,
        "by_hand": BY_HAND in request.GET,
        "was_sent": request.method not in {"GET", "HEAD"},
        "there": there,
        "by_hand_url": f"{there}{'&' if '?' in there else '?'}{BY_HAND}=non",
    }
    with timezone.override(town.zone if town else UTC):
        response = HttpResponse(render_to_string(template, page), status=HTTPStatus.SERVICE_UNAVAILABLE)
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  (no error: Django would log each)
    response["Retry-After"] = str(look_in)
    response["Cache-Control"] = "no-store"
    response["X-Frame-Options"] = "DENY"
    return response
