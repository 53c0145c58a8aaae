"""Which counts of places a booking takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from preau.domain.activities.models import Activity, ActivityGroup, Unit, UnitMode

_WHOLE_DAY = "day"
_WORDS = {"am": "matin", "noon": "midi", "pm": "après-midi", "evening": "soir", _WHOLE_DAY: "journée"}


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


def parts_sold(activity: Activity, units: Iterable[Unit]) -> list[str]:
    """Every part of the day whose places an activity may sell, in the order of the day."""
    if activity.unit_mode in {UnitMode.HOURS, UnitMode.CONTRACT}:
        opens, closes = activity.opens_minute or 0, activity.closes_minute or 0
        return [f"h{hour:02d}" for hour in range(opens // 60, (closes - 1) // 60 + 1)]
    found = {part: None for unit in units for part in (unit.parts or [_WHOLE_DAY])}
    ranks = {part: rank for rank, part in enumerate(_WORDS)}
    return sorted(found or [_WHOLE_DAY], key=lambda part: (ranks.get(part, len(ranks)), part))


def part_words(part: str) -> str:
    """« matin », « de 8 h à 9 h »."""
    if part.startswith("h") and part[1:].isdigit():
        return f"de {int(part[1:])}\u202fh à {int(part[1:]) + 1}\u202fh"
    return _WORDS.get(part, part)


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
