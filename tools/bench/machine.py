"""How fast the machine itself is meanwhile: a shared one may be half as fast from one minute to the next."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import fmean
from time import perf_counter as clock
from time import thread_time

_EVERY_SECONDS = 0.5
#: About three milliseconds of a processor.
_ADDITIONS = 20_000


@dataclass(frozen=True)
class Stretch:
    """What was measured from one instant to another."""

    began: float
    ended: float


@dataclass
class Machine:
    """Asks the machine for the same small work all along: what changes is not ours."""

    #: (instant, additions in a microsecond of processor).
    _samples: list[tuple[float, float]] = field(default_factory=list)

    def speed(self, *stretches: Stretch) -> float:
        """Mean additions in a microsecond of processor: only good to compare stretches with each other."""
        return fmean(
            speed for at, speed in self._samples if any(stretch.began <= at <= stretch.ended for stretch in stretches)
        )

    def sample(self) -> None:
        began, total = thread_time(), 0
        for number in range(_ADDITIONS):
            total += number
        self._samples.append((clock(), _ADDITIONS / (thread_time() - began) / 1e6))


@contextmanager
def watched() -> Iterator[Machine]:
    """Sample the speed of the machine in a thread of its own, which its neighbours cannot make look slower."""
    machine, is_over = Machine(), threading.Event()

    def sample_until_over() -> None:
        while not is_over.wait(_EVERY_SECONDS):
            machine.sample()

    thread = threading.Thread(target=sample_until_over, daemon=True)
    thread.start()
    try:
        yield machine
    finally:
        is_over.set()
        thread.join()
