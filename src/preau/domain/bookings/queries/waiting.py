"""What a family reads before it waits for a full day."""

from dataclasses import dataclass
from datetime import date
from itertools import chain

from preau.domain.activities.models import Activity, ActivityGroup, Unit
from preau.domain.bookings.models import Enrolment, WaitingEntry
from preau.domain.bookings.queries.places import places_left
from preau.domain.bookings.rules.slots import parts_sold, slots_of
from preau.domain.bookings.states import EnrolmentState, WaitingState
from preau.domain.families.models import Child, Household


@dataclass(frozen=True, slots=True)
class DayToWaitFor:
    """A day of an activity for a child; `full`: its units that are, `before`: how many wait already in its group."""

    child: Child
    activity: Activity
    unit: Unit
    full: tuple[Unit, ...]
    day: date
    before: int


def day_to_wait_for(
    *, household: Household, child_id: str, activity_id: str, unit_code: str, day: date
) -> DayToWaitFor:
    """Ids are public; whether the child may wait is looked at when it joins the list.

    Raises:
        Child.DoesNotExist, Unit.DoesNotExist: unknown, or another family's (W11).
    """
    child = Child.objects.get(public_id=child_id, homes=household)
    unit = Unit.objects.select_related("activity").get(
        code=unit_code, activity__public_id=activity_id, activity__is_published=True
    )
    group = _group(household, child, unit.activity, day)
    waiting = WaitingEntry.objects.filter(activity=unit.activity, group=group, day=day, state=WaitingState.WAITING)
    return DayToWaitFor(child, unit.activity, unit, _full_units(unit.activity, group, day), day, waiting.count())


def _group(household: Household, child: Child, activity: Activity, day: date) -> ActivityGroup | None:
    """The group in which the child is enrolled that day."""
    theirs = Enrolment.objects.filter(
        household=household,
        child=child,
        activity=activity,
        state=EnrolmentState.ACCEPTED,
        first_day__lte=day,
        last_day__gte=day,
    )
    return ActivityGroup.objects.filter(enrolments__in=theirs).first()


def _full_units(activity: Activity, group: ActivityGroup | None, day: date) -> tuple[Unit, ...]:
    """The units of which no place is left that day."""
    places = {unit: slots_of(activity, group, day, parts_sold(activity, [unit])) for unit in activity.units.all()}
    left = places_left(chain.from_iterable(places.values()))
    return tuple(unit for unit, slots in places.items() if any(left[slot] <= 0 for slot in slots))
