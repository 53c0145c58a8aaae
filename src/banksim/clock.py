"""Simulated time: the machine's plus an offset kept in the database, so that a night passes in no time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from banksim import store

PARIS = ZoneInfo("Europe/Paris")
_OFFSET = "clock_offset_seconds"


def now() -> datetime:
    """The simulated instant, in UTC."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """How far the simulated clock is ahead of the machine's."""
    return timedelta(seconds=store.control(_OFFSET, 0))


def set_offset(seconds: float) -> None:
    """Put the simulated clock `seconds` ahead of the machine's (behind when negative)."""
    store.set_control(_OFFSET, seconds)


def shift(seconds: float) -> None:
    """Move the simulated clock from where it is."""
    set_offset(offset().total_seconds() + seconds)


def set_to(instant: datetime) -> None:
    """Make it `instant` (aware) now."""
    set_offset((instant - datetime.now(UTC)).total_seconds())
