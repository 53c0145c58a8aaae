"""Selling and giving back places: the conditional update is the barrier (design 4.7, E.4.1).

Locks: the counts of places, by day then activity, group and part; always in that order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from preau.domain.activities.models import Activity, ActivityGroup, PlacesOfDay
from preau.domain.bookings.errors import FullError
from preau.domain.bookings.models import Booking
from preau.domain.bookings.rules.slots import Slot, parts_of, slots_of
from preau.domain.bookings.states import LIVE_BOOKINGS
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record


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


def take(needs: Mapping[Slot, int], *, is_forced: bool = False) -> None:
    """Take places, all or none, in the caller's transaction; the number of queries does not grow with the days.

    `is_forced`: an agent's derogation raises the ceiling rather than refuse (U12).

    Raises:
        FullError: with the slots that have no room; nothing was taken.
    """
    if not needs:
        return
    rows = _locked(needs)
    full = tuple(slot for slot, n in needs.items() if rows[_key(slot)].taken + n > rows[_key(slot)].ceiling)
    if full and not is_forced:
        raise FullError(full)
    # One statement per number of places asked: nearly always one.
    for asked in sorted(set(needs.values())):
        ids = [rows[_key(slot)].id for slot, n in needs.items() if n == asked]
        places = PlacesOfDay.objects.filter(id__in=ids)
        if is_forced:
            places.update(taken=F("taken") + asked, ceiling=Greatest(F("ceiling"), F("taken") + asked))
        elif places.filter(taken__lte=F("ceiling") - asked).update(taken=F("taken") + asked) < len(ids):
            raise FullError(tuple(needs))


def give_back(needs: Mapping[Slot, int]) -> None:
    """Give places back; a ceiling raised above the capacity comes down with them (U4)."""
    if not needs:
        return
    rows = _locked(needs)
    for given in sorted(set(needs.values())):
        ids = [rows[_key(slot)].id for slot, n in needs.items() if n == given]
        PlacesOfDay.objects.filter(id__in=ids).update(
            taken=F("taken") - given, ceiling=Greatest(F("capacity"), F("taken") - given)
        )


_Key = tuple[object, int, int, str]


def _key(slot: Slot) -> _Key:
    return (slot.day, slot.activity_id, slot.group_id, slot.part)


def _locked(slots: Iterable[Slot]) -> dict[_Key, PlacesOfDay]:
    """The rows of these slots, locked in order; where none is yet, opened at the usual capacity with what is booked."""
    wanted = sorted(slots)
    rows = _find(wanted)
    missing = [slot for slot in wanted if _key(slot) not in rows]
    if missing:
        held = _already_taken(missing)
        PlacesOfDay.objects.bulk_create(
            [
                PlacesOfDay(
                    activity_id=slot.activity_id,
                    group_id=slot.group_id or None,
                    day=slot.day,
                    part=slot.part,
                    capacity=slot.capacity,
                    ceiling=max(slot.capacity, held[_key(slot)]),
                    taken=held[_key(slot)],
                )
                for slot in missing
            ],
            ignore_conflicts=True,
        )
        rows = _find(wanted)
    return rows


def _already_taken(slots: Sequence[Slot]) -> Counter[_Key]:
    """What was booked while nothing limited these places: a limit set later counts them from the start."""
    live = Booking.objects.filter(
        activity__in={slot.activity_id for slot in slots},
        day__in={slot.day for slot in slots},
        state__in=LIVE_BOOKINGS,
    ).select_related("activity", "group", "unit")
    held: Counter[_Key] = Counter()
    for slot, taken in slots_taken_by(live).items():
        held[_key(slot)] = taken
    return held


def _find(slots: Sequence[Slot]) -> dict[_Key, PlacesOfDay]:
    days, activities = {slot.day for slot in slots}, {slot.activity_id for slot in slots}
    keys = {_key(slot) for slot in slots}
    rows = (
        PlacesOfDay.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            Q(group__isnull=True) | Q(group__in={slot.group_id for slot in slots}),
            activity__in=activities,
            day__in=days,
            part__in={slot.part for slot in slots},
        )
        .order_by("day", "activity", "group", "part")
    )
    found = {(row.day, row.activity_id, row.group_id or 0, row.part): row for row in rows}
    return {key: row for key, row in found.items() if key in keys}


@transaction.atomic
def set_capacity(
    *, activity: Activity, group: ActivityGroup | None, days: Iterable[date], part: str, capacity: int, by: Actor
) -> int:
    """Set the places of some days; what is sold beyond stays (U4). How many days now hold more than they should.

    Whoever waits is offered a raised capacity by the caller (`waiting.offer_places`).
    """
    days = list(days)
    slots = [Slot(day, activity.id, group.id if group else 0, part, capacity) for day in days]
    rows = _locked(slots)
    ids = [row.id for row in rows.values()]
    PlacesOfDay.objects.filter(id__in=ids).update(capacity=capacity, ceiling=Greatest(capacity, F("taken")))
    excess = PlacesOfDay.objects.filter(id__in=ids, taken__gt=F("capacity")).count()
    record(
        by=by,
        action="places.capacity_set",
        subject=activity.public_id,
        details={"days": len(ids), "capacity": capacity, "excess": excess},
    )
    return excess
