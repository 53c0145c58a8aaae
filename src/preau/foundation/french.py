"""Days and hours as French readers expect them, with spaces that never break a line.

Values are already in the zone of their readers: nothing here converts an instant.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import groupby

_NARROW, _WIDE = "\u202f", "\u00a0"
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def weekday(value: date) -> str:
    """« mardi »."""
    return WEEKDAYS[value.weekday()]


def day(value: date) -> str:
    """« 13 octobre 2026 », « 1er novembre 2026 »."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{_WIDE}{MONTHS[value.month - 1]} {value.year}"


def weekday_and_day(value: date) -> str:
    """« mardi 10 novembre », « dimanche 1er novembre »: for days near enough to need no year."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{WEEKDAYS[value.weekday()]} {number}{_WIDE}{MONTHS[value.month - 1]}"


def month(value: date) -> str:
    """« octobre 2026 »."""
    return f"{MONTHS[value.month - 1]} {value.year}"


def hour(value: datetime | time) -> str:
    """« 14 h 32 », « 9 h 05 »."""
    return f"{value.hour}{_NARROW}h{_NARROW}{value.minute:02d}"


def minute(value: int) -> str:
    """A minute after midnight: 545 is « 9 h 05 »."""
    return f"{value // 60}{_NARROW}h{_NARROW}{value % 60:02d}"


def days_listed(days: Iterable[date], *, most: int = 12) -> str:
    """« le mardi 17 novembre 2026 », « les 16, 17 et 19 novembre 2026 ; 1er décembre 2026, et 40 autres jours »."""
    named = sorted(set(days))
    if len(named) == 1:
        return f"le {weekday(named[0])} {day(named[0])}"
    shown, left = named[:most], len(named) - most
    months = groupby(shown, key=lambda one: (one.year, one.month))
    words = f"{_NARROW}; ".join(_days_of_month(list(same)) for _, same in months)
    rest = "" if left <= 0 else f", et {left} autre{'s' * (left > 1)} jour{'s' * (left > 1)}"
    return f"les {words}{rest}"


def _days_of_month(days: list[date]) -> str:
    *first, last = ["1er" if one.day == 1 else str(one.day) for one in days]
    numbers = f"{', '.join(first)} et {last}" if first else last
    return f"{numbers}{_WIDE}{month(days[0])}"
