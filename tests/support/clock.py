"""Time in tests stands still until the test moves it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

#: A Thursday of October, 15 h 35 in Paris, 9 h 35 in Martinique.
DEFAULT = datetime(2026, 10, 8, 13, 35, tzinfo=UTC)


class FrozenClock:
    """The one clock of the process, ours and Django's (sessions, signed links) alike."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def now(self) -> datetime:
        return datetime.now(UTC)

    def set(self, at: datetime) -> None:
        """Move to an aware instant."""
        if at.tzinfo is None:
            raise ValueError("an instant needs its zone")
        self._traveller.move_to(at, tick=False)

    def advance(self, **duration: float) -> None:
        """Move forward: `advance(minutes=29)`."""
        self.set(self.now() + timedelta(**duration))


@pytest.fixture
def frozen_clock() -> Iterator[FrozenClock]:
    """Time stopped at `DEFAULT`, to move with `set()` and `advance()`."""
    with time_machine.travel(DEFAULT, tick=False) as traveller:
        yield FrozenClock(traveller)
