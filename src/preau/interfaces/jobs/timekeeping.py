"""A machine's clock may jump: nothing may end by its date until it is sure again (D6)."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from preau.foundation import clock

logger = logging.getLogger(__name__)

#: A larger move between two looks is no drift: somebody, or something, set the clock.
_JUMP = timedelta(minutes=10)
#: Seconds without another jump after which the clock is believed again.
_REST_SECONDS = 600.0


class Timekeeper:
    """Compares the wall clock with the monotonic one at each look."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen = (clock.now(), monotonic())
        self._wary_until = float("-inf")

    def trusts_the_clock(self) -> bool:
        """Whether what ends by its date may end now; a jump is told once, in the log."""
        (wall, ticks), self._seen = self._seen, (clock.now(), self._monotonic())
        jump = (self._seen[0] - wall) - timedelta(seconds=self._seen[1] - ticks)
        if abs(jump) >= _JUMP:
            self._wary_until = self._seen[1] + _REST_SECONDS
            logger.error("the clock moved by %s: nothing is freed, closed or reconciled for ten minutes", jump)
        return self._seen[1] >= self._wary_until
