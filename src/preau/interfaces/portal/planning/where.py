"""Where in the planning a page is: which child, which view, which day; kept in its address (C21)."""

import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from preau.domain.bookings.rules.periods import Period, View, period_of
from preau.domain.families.models import Child

_PUBLIC_ID = re.compile(r"[0-9A-Za-z_-]{22}")
_FORM_KEY = re.compile(r"[0-9A-Za-z_-]{1,64}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Years that a planning may show: outside, nothing was ever opened.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def public_id_of(text: str) -> str:
    """The public id that a text is; empty when it is none, so that nothing odd reaches the database (F3)."""
    return text if _PUBLIC_ID.fullmatch(text) else ""


def form_key_of(text: str) -> str:
    """The key of a click that a text is; empty when it is none."""
    return text if _FORM_KEY.fullmatch(text) else ""


def day_of(text: str) -> date | None:
    """A day written as 2026-11-16; None for anything else."""
    if not _ISO.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


@dataclass(frozen=True, slots=True)
class Where:
    """`child_id` (public) is empty for the first child."""

    child_id: str
    view: View
    day: date
    today: date

    @property
    def period(self) -> Period:
        return period_of(self.view, self.day)

    @property
    def query(self) -> str:
        """The same place, for an address."""
        fields = {"enfant": self.child_id, "vue": str(self.view), "jour": self.day.isoformat()}
        return urlencode({name: value for name, value in fields.items() if value})

    def at(self, day: date) -> "Where":
        return replace(self, day=day)

    def seen_as(self, view: View) -> "Where":
        return replace(self, view=view)

    def of(self, child: Child) -> "Where":
        return replace(self, child_id=child.public_id)


def where_of(asked: QueryDict, *, today: date) -> Where:
    """The place that an address or a form names; what means nothing falls back to today, the month, the first child."""
    view = asked.get("vue", "")
    return Where(
        child_id=public_id_of(asked.get("enfant", "")),
        view=View(view) if view in View.values else View.MONTH,
        day=day_of(asked.get("jour", "")) or today,
        today=today,
    )
