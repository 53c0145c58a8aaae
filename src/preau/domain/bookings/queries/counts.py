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


def slots_of_booking(booking: Booking) -> list[Slot]:
    """The places that a booking takes; its `activity`, `group` and `unit` are loaded."""
    parts = parts_of(
        booking.unit,
        mode=booking.activity.unit_mode,
        starts_minute=booking.starts_minute,
        ends_minute=booking.ends_minute,
    )
    return slots_of(booking.activity, booking.group, booking.day, parts)


def slots_taken_by(bookings: Iterable[Booking], *, beside: Iterable[Booking] = ()) -> Counter[Slot]:
    """The places that bookings take beside those that others hold; `activity`, `group` and `unit` are loaded.

    A child takes a place once, however many bookings of the same day stand on it: while a day changes from one unit
    to another, both are live and what they share is one place.
    """
    held = {(booking.child_id, key_of(slot)) for booking in beside for slot in slots_of_booking(booking)}
    needs: Counter[Slot] = Counter()
    for booking in bookings:
        for slot in slots_of_booking(booking):
            if (place := (booking.child_id, key_of(slot))) not in held:
                held.add(place)
                needs[slot] += 1
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
    """Places that live bookings take, wherever there is a limit today; six queries whatever the bookings."""
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
    return sold - _shared_while_changing()


def _shared_while_changing() -> Counter[Slot]:
    """Places on which stand both the booking that leaves and the one that takes its day."""
    known = Booking.objects.filter(state__in=LIVE_BOOKINGS).select_related("activity", "group", "unit")
    leaving = {(one.child_id, one.activity_id, one.day): one for one in known.filter(is_leaving=True)}
    taking = known.filter(
        is_leaving=False,
        child__in={child for child, _, _ in leaving},
        activity__in={activity for _, activity, _ in leaving},
        day__in={day for _, _, day in leaving},
    )
    changed = [one for one in taking if (one.child_id, one.activity_id, one.day) in leaving]
    old = [leaving[one.child_id, one.activity_id, one.day] for one in changed]
    return slots_taken_by(changed) - slots_taken_by(changed, beside=old)
