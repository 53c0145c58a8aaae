"""How many places are left."""

from collections import Counter
from collections.abc import Iterable

from preau.domain.activities.models import PlacesOfDay
from preau.domain.bookings.queries.counts import booked_in, key_of
from preau.domain.bookings.rules.slots import Slot


def places_left(slots: Iterable[Slot]) -> dict[Slot, int]:
    """Places left in each slot; two queries whatever their number, the second for those that were never counted."""
    wanted = set(slots)
    if not wanted:
        return {}
    rows = PlacesOfDay.objects.filter(
        activity__in={slot.activity_id for slot in wanted},
        day__range=(min(slot.day for slot in wanted), max(slot.day for slot in wanted)),
    )
    left = {(row.day, row.activity_id, row.group_id or 0, row.part): row.ceiling - row.taken for row in rows}
    uncounted = [slot for slot in wanted if key_of(slot) not in left]
    booked = booked_in(uncounted) if uncounted else Counter()
    return {slot: left.get(key_of(slot), slot.capacity - booked[key_of(slot)]) for slot in wanted}


def has_room(slots: Iterable[Slot]) -> bool:
    """Whether each of these slots has a place left."""
    return all(left > 0 for left in places_left(slots).values())
