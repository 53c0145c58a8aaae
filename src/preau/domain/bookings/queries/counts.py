"""What each count of places should say, from the bookings themselves (I14)."""

from collections import Counter
from collections.abc import Collection, Iterable
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


def slots_taken_by(bookings: Iterable[Booking]) -> Counter[Slot]:
    """The places that bookings take; `activity`, `group` and `unit` are loaded."""
    needs: Counter[Slot] = Counter()
    for booking in bookings:
        parts = parts_of(
            booking.unit,
            mode=booking.activity.unit_mode,
            starts_minute=booking.starts_minute,
            ends_minute=booking.ends_minute,
        )
        needs.update(slots_of(booking.activity, booking.group, booking.day, parts))
    return needs


def booked_in(slots: Collection[Slot]) -> Counter[CountKey]:
    """What was booked while nothing limited these places: a limit set later counts them from the start."""
    live = Booking.objects.filter(
        activity__in={slot.activity_id for slot in slots},
        day__in={slot.day for slot in slots},
        state__in=LIVE_BOOKINGS,
    ).select_related("activity", "group", "unit")
    held: Counter[CountKey] = Counter()
    for slot, taken in slots_taken_by(live).items():
        held[key_of(slot)] = taken
    return held


def places_sold() -> Counter[Slot]:
    """Places that live bookings take, wherever there is a limit today; four queries whatever the bookings."""
    rows = Booking.objects.filter(state__in=LIVE_BOOKINGS)
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
