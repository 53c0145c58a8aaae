"""Which counts of places a booking takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from preau.domain.activities.models import Activity, ActivityGroup, Unit, UnitMode

_WHOLE_DAY = "day"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One count of places: a part of a day, of an activity or of one of its groups (`group_id` 0: the activity).

    Ordered as they are locked: by day first (reliability E.4.4).
    """

    day: date
    activity_id: int
    group_id: int
    part: str
    capacity: int


def parts_of(unit: Unit, *, mode: str, starts_minute: int | None, ends_minute: int | None) -> list[str]:
    """Parts of the day that a booking takes; by the hour, each hour begun."""
    if mode in {UnitMode.HOURS, UnitMode.CONTRACT} and starts_minute is not None and ends_minute is not None:
        return [f"h{hour:02d}" for hour in range(starts_minute // 60, (ends_minute - 1) // 60 + 1)]
    return list(unit.parts) or [_WHOLE_DAY]


def slots_of(
    activity: Activity,
    group: ActivityGroup | None,
    day: date,
    parts: Iterable[str],
) -> list[Slot]:
    """The counts limited by the activity and by the group, for these parts; none where nothing is limited."""
    slots = []
    for part in parts:
        if activity.capacity is not None:
            slots.append(Slot(day, activity.id, 0, part, activity.capacity))
        if group is not None and group.capacity is not None:
            slots.append(Slot(day, activity.id, group.id, part, group.capacity))
    return slots
