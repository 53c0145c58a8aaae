"""A régie's offer with one of everything that an address of the desk may name."""

from dataclasses import dataclass
from datetime import date

from preau.domain.activities.models import Activity, Closure, PublicHoliday, SchoolHoliday
from preau.domain.regies.models import Regie
from tests.support.activities import (
    make_activity,
    make_activity_group,
    make_armistice,
    make_autumn_holidays,
    make_deadline,
    make_school_year,
    make_unit,
)

#: What belongs to the whole town: every agent opens it.
OF_THE_TOWN = {"year_id", "holiday_id", "public_holiday_id", "site_id"}
#: Numbers that nothing else on a page looks like.
_UNIT, _GROUP, _CLOSURE = 777_000_777_001, 777_000_777_002, 777_000_777_003


@dataclass(frozen=True)
class Offer:
    """An activity with a unit, a group, a deadline and a closure, in a year with its calendar, before another year."""

    activity: Activity
    holiday: SchoolHoliday
    armistice: PublicHoliday

    @property
    def keys(self) -> dict[str, str]:
        """What each parameter of an address names."""
        return {
            "activity_id": self.activity.public_id,
            "unit_id": str(_UNIT),
            "group_id": str(_GROUP),
            "closure_id": str(_CLOSURE),
            "site_id": self.activity.site.public_id,
            "year_id": str(self.activity.school_year_id),
            "holiday_id": str(self.holiday.pk),
            "public_holiday_id": str(self.armistice.pk),
        }


def make_offer(regie: Regie, name: str = "Cantine Jules-Ferry") -> Offer:
    activity = make_activity(name, regie=regie)
    make_school_year("2027 / 2028", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))
    make_unit(activity, pk=_UNIT)
    make_activity_group(activity, pk=_GROUP)
    make_deadline(activity)
    day = date(2026, 12, 1)
    Closure.objects.create(pk=_CLOSURE, activity=activity, first_day=day, last_day=day, reason="Grève")
    return Offer(activity, make_autumn_holidays(), make_armistice())
