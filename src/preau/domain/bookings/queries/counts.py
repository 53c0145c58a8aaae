"""What each count of places should say, from the bookings themselves (I14)."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q, QuerySet

from preau.domain.activities.models import Activity, ActivityGroup, PlacesOfDay, Unit
from preau.domain.bookings.models import Booking
from preau.domain.bookings.rules.slots import Slot, parts_of, slots_of
from preau.domain.bookings.states import LIVE_BOOKINGS

#: Day, activity id, group id or 0, part of the day: what names a count of places.
CountKey = tuple[date, int, int, str]


def key_of(slot: Slot) -> CountKey:
    return (slot.day, slot.activity_id, slot.group_id, slot.part)


def limited_counts() -> QuerySet[PlacesOfDay]:
    """Counts that a limit still asks for; those of a limit that was lifted are read by nobody."""
    of_activity = Q(group__isnull=True, activity__capacity__isnull=False)
    return PlacesOfDay.objects.filter(of_activity | Q(group__capacity__isnull=False))


def places_sold(activities: Iterable[Activity] | None = None) -> dict[Slot, int]:
    """Places that live bookings take, wherever there is a limit today; four queries whatever the bookings."""
    rows = Booking.objects.filter(state__in=LIVE_BOOKINGS)
    if activities is not None:
        rows = rows.filter(activity__in=[one.id for one in activities])
    same = ("activity_id", "group_id", "unit_id", "day", "starts_minute", "ends_minute")
    known, groups, units = Activity.objects.in_bulk(), ActivityGroup.objects.in_bulk(), Unit.objects.in_bulk()
    sold: Counter[Slot] = Counter()
    for activity_id, group_id, unit_id, day, starts, ends, n in (
        rows.order_by().values_list(*same).annotate(n=Count("id")).values_list(*same, "n")
    ):
        activity = known[activity_id]
        parts = parts_of(units[unit_id], mode=activity.unit_mode, starts_minute=starts, ends_minute=ends)
        for slot in slots_of(activity, groups.get(group_id) if group_id else None, day, parts):
            sold[slot] += n
    return sold
