"""Opening day: thousands of families for a few places, half of them in the first seconds.

Sessions are open before. A visit is home, planning, edit, one draft, save, summary; its pages are read, not watched.
A shared machine is not the same from one minute to the next. So one person alone is measured before the rush and after
it, and the machine's own speed all along; what the door costs to useful work is measured by turns of some two minutes,
each made of the best that is known without a door, then of a crowd of several times that behind the door.
"""

import random
from dataclasses import dataclass, field
from itertools import islice
from math import ceil
from time import perf_counter as clock

from tools.bench import families, visitors
from tools.bench.families import Family, Season
from tools.bench.machine import Machine, Stretch, watched
from tools.bench.visitors import Seen, Visitor


@dataclass(frozen=True)
class Size:
    """How many families, how they arrive (seconds), how long they read a page, and the days each wants."""

    families: int = 2_500
    first_half: float = 10
    all_in: float = 60
    think: float = 1.0
    days: int = 20
    wanted: int = 4
    alone: int = 30
    #: Visits at the same time when the best useful work is looked for, and how long.
    crowds: tuple[int, ...] = (6, 12, 24)
    crowd_seconds: float = 60
    #: Turns before the rush, and as many after it; how many times the best comes to the door, for how long.
    turns: int = 2
    overload: int = 4
    overload_seconds: float = 20
    #: Families of those visits.
    others: int = 4_000


class Town:
    """The season of the rush, and another one for what is measured beside it."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.random = random.Random(size.families)  # noqa: S311  (the same day at each run)
        self.rush = families.open_season("de juillet", days=size.days)
        self.beside = families.open_season("d’août", places=families.MANY_PLACES, days=size.days)
        self.families = families.settle(self.rush, size.families)
        self.others = iter(families.settle(self.beside, size.others))

    def visitor(self, port: int, season: Season, family: Family, seen: Seen, *, think: float) -> Visitor:
        days = [day.isoformat() for day in season.days]
        wishes = {
            season.wanted.public_id: set(self.random.sample(days, self.size.wanted)),
            season.canteen.public_id: set(self.random.sample(days, self.size.wanted)),
        }
        return Visitor(port, family.cookie, wishes, season.month.isoformat(), think, seen)


@dataclass(frozen=True)
class Turn:
    """The best crowd without a door, then some times as many people at the door."""

    best: float
    overloaded: float

    @property
    def share(self) -> float:
        """What is left of the best under overload."""
        return self.overloaded / self.best


@dataclass
class Bases:
    """What the rush is compared with: measured before it and after it."""

    alone: Seen = field(default_factory=Seen)
    alone_when: list[Stretch] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)

    def measure(self, town: Town, port: int, free: int, crowd: int) -> None:
        _one_by_one(town, port, Seen(), 3)  # what first visits fill
        began = clock()
        _one_by_one(town, port, self.alone, town.size.alone)
        self.alone_when.append(Stretch(began, clock()))
        self.turns += [_turn(town, port, free, crowd) for _ in range(town.size.turns)]


@dataclass(frozen=True)
class Day:
    """What was lived, and on what machine."""

    town: Town
    bases: Bases
    rush: Seen
    rush_when: Stretch
    machine: Machine


def live(port: int, free: int, size: Size | None = None) -> Day:
    """`port`: the portal; `free`: the same one without its waiting room, for the best that the machine serves."""
    town, bases = Town(size or Size()), Bases()
    with watched() as machine:
        crowd = _best_crowd(town, free)
        bases.measure(town, port, free, crowd)
        began = clock()
        rush = _rush(town, port)
        when = Stretch(began, clock())
        bases.measure(town, port, free, crowd)
    return Day(town, bases, rush, when, machine)


def _one_by_one(town: Town, port: int, seen: Seen, number: int) -> None:
    async def all_visits() -> None:
        for family in islice(town.others, number):
            await town.visitor(port, town.beside, family, seen, think=0).visit()

    visitors.together([(0.0, all_visits)])


def _best_crowd(town: Town, free: int) -> int:
    """How many visits at a time are served best."""
    _one_by_one(town, free, Seen(), 3)
    return max(town.size.crowds, key=lambda crowd: _useful_work(town, free, crowd))


def _turn(town: Town, port: int, free: int, crowd: int) -> Turn:
    best = _useful_work(town, free, crowd)
    return Turn(best, _overloaded(town, port, best))


def _useful_work(town: Town, port: int, crowd: int) -> float:
    """Visits ended in a second by people who begin another as soon as they end one; the first third is left out."""
    seen, began = Seen(), clock()
    ends = began + town.size.crowd_seconds

    async def one_after_the_other() -> None:
        while clock() < ends and (family := next(town.others, None)):
            await town.visitor(port, town.beside, family, seen, think=town.size.think).visit()

    visitors.together([(0.0, one_after_the_other) for _ in range(crowd)])
    settled = began + town.size.crowd_seconds / 3
    return sum(1 for end in seen.ends if settled < end <= ends) / (ends - settled)


def _overloaded(town: Town, port: int, best: float) -> float:
    """Visits ended in a second while some times the best work comes to the door."""
    seen, size = Seen(), town.size
    newcomers = list(islice(town.others, ceil(size.overload * best * size.overload_seconds)))
    arrivals = sorted(town.random.uniform(0, size.overload_seconds) for _ in newcomers)
    visits = [town.visitor(port, town.beside, family, seen, think=size.think).visit for family in newcomers]
    visitors.together(list(zip(arrivals, visits, strict=True)))
    return settled(seen)


def _rush(town: Town, port: int) -> Seen:
    seen, size = Seen(), town.size
    half = len(town.families) // 2
    arrivals = sorted(
        [town.random.uniform(0, size.first_half) for _ in range(half)]
        + [town.random.uniform(size.first_half, size.all_in) for _ in range(len(town.families) - half)]
    )
    visits = [town.visitor(port, town.rush, family, seen, think=size.think).visit for family in town.families]
    visitors.together(list(zip(arrivals, visits, strict=True)))
    return seen


def settled(seen: Seen) -> float:
    """Visits ended in a second by a crowd that ends: its first and last fifths are left out."""
    ends = sorted(seen.ends)
    first, last = ends[len(ends) // 5], ends[-len(ends) // 5]
    return sum(1 for end in ends if first < end <= last) / (last - first)
