"""Selling and giving back places: the conditional update is the barrier (design 4.7, E.4.1).

Locks: the counts of places, by day then activity, group and part; always in that order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from preau.domain.activities.models import Activity, ActivityGroup, PlacesOfDay
from preau.domain.bookings.errors import FullError
from preau.domain.bookings.queries.counts import CountKey, booked_in, key_of
from preau.domain.bookings.rules.slots import Slot
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record


def take(needs: Mapping[Slot, int], *, is_forced: bool = False) -> None:
    """Take places, all or none, in the caller's transaction; the number of queries does not grow with the days.

    `is_forced`: an agent's derogation raises the ceiling rather than refuse (U12).

    Raises:
        FullError: with the slots that have no room; nothing was taken.
    """
    if not needs:
        return
    rows = _locked(needs)
    full = tuple(slot for slot, n in needs.items() if rows[key_of(slot)].taken + n > rows[key_of(slot)].ceiling)
    if full and not is_forced:
        raise FullError(full)
    # One statement per number of places asked: nearly always one.
    for asked in sorted(set(needs.values())):
        ids = [rows[key_of(slot)].id for slot, n in needs.items() if n == asked]
        places = PlacesOfDay.objects.filter(id__in=ids)
        if is_forced:
            places.update(taken=F("taken") + asked, ceiling=Greatest(F("ceiling"), F("taken") + asked))
        elif places.filter(taken__lte=F("ceiling") - asked).update(taken=F("taken") + asked) < len(ids):
            raise FullError(tuple(needs))


def lock_places(slots: Iterable[Slot]) -> None:
    """Lock, in their order, counts that the caller takes in several times; opened where none is yet."""
    _locked(slots)


def lock_counted(slots: Iterable[Slot]) -> None:
    """Lock, in their order, those of these counts that exist."""
    _find(sorted(slots))


def give_back(needs: Mapping[Slot, int]) -> None:
    """Give places back; a ceiling raised above the capacity comes down with them (U4)."""
    if not needs:
        return
    rows = _find(sorted(needs))
    for given in sorted(set(needs.values())):
        # What was never counted is not given back: whoever counts it later will not find it.
        ids = [rows[key_of(slot)].id for slot, n in needs.items() if n == given and key_of(slot) in rows]
        PlacesOfDay.objects.filter(id__in=ids).update(
            taken=F("taken") - given, ceiling=Greatest(F("capacity"), F("taken") - given)
        )


def _locked(slots: Iterable[Slot]) -> dict[CountKey, PlacesOfDay]:
    """The rows of these slots, locked in order; opened where none is yet."""
    wanted = sorted(slots)
    rows = _find(wanted)
    if missing := [slot for slot in wanted if key_of(slot) not in rows]:
        _open(missing)
        rows = _find(wanted)
    return rows


def open_places(slots: Iterable[Slot]) -> None:
    """Open the counts of these slots where none is yet: for who writes bookings before taking their places."""
    wanted = sorted(slots)
    if missing := [slot for slot in wanted if key_of(slot) not in _rows(wanted)]:
        _open(missing)


def _open(missing: Sequence[Slot]) -> None:
    """Counts at their usual capacity, with what was booked while nothing limited these places."""
    held = booked_in(missing)
    PlacesOfDay.objects.bulk_create(
        [
            PlacesOfDay(
                activity_id=slot.activity_id,
                group_id=slot.group_id or None,
                day=slot.day,
                part=slot.part,
                capacity=slot.capacity,
                ceiling=max(slot.capacity, held[key_of(slot)]),
                taken=held[key_of(slot)],
            )
            for slot in missing
        ],
        ignore_conflicts=True,
    )


def _find(slots: Sequence[Slot]) -> dict[CountKey, PlacesOfDay]:
    return _rows(slots, PlacesOfDay.objects.select_for_update(of=("self",), no_key=True))


def _rows(slots: Sequence[Slot], among: QuerySet[PlacesOfDay] | None = None) -> dict[CountKey, PlacesOfDay]:
    rows = (PlacesOfDay.objects.all() if among is None else among).filter(
        Q(group__isnull=True) | Q(group__in={slot.group_id for slot in slots}),
        activity__in={slot.activity_id for slot in slots},
        day__in={slot.day for slot in slots},
        part__in={slot.part for slot in slots},
    )
    found = {
        (row.day, row.activity_id, row.group_id or 0, row.part): row
        for row in rows.order_by("day", "activity_id", "group_id", "part")
    }
    return {key: found[key] for key in map(key_of, slots) if key in found}


@transaction.atomic
def set_capacity(
    *,
    activity: Activity,
    group: ActivityGroup | None,
    days: Iterable[date],
    parts: Iterable[str],
    capacity: int,
    by: Actor,
) -> int:
    """Set the places of some days, in these parts of them; what is sold beyond stays (U4). How many counts exceed it.

    Whoever waits is offered a raised capacity by the caller (`waiting.offer_everything`).
    """
    days, parts = list(days), list(parts)
    slots = [Slot(day, activity.id, group.id if group else 0, part, capacity) for day in days for part in parts]
    if not slots:
        return 0
    rows = _locked(slots)
    ids = [row.id for row in rows.values()]
    PlacesOfDay.objects.filter(id__in=ids).update(capacity=capacity, ceiling=Greatest(capacity, F("taken")))
    excess = PlacesOfDay.objects.filter(id__in=ids, taken__gt=F("capacity")).count()
    record(
        by=by,
        action="places.capacity_set",
        subject=activity.public_id,
        details={
            "first_day": str(min(days)),
            "last_day": str(max(days)),
            "days": len(days),
            "parts": parts,
            "group": group.name if group else "",
            "capacity": capacity,
            "excess": excess,
        },
    )
    return excess
