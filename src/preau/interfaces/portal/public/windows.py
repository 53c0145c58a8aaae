"""Payment windows as the public table shows them (L20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from django.utils import dateformat

from preau.domain.regies.models import PaymentWindow
from preau.interfaces.portal.words import listed, span

#: A school year is prepared from August on.
_AUGUST = 8


@dataclass(frozen=True, slots=True)
class WindowRow:
    """« Juin et juillet », « du 6 au 19 mai », and where today stands."""

    months: str
    days: str
    state: Literal["past", "open", "coming"]


@dataclass(frozen=True, slots=True)
class WindowTable:
    """The windows of some régies for a school year: « Restauration, Garderie et ACM », « 2026–2027 »."""

    regies: str
    school_year: str
    rows: tuple[WindowRow, ...]


def school_year_start(day: date) -> date:
    """The 1st of August that begins the school year of a day."""
    return date(day.year if day.month >= _AUGUST else day.year - 1, _AUGUST, 1)


def window_tables(windows: Iterable[PaymentWindow], *, today: date) -> list[WindowTable]:
    """One table per set of régies and school year, rows in the order of their first day."""
    by_table = groupby(sorted(windows, key=lambda window: (*_table(window), window.first_day)), key=_table)
    return [
        WindowTable(regies, f"{start.year}–{start.year + 1}", tuple(_row(window, today) for window in same))
        for (start, regies), same in by_table
    ]


def _table(window: PaymentWindow) -> tuple[date, str]:
    months = [billed.month for billed in window.months.all()] or [window.first_day]
    return school_year_start(months[0]), listed([regie.label for regie in window.regies.all()])


def _row(window: PaymentWindow, today: date) -> WindowRow:
    state: Literal["past", "open", "coming"] = "open" if window.holds(today) else "coming"
    return WindowRow(
        months=listed([dateformat.format(billed.month, "F") for billed in window.months.all()]).capitalize(),
        days=span(window.first_day, window.last_day),
        state="past" if window.last_day < today else state,
    )
