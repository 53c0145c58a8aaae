"""How people come in when there are more of them than the machine can serve. Pure; instants in milliseconds."""

from bisect import bisect_left
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, exp

from preau.foundation.admission.gate import Load

#: Arrivals are counted by tenth of a second: 2,500 people in a minute are 600 numbers.
SLICE_MS = 100
#: Somebody who comes in is believed to ask for this many requests, most of them later, until the line taught better.
_USUAL_REQUESTS, _FEWEST_REQUESTS, _MOST_REQUESTS = 8.0, 2.0, 30.0
#: How fast the line teaches, by second: slower than a visit, or today's pace would answer to an old one.
_LEARNING = 0.005
#: Requests that work or wait, for each thread: what is aimed at. At none, people come in faster by `_SWING`, beyond it
#: more slowly; a wider swing answers the past too strongly, and people come in by waves.
_AIM, _SWING = 2.2, 0.4
#: Seconds of people who may come in at once while nobody waits, and how many in any case. First pages are light:
#: without this bound a crowd would be inside before its weight is felt.
_DOOR_SECONDS, _DOOR_LEAST = 6.0, 4.0
#: A request waits too long for this machine beyond this many times its own work.
_LONG_WAIT = 1.5
#: Seconds after which most of those who were invited and did not come are believed to be gone.
_FORGOTTEN_SECONDS = 10.0
#: A meeting invites for this many seconds at most, however long ago the one before was.
_MOST_SECONDS = 2.0
#: Until enough requests were served, one is believed to take this long.
_USUAL_SECONDS, _USUAL_WEIGHT, _MEMORY = 0.1, 20.0, 5000.0
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
    """How fast one process of `threads` lets people in: its time, divided by the work that each brings.

    The pace is steady and learns slowly: what somebody weighs is seen only once they have gone.
    """

    threads: int
    #: Mean seconds beyond which a request waits too long for its thread.
    wait_limit: float
    service: float = _USUAL_SECONDS
    requests_each: float = _USUAL_REQUESTS
    #: Invited people who have not come yet.
    expected: float = 0.0
    #: How many may still come in at once while nobody waits.
    entries: float = field(init=False)
    _weight: float = _USUAL_WEIGHT
    _left: float = 0.0

    def __post_init__(self) -> None:
        self.entries = self._most_entries

    @property
    def per_second(self) -> float:
        """People a second who keep all the threads busy."""
        return self.threads / (self.service * self.requests_each)

    @property
    def quickest(self) -> float:
        """People a second who may come in while the threads are idle."""
        return (1 + _SWING) * self.per_second

    def is_crowded(self, load: Load) -> bool:
        """Whether requests waited too long, both for a person and for this machine."""
        return load.wait > max(self.wait_limit, _LONG_WAIT * self.service)

    def learn(self, load: Load) -> None:
        """What a request takes."""
        if not load.served:
            return
        total = self.service * self._weight + load.busy
        self._weight += load.served
        self.service = total / self._weight
        self._weight = min(self._weight, _MEMORY)

    def open_door(self, load: Load) -> None:
        """Nobody waits: newcomers may come in at once, as many as were let in by now had there been a line."""
        self.expected = 0.0
        self.entries = min(self._most_entries, self.entries + self._people(load, load.seconds))

    def invite(self, load: Load, *, came: int) -> int:
        """How many of those who wait may come in; `came`: those invited who came meanwhile."""
        seconds = min(load.seconds, _MOST_SECONDS)
        surplus = max(-1.0, min(1.0, load.pressure - _AIM))
        learned = self.requests_each * exp(_LEARNING * seconds * surplus)
        self.requests_each = max(_FEWEST_REQUESTS, min(_MOST_REQUESTS, learned))
        self.expected = max(0.0, self.expected - came)
        gone = self.expected * min(1.0, load.seconds / _FORGOTTEN_SECONDS)
        self.expected -= gone
        wanted = self._people(load, seconds) + gone + self._left
        invited = int(wanted)
        self._left = wanted - invited
        return invited

    def note_invited(self, people: int) -> None:
        self.expected += people

    def note_entered(self) -> None:
        """Somebody came in at once."""
        self.entries -= 1

    def _people(self, load: Load, seconds: float) -> float:
        return self.per_second * seconds * max(0.0, 1 + _SWING * (1 - load.pressure / _AIM))

    @property
    def _most_entries(self) -> float:
        return max(_DOOR_LEAST, self.per_second * _DOOR_SECONDS)


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
