"""The only clock of the program: instants in UTC, replaceable by tests.

School days are plain dates; turning an instant into a date needs the town's zone, so no function here guesses it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _source()


def today(zone: ZoneInfo) -> date:
    """The calendar day that people living in `zone` read on their wall now."""
    return now().astimezone(zone).date()


def shift(by: timedelta) -> None:
    """Move the whole process's clock (crash campaign only, see config/apps.py)."""
    global _source  # noqa: PLW0603  (one process, one clock: that is the point)
    _source = lambda: _system() + by  # noqa: E731  (a named function would say no more)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at an aware instant (tests, demonstrations of a past day)."""
    global _source  # noqa: PLW0603  (one process, one clock: that is the point)
    if at.tzinfo is None:
        raise ValueError("frozen() needs an aware instant")
    before, _source = _source, lambda: at.astimezone(UTC)
    try:
        yield
    finally:
        _source = before
