"""What one process can do, as `preau serve` tells the processes it starts."""

import os
from collections.abc import MutableMapping
from dataclasses import dataclass

_THREADS, _PROCESSES = "PREAU_SERVING_THREADS", "PREAU_SERVING_PROCESSES"
#: Requests that may wait for a thread, for each thread, before others are asked to wait outside.
_OUTSIDE, _INSIDE = 4, 24
#: Threads kept to answer those who wait outside.
_SPARE = 16


@dataclass(frozen=True, slots=True)
class Capacity:
    """`threads` work at the same time in each of `processes`.

    No thread: another server started the process, and nothing is held back.
    """

    threads: int
    processes: int = 1

    @property
    def most_outside(self) -> int:
        """Requests that wait for a thread when newcomers begin to wait outside."""
        return self.threads * _OUTSIDE

    @property
    def most_inside(self) -> int:
        """Requests that wait when even those who came in are asked to come back in two seconds."""
        return self.threads * _INSIDE

    @property
    def server_threads(self) -> int:
        """Threads that the server must give: those that work, those that wait, those that ask to wait outside."""
        return self.threads + self.most_inside + _SPARE

    def announce(self, environment: MutableMapping[str, str] = os.environ) -> None:
        """Tell the processes to come; they may be forked or started anew, so the environment is the one way."""
        environment[_THREADS], environment[_PROCESSES] = str(self.threads), str(self.processes)


def announced(environment: MutableMapping[str, str] = os.environ) -> Capacity:
    return Capacity(int(environment.get(_THREADS, "0")), int(environment.get(_PROCESSES, "1")))
