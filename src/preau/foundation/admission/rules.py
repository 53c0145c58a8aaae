"""How people come in when there are more of them than the machine can serve. Pure; instants in milliseconds."""

from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from preau.foundation.admission.gate import Load

#: Arrivals are counted by tenth of a second: 2,500 people in a minute are 600 numbers.
SLICE_MS = 100
#: Newcomers a second are this share of the requests that the spare time could serve: whoever comes in asks for five or
#: six pages, most of them later (measured by `tests/simulation.py`; more overshoots, less leaves threads idle).
_SHARE = 0.3
#: What counts as spare time, in shares of the threads' time: above 1, so that people still come in when all are used;
#: `Pace.is_crowded` then says stop.
_FULL = 1.4
#: A request waits too long for this machine beyond this many times its own work.
_LONG_WAIT = 1.5
#: People invited ahead of time, in seconds of what could be served: who waits looks again two seconds later.
_AHEAD_SECONDS = 2.5
#: Seconds after which most of those who were invited and did not come are believed to be gone.
_FORGOTTEN_SECONDS = 10.0
#: Until enough requests were served, one is believed to take this long.
_USUAL_SECONDS, _USUAL_WEIGHT, _MEMORY = 0.05, 100.0, 5000.0
#: The pace of the line is measured over this many seconds.
_PACE_SECONDS = 30.0
SHORTEST_LOOK, LONGEST_LOOK = 2, 60


@dataclass(frozen=True, slots=True)
class Queue:
    """Who waits, counted by instant of arrival, oldest first; whoever arrived before `served_until` may come in."""

    served_until: int = 0
    invited: int = 0
    slices: tuple[tuple[int, int], ...] = ()

    @property
    def waiting(self) -> int:
        return sum(people for _, people in self.slices)

    def lets_in(self, arrived_at: int) -> bool:
        return arrived_at < self.served_until

    def before(self, arrived_at: int) -> int:
        """How many people arrived earlier and wait still; within a slice, people are believed evenly spread."""
        index = bisect_left(self.slices, (arrived_at,))
        whole = sum(people for _, people in self.slices[: max(0, index - 1)])
        if not index:
            return 0
        start, people = self.slices[index - 1]
        return whole + round(people * min(1.0, (arrived_at - start) / SLICE_MS))

    def joined(self, arrivals: Mapping[int, int]) -> "Queue":
        """With people more (start of slice to number of people); those whose turn is over already are let in."""
        slices = dict(self.slices)
        late = 0
        for start, people in arrivals.items():
            if start + SLICE_MS <= self.served_until:
                late += people
            else:
                slices[start] = slices.get(start, 0) + people
        return Queue(self.served_until, self.invited + late, tuple(sorted(slices.items())))

    def advanced(self, people: int) -> "Queue":
        """With the first `people` let in, by order of arrival."""
        left, until, slices = people, self.served_until, deque(self.slices)
        while left and slices:
            start, here = slices.popleft()
            if here <= left:
                left -= here
                until = max(until, start + SLICE_MS)
                continue
            # The line stops within this slice: as many milliseconds are let through as people.
            begins = max(start, until)
            until = begins + ceil((start + SLICE_MS - begins) * left / here)
            slices.appendleft((start, here - left))
            left = 0
        return Queue(until, self.invited + people - left, tuple(slices))


@dataclass(slots=True)
class Pace:
    """How many people one process lets in, from its spare time, those on their way counted."""

    #: Mean seconds beyond which a request waits too long for its thread.
    wait_limit: float
    service: float = _USUAL_SECONDS
    expected: float = 0.0
    _weight: float = _USUAL_WEIGHT
    _left: float = 0.0

    def is_crowded(self, load: Load) -> bool:
        """Whether requests waited too long, both for a person and for this machine."""
        return load.wait > max(self.wait_limit, _LONG_WAIT * self.service)

    def invite(self, load: Load, *, came: int) -> int:
        """How many more may come in; `came`: those invited who came meanwhile."""
        self._learn(load)
        self.expected = max(0.0, self.expected - came) * (1 - min(1.0, load.seconds / _FORGOTTEN_SECONDS))
        if self.is_crowded(load):
            return 0
        spare = _SHARE * (_FULL - load.occupancy) * load.threads / self.service
        wanted = spare * _AHEAD_SECONDS - self.expected + self._left
        invited = max(0, int(wanted))
        self._left = min(1.0, max(0.0, wanted - invited))
        return invited

    @property
    def quickest(self) -> float:
        """People a second that one idle thread would let in."""
        return _SHARE * _FULL / self.service

    def note_invited(self, people: int) -> None:
        self.expected += people

    def _learn(self, load: Load) -> None:
        if not load.served:
            return
        total = self.service * self._weight + load.busy
        self._weight += load.served
        self.service = total / self._weight
        self._weight = min(self._weight, _MEMORY)


@dataclass(slots=True)
class Speed:
    """The pace of the line, measured: people let in, by second, over the last half minute."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, at: float, invited: int) -> None:
        self._seen.append((at, invited))
        while at - self._seen[0][0] > _PACE_SECONDS:
            self._seen.popleft()

    def forget(self) -> None:
        """Nobody waits: what was measured says nothing of the next line."""
        self._seen.clear()

    @property
    def per_second(self) -> float:
        """0 when it is not known."""
        if not self._seen:
            return 0.0
        (began, first), (ended, last) = self._seen[0], self._seen[-1]
        return (last - first) / (ended - began) if ended > began else 0.0


def seconds_left(before: int, per_second: float) -> int | None:
    """How long somebody still waits, as measured; None while nothing was measured."""
    return ceil((before + 1) / per_second) if per_second > 0 else None


def next_look(before: int, left: int | None, *, quickest: float) -> int:
    """In how many seconds to look again: more often near the front, so that people come in in their order.

    A line that stood still may move again at once: whoever the `quickest` pace (people a second) would reach soon
    looks often, even if a long wait is told.
    """
    seconds = before / max(quickest, 1.0)
    if left is not None:
        seconds = min(seconds, left / 2)
    return max(SHORTEST_LOOK, min(LONGEST_LOOK, int(seconds)))
