"""Who comes on a day and what they eat: the lists of animators and cooks. Confirmed places only (C39).

A place held and not paid is named apart, and never counted.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from preau.domain.activities.models import Activity, ActivityGroup, Site
from preau.domain.activities.queries.agenda import agenda_of
from preau.domain.bookings.models import Booking
from preau.domain.bookings.states import LIVE_BOOKINGS, BookingState
from preau.domain.families.models import Diet
from preau.foundation import french

#: Names shown without being asked for: a school's list, not a town's.
MOST_NAMES = 150
_DAYS_AHEAD = 7
_MEAL = Q(unit__has_meal=True) | Q(activity__counts_meal=True)
_RANK = {diet.value: rank for rank, diet in enumerate(Diet)}

#: (activity id, group id or 0): one sheet.
SheetKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Attendee:
    """A child on a sheet. `hours`: empty for who is not booked by the hour. `diets`: the lawful words (rule 15)."""

    name: str
    class_name: str
    unit: str
    hours: str
    diets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One activity, or one of its groups, on a day. `closed`: why the day is closed, empty when it is open.

    `held` counts places not confirmed yet. The names are empty where `DayLists.has_names` is false.
    """

    activity: Activity
    group: ActivityGroup | None
    expected: int
    held: int
    meals: int
    closed: str
    present: tuple[Attendee, ...]
    unconfirmed: tuple[Attendee, ...]

    @property
    def title(self) -> str:
        return f"{self.activity.name}, {self.group.name}" if self.group else self.activity.name

    @property
    def has_units(self) -> bool:
        """Whether its children are booked in different ways."""
        return len({one.unit for one in (*self.present, *self.unconfirmed)}) > 1

    @property
    def has_hours(self) -> bool:
        return any(one.hours for one in self.present)


