"""What a family reads before it waits for a full day."""

from dataclasses import dataclass
from datetime import date

from preau.domain.activities.models import Activity, Unit
from preau.domain.bookings.models import Enrolment, WaitingEntry
from preau.domain.bookings.states import EnrolmentState, WaitingState
from preau.domain.families.models import Child, Household


@dataclass(frozen=True, slots=True)
class DayToWaitFor:
    """A day of an activity for a child; `before`: how many wait already for a place of its group."""

    child: Child
    activity: Activity
    unit: Unit
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
    mine = Enrolment.objects.filter(child=child, household=household, activity=unit.activity)
    group = mine.filter(state=EnrolmentState.ACCEPTED).values_list("group", flat=True).first()
    waiting = WaitingEntry.objects.filter(activity=unit.activity, group=group, day=day, state=WaitingState.WAITING)
    return DayToWaitFor(child, unit.activity, unit, day, waiting.count())
