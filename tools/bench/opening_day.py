"""Opening day: thousands of families for a few places, half of them in the first seconds.

Sessions are open before. A visit is home, planning, edit, one draft, save, summary; its pages are read, not watched.
"""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from statistics import fmean, median, quantiles
from time import perf_counter as clock

from django.db.models import Count, F

from preau.domain.activities.models import PlacesOfDay
from preau.domain.bookings.models import Booking, BookingOrder
from preau.domain.bookings.states import LIVE_BOOKINGS
from preau.foundation.invariants import violations
from tests.support.fairness import inversions
from tools.bench import families, visitors
from tools.bench.families import PLACES, Family, Season
from tools.bench.figures import Figure, ratio
from tools.bench.visitors import Seen, Visitor

_FAULT = 500
_WAITS = 503


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
    #: Families of those visits.
    others: int = 3_000


class _Town:
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


def measure(port: int, free: int, size: Size | None = None) -> list[Figure]:
    """One person alone and as many as the machine serves best, before the rush and after it: machines tire.

    `port`: the portal; `free`: the same one without its waiting room, for the best.
    """
    town, alone = _Town(size or Size()), Seen()
    _alone(town, port, alone)
    bests = [_best(town, free)]
    rush = _rush(town, port)
    _alone(town, port, alone)
    bests.append(_best(town, free))
    best = fmean(bests)
    return [*_of_rush(town, rush), *_of_speed(town, alone, best, rush), *_of_books(town, rush)]


def _alone(town: _Town, port: int, seen: Seen) -> None:
    _one_by_one(town, port, Seen(), 3)  # what first visits fill
    _one_by_one(town, port, seen, town.size.alone)


def _one_by_one(town: _Town, port: int, seen: Seen, number: int) -> None:
    async def all_visits() -> None:
        for family in islice(town.others, number):
            await town.visitor(port, town.beside, family, seen, think=0).visit()

    visitors.together([(0.0, all_visits)])


def _best(town: _Town, free: int) -> float:
    """Visits ended in a second, for the crowd that the machine serves best."""
    _one_by_one(town, free, Seen(), 3)
    return max(_useful_work(town, free, crowd) for crowd in town.size.crowds)


def _useful_work(town: _Town, port: int, crowd: int) -> float:
    """Visits ended in a second by people who begin another as soon as they end one, the first third left out."""
    seen, began = Seen(), clock()
    ends = began + town.size.crowd_seconds

    async def one_after_the_other() -> None:
        while clock() < ends and (family := next(town.others, None)):
            await town.visitor(port, town.beside, family, seen, think=town.size.think).visit()

    visitors.together([(0.0, one_after_the_other) for _ in range(crowd)])
    settled = began + town.size.crowd_seconds / 3
    return sum(1 for end in seen.ends if settled < end <= ends) / (ends - settled)


def _rush(town: _Town, port: int) -> Seen:
    seen, size = Seen(), town.size
    half = len(town.families) // 2
    arrivals = sorted(
        [town.random.uniform(0, size.first_half) for _ in range(half)]
        + [town.random.uniform(size.first_half, size.all_in) for _ in range(len(town.families) - half)]
    )
    visits = [town.visitor(port, town.rush, family, seen, think=size.think).visit for family in town.families]
    visitors.together(list(zip(arrivals, visits, strict=True)))
    return seen


def visits_a_second(seen: Seen) -> float:
    """The pace of a crowd that ends: its first and last fifths are left out."""
    ends = sorted(seen.ends)
    first, last = ends[len(ends) // 5], ends[-len(ends) // 5]
    return sum(1 for end in ends if first < end <= last) / (last - first)


def _p95(seconds: Iterable[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _of_rush(town: _Town, rush: Seen) -> list[Figure]:
    number, label = town.size.families, "Opening day"
    entries = [entered for _, entered in sorted(rush.entries)]
    faults = sum(count for status, count in rush.by_status.items() if status >= _FAULT and status != _WAITS)
    return [
        Figure(f"{label}: families of {number} who saved", rush.outcomes.get("saved", 0), "visits"),
        Figure(f"{label}: families told that all is full", rush.outcomes.get("full", 0), "visits"),
        Figure(f"{label}: errors of ours", faults + rush.outcomes.get("fault", 0), "answers"),
        Figure(f"{label}: families who waited outside", rush.waited, f"of {number}"),
        Figure(f"{label}: waiting pages read", rush.looks / number, "by family"),
        Figure(f"{label}: requests of those inside put off", rush.put_off, "requests"),
        Figure(f"{label}: rank inversions", 100 * inversions(entries), "% of pairs"),
        *_of_told(rush),
    ]


def _of_told(rush: Seen) -> list[Figure]:
    told = [waited / seconds for seconds, waited in rush.told]
    if not told:
        return []
    return [Figure("Opening day: time waited", median(told), "× the time first told (median)")]


def _of_speed(town: _Town, alone: Seen, best: float, rush: Seen) -> list[Figure]:
    base = f"{town.size.alone} visits one after the other, before and after"
    pages = [
        ratio(
            f"Opening day: p95 of {page}",
            measured=_p95(rush.seconds[page]) * 1e6,
            base_measured=_p95(alone.seconds[page]) * 1e6,
            unit="× alone (µs)",
            base=base,
        )
        for page in alone.seconds
    ]
    offered = town.size.families / town.size.all_in
    return [
        ratio(
            "Opening day: p95 of all pages",
            measured=_p95(_all(rush)) * 1e6,
            base_measured=_p95(_all(alone)) * 1e6,
            unit="× alone (µs)",
            base=base,
        ),
        *pages,
        Figure("Opening day: visits offered", offered / best, "× the best useful work"),
        ratio(
            "Opening day: useful work under overload",
            measured=visits_a_second(rush) * 1e3,
            base_measured=best * 1e3,
            unit="× the best (visits in 1,000 s)",
            base=f"before and after, the best of {', '.join(map(str, town.size.crowds))} visits at a time",
        ),
    ]


def _all(seen: Seen) -> list[float]:
    return [seconds for page in seen.seconds.values() for seconds in page]


def _of_books(town: _Town, rush: Seen) -> list[Figure]:
    """What the database says in the end."""
    places = PlacesOfDay.objects.filter(activity=town.rush.wanted)
    live = Booking.objects.filter(activity=town.rush.wanted, state__in=LIVE_BOOKINGS)
    by_day = dict(live.values_list("day").annotate(Count("id")).order_by())
    oversold = sum(max(0, count - PLACES) for count in by_day.values())
    counted_wrong = sum(1 for row in places if row.taken != by_day.get(row.day, 0))
    saved = BookingOrder.objects.filter(household__in=[family.household for family in town.families])
    return [
        Figure("Opening day: oversold places", oversold, "places"),
        Figure("Opening day: days over their places", places.filter(taken__gt=F("capacity")).count(), "days"),
        Figure("Opening day: days counted wrong", counted_wrong, "days"),
        Figure("Opening day: places sold", live.count(), f"of {PLACES * len(town.rush.days)}"),
        Figure(
            "Opening day: acknowledged savings lost",
            rush.outcomes.get("saved", 0) - saved.values("household").distinct().count(),
            "families",
        ),
        *_of_invariants(),
    ]


def _of_invariants() -> list[Figure]:
    """How many statements are broken, and which: one figure for each."""
    broken = Counter(one.code for one in violations())
    told = [Figure(f"Opening day: {code} broken", count, "times") for code, count in sorted(broken.items())]
    return [Figure("Opening day: broken invariants", sum(broken.values()), "violations"), *told]