@dataclass(frozen=True, slots=True)
class KitchenRow:
    """Meals of one sheet; `by_diets` adds up to `meals`, plain meals under the empty words."""

    title: str
    meals: int
    by_diets: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Meals to serve at one site: its rows, then the sum of them. `baskets`: meals brought from home, not cooked."""

    site: Site
    rows: tuple[KitchenRow, ...]
    total: KitchenRow
    baskets: int

    @property
    def to_cook(self) -> int:
        return self.total.meals - self.baskets


@dataclass(frozen=True, slots=True)
class DayAhead:
    """Meals confirmed for one of the days that follow, site by site in the order of `DayLists.week_sites`."""

    day: date
    by_site: tuple[tuple[Site, int], ...]

    @property
    def total(self) -> int:
        return sum(meals for _, meals in self.by_site)


@dataclass(frozen=True, slots=True)
class DayLists:
    """Everything that the page of a day shows."""

    day: date
    sheets: tuple[Sheet, ...]
    kitchens: tuple[Kitchen, ...]
    week_sites: tuple[Site, ...]
    week: tuple[DayAhead, ...]
    has_names: bool

    @property
    def expected(self) -> int:
        return sum(sheet.expected for sheet in self.sheets)

    @property
    def held(self) -> int:
        return sum(sheet.held for sheet in self.sheets)


@dataclass(frozen=True, slots=True)
class DayFilters:
    """What is kept: public ids of a site and of an activity, name of a group; empty for all."""

    site: str = ""
    activity: str = ""
    group: str = ""

    @property
    def is_narrow(self) -> bool:
        return bool(self.site or self.activity)


def activities_on(regie_ids: Collection[int], day: date) -> list[Activity]:
    """Activities of these régies whose year holds a day, with their groups, by site; two queries."""
    rows = Activity.objects.filter(regie__in=regie_ids, first_day__lte=day, last_day__gte=day)
    ordered = rows.select_related("site").prefetch_related("groups")
    return list(ordered.order_by("site__position", "site__name", "position", "name"))


def day_lists(
    activities: Collection[Activity], *, day: date, filters: DayFilters, with_names: bool, zone: ZoneInfo
) -> DayLists:
    """The lists of a day, a number of queries that does not grow with the children.

    `activities` are those the agent may see (`activities_on`). Names come when they are asked for (`with_names`),
    when a site or an activity is chosen, or when they are few.
    """
    kept = [one for one in activities if _is_kept(one, filters)]
    counted = _counts(kept, day, filters)
    words = diet_words(_live(kept, day, filters))
    total = sum(counts.expected + counts.held for counts in counted.values())
    has_names = with_names or filters.is_narrow or total <= MOST_NAMES
    people = _people(_live(kept, day, filters), words) if has_names else {}
    agenda = agenda_of(kept, first=day, last=day, zone=zone)
    sheets = []
    for activity in kept:
        openness = agenda.openness(activity, day)
        for group in _groups(activity, counted, filters, is_open=openness.is_open):
            key = (activity.id, group.id if group else 0)
            counts, (present, unconfirmed) = counted.get(key, _Counts()), people.get(key, ((), ()))
            sheets.append(
                Sheet(
                    activity,
                    group,
                    counts.expected,
                    counts.held,
                    counts.meals,
                    openness.reason,
                    tuple(present),
                    tuple(unconfirmed),
                )
            )
    eaten = _diets_of_meals(kept, day, filters, words)
    return DayLists(day, tuple(sheets), _kitchens(sheets, eaten), *_week(kept, day, filters), has_names=has_names)


def _is_kept(activity: Activity, filters: DayFilters) -> bool:
    return filters.activity in {"", activity.public_id} and filters.site in {"", activity.site.public_id}


def _live(activities: Iterable[Activity], day: date, filters: DayFilters) -> QuerySet[Booking]:
    """Places taken on a day, confirmed or held."""
    rows = Booking.objects.filter(activity__in=[one.id for one in activities], day=day, state__in=LIVE_BOOKINGS)
    return rows.filter(group__name=filters.group) if filters.group else rows


@dataclass(slots=True)
class _Counts:
    expected: int = 0
    held: int = 0
    meals: int = 0


def _counts(activities: Iterable[Activity], day: date, filters: DayFilters) -> dict[SheetKey, _Counts]:
    rows = _live(activities, day, filters).order_by().values("activity_id", "group_id", "state")
    found: dict[SheetKey, _Counts] = {}
    for row in rows.annotate(n=Count("id"), meals=Count("id", filter=_MEAL)):
        counts = found.setdefault((row["activity_id"], row["group_id"] or 0), _Counts())
        if row["state"] == BookingState.CONFIRMED:
            counts.expected, counts.meals = row["n"], row["meals"]
        else:
            counts.held = row["n"]
    return found


def _groups(
    activity: Activity, counted: Mapping[SheetKey, _Counts], filters: DayFilters, *, is_open: bool
) -> list[ActivityGroup | None]:
    """Groups of an activity that have somebody; the activity itself when it is open and nobody comes."""
    wanted: list[ActivityGroup | None] = [None, *activity.groups.all()]
    found = [group for group in wanted if (activity.id, group.id if group else 0) in counted]
    return found or ([None] if is_open and not filters.group else [])


def diet_words(bookings: QuerySet[Booking]) -> dict[int, tuple[str, ...]]:
    """Words of the closed list said of each booked child, by booking id; children without any left out. One query."""
    found: dict[int, list[str]] = {}
    for booking_id, diet in bookings.filter(child__diets__isnull=False).values_list("id", "child__diets__diet"):
        found.setdefault(booking_id, []).append(diet)
    return {key: tuple(Diet(one).label for one in sorted(diets, key=_RANK.__getitem__)) for key, diets in found.items()}


_People = dict[SheetKey, tuple[list[Attendee], list[Attendee]]]


def _people(bookings: QuerySet[Booking], words: Mapping[int, tuple[str, ...]]) -> _People:
    """Who is confirmed and who is not yet, by sheet, in alphabetical order."""
    rows = bookings.select_related("child", "unit").order_by("child__last_name", "child__first_name", "id")
    found: _People = {}
    for row in rows:
        confirmed, held = found.setdefault((row.activity_id, row.group_id or 0), ([], []))
        (confirmed if row.state == BookingState.CONFIRMED else held).append(_attendee(row, words.get(row.id, ())))
    return found


def _attendee(booking: Booking, diets: tuple[str, ...]) -> Attendee:
    hours = ""
    if booking.starts_minute is not None and booking.ends_minute is not None:
        hours = f"{french.minute(booking.starts_minute)} – {french.minute(booking.ends_minute)}"
    child = booking.child
    return Attendee(
        name=f"{child.last_name} {child.first_name}",
        class_name=child.class_name or child.level,
        unit=booking.unit.name,
        hours=hours,
        diets=diets,
    )


def _diets_of_meals(
    activities: Iterable[Activity], day: date, filters: DayFilters, words: Mapping[int, tuple[str, ...]]
) -> dict[SheetKey, Counter[tuple[str, ...]]]:
    """How many confirmed meals of each sheet are for children of the same words; those without any left out."""
    rows = _live(activities, day, filters).filter(_MEAL, state=BookingState.CONFIRMED, child__diets__isnull=False)
    found: dict[SheetKey, Counter[tuple[str, ...]]] = {}
    for booking_id, activity_id, group_id in rows.values_list("id", "activity_id", "group_id").distinct():
        if booking_id in words:  # else said of the child since the words were read
            found.setdefault((activity_id, group_id or 0), Counter())[words[booking_id]] += 1
    return found


def _kitchens(sheets: Iterable[Sheet], eaten: Mapping[SheetKey, Counter[tuple[str, ...]]]) -> tuple[Kitchen, ...]:
    kitchens = []
    with_meals = [sheet for sheet in sheets if sheet.meals]
    for site, same in groupby(with_meals, key=lambda sheet: sheet.activity.site):
        theirs = list(same)
        counts = [eaten.get((one.activity.id, one.group.id if one.group else 0), Counter()) for one in theirs]
        diets = sorted({words for count in counts for words in count}, key=lambda words: (len(words), words))
        rows = tuple(_row(one.title, one.meals, count, diets) for one, count in zip(theirs, counts, strict=True))
        summed: Counter[tuple[str, ...]] = sum(counts, Counter())
        total = _row("Total", sum(one.meals for one in theirs), summed, diets)
        baskets = sum(n for words, n in summed.items() if Diet.OWN_BASKET.label in words)
        kitchens.append(Kitchen(site, rows, total, baskets))
    return tuple(kitchens)


def _row(title: str, meals: int, count: Mapping[tuple[str, ...], int], diets: Iterable[tuple[str, ...]]) -> KitchenRow:
    said = {", ".join(words): count.get(words, 0) for words in diets}
    return KitchenRow(title, meals, {"": meals - sum(said.values()), **said})


def _week(
    activities: Iterable[Activity], day: date, filters: DayFilters
) -> tuple[tuple[Site, ...], tuple[DayAhead, ...]]:
    """Meals confirmed from a day on, for a week; days and sites without any are left out."""
    sites = {one.site.id: one.site for one in activities}
    rows = Booking.objects.filter(
        _MEAL,
        activity__in=[one.id for one in activities],
        day__range=(day, day + timedelta(days=_DAYS_AHEAD - 1)),
        state=BookingState.CONFIRMED,
    )
    rows = rows.filter(group__name=filters.group) if filters.group else rows
    counted = {
        (row["day"], row["activity__site"]): row["n"]
        for row in rows.order_by().values("day", "activity__site").annotate(n=Count("id"))
    }
    kept = tuple(site for key, site in sites.items() if any(site_id == key for _, site_id in counted))
    days = sorted({when for when, _ in counted})
    return kept, tuple(DayAhead(when, tuple((site, counted.get((when, site.id), 0)) for site in kept)) for when in days)
