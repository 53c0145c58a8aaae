"""Days and lists as French sentences write them; the spaces inside never break."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from django.utils import dateformat

NARROW, WIDE = "\u202f", "\u00a0"


def listed(names: Sequence[str]) -> str:
    """« Restauration, Garderie et ACM »; empty without a name."""
    *first, last = names or [""]
    return f"{', '.join(first)} et {last}" if first else last


def day_words(day: date, *, today: date | None = None) -> str:
    """« 13 octobre », « 1er novembre », with the year when it is not that of `today`."""
    year = f"{WIDE}{day.year}" if today and day.year != today.year else ""
    return f"{_number(day)}{WIDE}{dateformat.format(day, 'F')}{year}"


def days_words(days: Iterable[date]) -> str:
    """« 1er, 2 et 6 octobre ; 3 novembre »; empty without a day. A day named twice is written once."""
    months = groupby(sorted(set(days)), key=lambda day: (day.year, day.month))
    return f"{NARROW}; ".join(_month_words(list(same)) for _, same in months)


def span(first: date, last: date) -> str:
    """« du 1er au 14 octobre », « du 28 octobre au 3 novembre », « le 3 décembre »."""
    if first == last:
        return f"le {day_words(first)}"
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"du {_number(first) if same_month else day_words(first)} au {day_words(last)}"


def _month_words(days: list[date]) -> str:
    return f"{listed([_number(day) for day in days])}{WIDE}{dateformat.format(days[0], 'F')}"


def _number(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)
