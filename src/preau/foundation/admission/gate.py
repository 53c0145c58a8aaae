"""The threads of one process, and who waits for one: what is measured here says whether the machine is full."""

import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count


class Rank(IntEnum):
    """Who is served first when requests wait for a thread."""

    MONEY = 0  #: a bank's word, a payment under way: never refused
    INSIDE = 1  #: somebody who came in already
    OUTSIDE = 2  #: everybody else


@dataclass(frozen=True, slots=True)
class Load:
    """What one process did in some seconds. `busy` and `waited` are sums, in seconds, over its threads and requests."""

    seconds: float
    threads: int
    served: int
    busy: float
    waited: float

    @property
    def occupancy(self) -> float:
        """Share of the threads' time that was used, from 0 to 1."""
        return self.busy / (self.seconds * self.threads) if self.seconds else 0.0

    @property
    def pressure(self) -> float:
        """Requests that worked or waited, for each thread, on average."""
        return (self.busy + self.waited) / (self.seconds * self.threads) if self.seconds else 0.0

    @property
    def wait(self) -> float:
        """Mean seconds that a request waited for a thread."""
        return self.waited / self.served if self.served else 0.0


class Gate:
    """At most `threads` requests work at the same time; the others wait in their thread, by rank then by arrival.

    The server gives one thread to each request that waits, so that what waits can be counted, and refused in time.
    """

    def __init__(self, threads: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.threads = threads
        self._clock = clock
        self._lock = threading.Lock()
        self._used = 0
        self._turn = count()
        self._queue: list[tuple[Rank, int, threading.Lock]] = []
        self._seen_at = self._since = clock()
        self._busy = self._waited = 0.0
        self._served = 0

    @property
    def waiting(self) -> int:
        """Requests that wait for a thread now."""
        return len(self._queue)

    def enter(self, rank: Rank, *, most: int | None = None) -> bool:
        """Take a thread, waiting for it if others work; False at once when `most` requests wait already."""
        asked_at = self._clock()
        with self._lock:
            if self._used < self.threads:
                self._note(asked_at)
                self._used += 1
                return True
            if most is not None and len(self._queue) >= most:
                return False
            turn = threading.Lock()
            turn.acquire()
            heapq.heappush(self._queue, (rank, next(self._turn), turn))
        turn.acquire()  # released by who hands its thread over
        with self._lock:
            self._waited += self._clock() - asked_at
        return True

    def leave(self) -> None:
        """Hand the thread to the next one, or free it."""
        with self._lock:
            self._note(self._clock())
            self._served += 1
            if self._queue:
                heapq.heappop(self._queue)[2].release()
            else:
                self._used -= 1

    def take_load(self) -> Load:
        """What was done since this was last asked."""
        with self._lock:
            now = self._clock()
            self._note(now)
            load = Load(now - self._since, self.threads, self._served, self._busy, self._waited)
            self._since, self._served, self._busy, self._waited = now, 0, 0.0, 0.0
        return load

    def _note(self, now: float) -> None:
        self._busy += self._used * (now - self._seen_at)
        self._seen_at = now
