"""What is shown to whoever waits, thousands of times a minute: drawn once, then filled with each one's place."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import escape

from preau.domain.town.models import Town
from preau.domain.town.queries import TownMissingError, the_town
from preau.foundation import clock, french
from preau.foundation.admission.room import Standing
from preau.foundation.admission.rules import SHORTEST_LOOK
from preau.interfaces.doors import page_behind

#: In the address of a page whose reader wants to refresh it by hand (RGAA 13.1).
_BY_HAND = "actualiser=non"
_KEPT = timedelta(seconds=30)
_BLANK = re.compile(r"\[\[(\w+)\]\]")
_BLANKS = {name: f"[[{name}]]" for name in ("heading", "lede", "arrived", "look_in", "there", "by_hand_url")}


class Sheets:
    """Pages with blanks to fill, drawn again when the town was read again: every half minute at most."""

    town: Town | None = None

    def __init__(self) -> None:
        self._read_at = datetime.min.replace(tzinfo=UTC)
        self._drawn: dict[tuple[str, bool, bool], str] = {}

    def get(self, template: str, *, by_hand: bool, was_sent: bool) -> str:
        self._read_again()
        key = (template, by_hand, was_sent)
        if key not in self._drawn:
            page = {
                **_BLANKS,
                "town": self.town,
                "accessibility_state": self.town.accessibility_state if self.town else "",
                "by_hand": by_hand,
                "was_sent": was_sent,
            }
            self._drawn[key] = render_to_string(template, page)
        return self._drawn[key]

    @property
    def zone(self) -> tzinfo:
        self._read_again()
        return self.town.zone if self.town else UTC

    def _read_again(self) -> None:
        if clock.now() - self._read_at < _KEPT:
            return
        self._read_at, self._drawn = clock.now(), {}
        try:
            self.town = the_town()
        except TownMissingError:
            self.town = None


sheets = Sheets()


def line_page(request: HttpRequest, standing: Standing, *, arrived_at: int) -> HttpResponse:
    """The place of somebody in the line, and the time that is left as it was measured."""
    arrived = datetime.fromtimestamp(arrived_at / 1000, UTC)
    left = in_words(standing.seconds)
    words = {
        "heading": _place_in_words(standing.before),
        "lede": f"Temps d’attente\u202f: {left}." if left else "Le temps d’attente s’affichera dans un instant.",
        "arrived": french.hour(arrived.astimezone(sheets.zone)),
    }
    return _page(request, "portal/waiting_room/line.html", standing.look_in, words)


def busy_page(request: HttpRequest) -> HttpResponse:
    """Everybody inside asks at once: come back in two seconds."""
    return _page(request, "portal/waiting_room/busy.html", SHORTEST_LOOK, {})


def _place_in_words(before: int) -> str:
    if before == 0:
        return "C’est bientôt à vous"
    return "Une famille est avant vous" if before == 1 else f"{before} familles sont avant vous"


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
    return f"environ {hours}\u202fh\u202f{rest:02d}"


def _page(request: HttpRequest, template: str, look_in: int, words: Mapping[str, str]) -> HttpResponse:
    there, is_by_hand, _ = page_behind(request).partition(_BY_HAND)
    there = there.rstrip("?&")
    values = {
        **words,
        "look_in": str(look_in),
        "there": there,
        "by_hand_url": f"{there}{'&' if '?' in there else '?'}{_BY_HAND}",
    }
    sheet = sheets.get(template, by_hand=bool(is_by_hand), was_sent=request.method not in {"GET", "HEAD"})
    page = _BLANK.sub(lambda blank: escape(values[blank[1]]), sheet)
    response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  (no error: Django would log each)
    response["Retry-After"] = str(look_in)
    response["Cache-Control"] = "no-store"
    response["X-Frame-Options"] = "DENY"
    return response
