"""The places of an activity over a month, as an agent follows them: taken, wanted, enforced, waited for (U4)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, F

from preau.domain.activities.models import Activity, ActivityGroup, PlacesOfDay
from preau.domain.activities.queries.agenda import agenda_of
from preau.domain.bookings.models import Booking, WaitingEntry
from preau.domain.bookings.rules.slots import part_words, parts_sold
from preau.domain.bookings.states import LIVE_BOOKINGS, LIVE_WAITING


@dataclass(frozen=True, slots=True)
class CountOfPlaces:
    """One count followed over the days: a part of the day, of an activity or of one of its groups."""

    group: ActivityGroup | None
    part: str
    capacity: int
    label: str

    @property
    def key(self) -> tuple[int, str]:
        return (self.group.id if self.group else 0, self.part)


@dataclass(frozen=True, slots=True)
class DayOfPlaces:
    """One day of one count. `closed`: why the day is closed. `ceiling` is above `capacity` while more are sold (U4)."""

    day: date
    closed: str
    taken: int
    capacity: int
    ceiling: int
    waiting: int

    @property
    def excess(self) -> int:
        return max(self.taken - self.capacity, 0)

    @property
    def excess_words(self) -> str:
        return f"{self.excess} de trop" if self.excess else ""

    @property
    def left(self) -> int:
        return max(self.ceiling - self.taken, 0)


@dataclass(frozen=True, slots=True)
class Excess:
    """A day, present or to come, on which more is sold than the town wants."""

    day: date
    label: str
    taken: int
    capacity: int


@dataclass(frozen=True, slots=True)
class MonthOfPlaces:
    """The counts of an activity, one of them day by day, and every excess to come. `counts` is empty without limit."""

    counts: tuple[CountOfPlaces, ...]
    shown: CountOfPlaces | None
    days: tuple[DayOfPlaces, ...]
    excesses: tuple[Excess, ...]

    @property
    def open_days(self) -> tuple[DayOfPlaces, ...]:
        """Days drawn: open, or closed with places still taken."""
        return tuple(one for one in self.days if not one.closed or one.taken)


def counts_of(activity: Activity) -> tuple[CountOfPlaces, ...]:
    """Counts kept for an activity now: those of the whole first, then group by group."""
    parts = parts_sold(activity, activity.units.all())
    scopes: list[tuple[ActivityGroup | None, int | None]] = [(None, activity.capacity)]
    scopes += [(group, group.capacity) for group in activity.groups.all()]
    return tuple(
        CountOfPlaces(group, part, capacity, _label(group, part, parts))
        for group, capacity in scopes
        if capacity is not None
        for part in parts
    )


def _label(group: ActivityGroup | None, part: str, parts: Collection[str]) -> str:
    whom = group.name if group else "Toute l’activité"
    return f"{whom}, {part_words(part)}" if len(parts) > 1 else whom


def month_of_places(
    activity: Activity, *, first: date, last: date, chosen: int, today: date, zone: ZoneInfo
) -> MonthOfPlaces:
    """The days of one count (`chosen`: its rank; another shows the first); a number of queries that does not grow."""
    counts = counts_of(activity)
    shown = counts[chosen if 0 <= chosen < len(counts) else 0] if counts else None
    agenda = agenda_of([activity], first=first, last=last, zone=zone)
    rows = {row.day: row for row in _rows(activity, shown, first, last)} if shown else {}
    sold = {} if shown else _sold(activity, first, last)
    waiting = _waiting(activity, shown, first, last)
    days = []
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        row, taken = rows.get(day), sold.get(day, 0)
        usual = shown.capacity if shown else taken  # without limit, nothing is ever too many
        days.append(
            DayOfPlaces(
                day,
                agenda.openness(activity, day).reason,
                row.taken if row else taken,
                row.capacity if row else usual,
                row.ceiling if row else usual,
                waiting.get(day, 0),
            )
        )
    return MonthOfPlaces(counts, shown, tuple(days), tuple(_excesses(activity, counts, today)))


def _rows(activity: Activity, shown: CountOfPlaces, first: date, last: date) -> list[PlacesOfDay]:
    return list(
        PlacesOfDay.objects.filter(activity=activity, group=shown.group, part=shown.part, day__range=(first, last))
    )


def _sold(activity: Activity, first: date, last: date) -> dict[date, int]:
    rows = Booking.objects.filter(activity=activity, day__range=(first, last), state__in=LIVE_BOOKINGS)
    return dict(rows.order_by().values_list("day").annotate(n=Count("id")).values_list("day", "n"))


def _waiting(activity: Activity, shown: CountOfPlaces | None, first: date, last: date) -> dict[date, int]:
    rows = WaitingEntry.objects.filter(activity=activity, day__range=(first, last), state__in=LIVE_WAITING)
    if shown is not None and shown.group is not None:
        rows = rows.filter(group=shown.group)
    return dict(rows.order_by().values_list("day").annotate(n=Count("id")).values_list("day", "n"))


def _excesses(activity: Activity, counts: Collection[CountOfPlaces], today: date) -> list[Excess]:
    labels = {count.key: count.label for count in counts}
    rows = PlacesOfDay.objects.filter(activity=activity, day__gte=today, taken__gt=F("capacity"))
    return [
        Excess(row.day, labels.get((row.group_id or 0, row.part), part_words(row.part)), row.taken, row.capacity)
        for row in rows.order_by("day", "group", "part")
    ]


@dataclass(frozen=True, slots=True)
class ActivityPlaces:
    """One line of the list of activities: what waits for an agent. Days to come only."""

    activity: Activity
    excess_days: int
    waiting: int


def activities_with_places(regie_ids: Collection[int], *, today: date) -> list[ActivityPlaces]:
    """Activities not over yet, with the days sold beyond their capacity and the children who wait; three queries."""
    rows = Activity.objects.filter(regie__in=regie_ids, last_day__gte=today).select_related("site", "school_year")
    beyond = PlacesOfDay.objects.filter(activity__regie__in=regie_ids, day__gte=today, taken__gt=F("capacity"))
    excess = dict(
        beyond.order_by().values_list("activity").annotate(n=Count("day", distinct=True)).values_list("activity", "n")
    )
    waits = WaitingEntry.objects.filter(activity__regie__in=regie_ids, day__gte=today, state__in=LIVE_WAITING)
    waiting = dict(waits.order_by().values_list("activity").annotate(n=Count("id")).values_list("activity", "n"))
    ordered = rows.order_by("school_year__first_day", "site__position", "site__name", "position", "name")
    return [ActivityPlaces(one, excess.get(one.id, 0), waiting.get(one.id, 0)) for one in ordered]


def activity_of(regie_ids: Collection[int], *, activity_id: str) -> Activity:
    """An activity (public id) of these régies, with what its pages show; three queries.

    Raises:
        Activity.DoesNotExist: unknown, or another régie's (W11).
    """
    rows = Activity.objects.filter(regie__in=regie_ids).select_related("site", "school_year", "regie")
    return rows.prefetch_related("groups", "units").get(public_id=activity_id)
