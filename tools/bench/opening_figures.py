"""What an opening day says: what was refused and to whom, how long pages took, what the books hold in the end."""

from collections import Counter
from collections.abc import Iterable
from statistics import fmean, median, quantiles

from django.db.models import Count, F

from preau.domain.activities.models import PlacesOfDay
from preau.domain.bookings.models import Booking, BookingOrder
from preau.domain.bookings.states import LIVE_BOOKINGS
from preau.foundation.invariants import violations
from tests.support.fairness import inversions
from tools.bench.families import PLACES
from tools.bench.figures import Figure, ratio
from tools.bench.opening_day import Bases, Day, Town, live, settled
from tools.bench.visitors import Seen

_FAULT = 500
_WAITS = 503


def measure(port: int, free: int) -> list[Figure]:
    """`port`: the portal; `free`: the same one without its waiting room."""
    day = live(port, free)
    return [
        *_of_rush(day.town, day.rush),
        *_of_pages(day.town, day.bases, day.rush),
        *_at_equal_speed(day),
        *_of_work(day),
        *_of_books(day.town, day.rush),
    ]


def _p95(seconds: Iterable[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def _of_rush(town: Town, rush: Seen) -> list[Figure]:
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


def _of_pages(town: Town, bases: Bases, rush: Seen) -> list[Figure]:
    alone, base = bases.alone, f"{town.size.alone} visits one after the other, before and after"

    def compared(name: str, rushed: list[float], quiet: list[float]) -> Figure:
        measured, base_measured = (_p95(seconds) * 1e6 for seconds in (rushed, quiet))
        return ratio(
            f"Opening day: p95 of {name}",
            measured=measured,
            base_measured=base_measured,
            unit="× alone (µs)",
            base=base,
        )

    return [
        compared("all pages", _all(rush), _all(alone)),
        *(compared(page, rush.seconds[page], alone.seconds[page]) for page in alone.seconds),
    ]


def _at_equal_speed(day: Day) -> list[Figure]:
    """The same, freed from what the machine's neighbours took from it meanwhile."""
    machine, bases = day.machine, day.bases
    meanwhile, alone = machine.speed(day.rush_when), machine.speed(*bases.alone_when)
    return [
        Figure("Opening day: the machine’s own speed", meanwhile / alone, "× that of the visits alone"),
        ratio(
            "Opening day: p95 of all pages, equal speed",
            measured=_p95(_all(day.rush)) * meanwhile * 1e6,
            base_measured=_p95(_all(bases.alone)) * alone * 1e6,
            unit="× alone (additions)",
            base="seconds times additions in a second",
        ),
    ]


def _of_work(day: Day) -> list[Figure]:
    """Visits ended in a second behind the door: under a known overload, turn by turn, then in the rush itself."""
    size, turns = day.town.size, day.bases.turns
    best = fmean(turn.best for turn in turns)
    return [
        ratio(
            f"Opening day: useful work at {size.overload} × overload",
            measured=fmean(turn.overloaded for turn in turns) * 1e3,
            base_measured=best * 1e3,
            unit="× the best (visits in 1,000 s)",
            base=f"{len(turns)} turns, each beside the best of {', '.join(map(str, size.crowds))} visits at a time",
        ),
        *(
            Figure(f"Opening day: turn {number} of {len(turns)}", turn.share, "× the best of that turn")
            for number, turn in enumerate(turns, start=1)
        ),
        Figure("Opening day: visits offered in the rush", size.families / size.all_in / best, "× the best"),
        ratio(
            "Opening day: useful work in the rush",
            measured=settled(day.rush) * 1e3,
            base_measured=best * 1e3,
            unit="× the best (visits in 1,000 s)",
            base="the turns before and after",
        ),
    ]


def _all(seen: Seen) -> list[float]:
    return [seconds for page in seen.seconds.values() for seconds in page]


def _of_books(town: Town, rush: Seen) -> list[Figure]:
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
