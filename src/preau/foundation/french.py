"""Days and hours as French readers expect them, with spaces that never break a line.

Values are already in the zone of their readers: nothing here converts an instant.
"""

from datetime import date, datetime, time

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
