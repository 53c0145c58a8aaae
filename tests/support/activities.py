"""Plain builders of a school year, its days off and what children do there."""

from datetime import date
from typing import Any

from preau.domain.activities.models import (
    Activity,
    ActivityGroup,
    ActivityKind,
    DeadlineKind,
    DeadlinePurpose,
    DeadlineRule,
    PublicHoliday,
    SchoolHoliday,
    SchoolYear,
    Site,
    Unit,
)
from tests.support.factories import make_regie


def make_school_year(label: str = "2026 / 2027", **values: Any) -> SchoolYear:
    defaults = {"first_day": date(2026, 9, 1), "last_day": date(2027, 8, 31), **values}
    return SchoolYear.objects.get_or_create(label=label, defaults=defaults)[0]


def make_site(name: str = "École Jules-Ferry", **values: Any) -> Site:
    return Site.objects.get_or_create(name=name, defaults=values)[0]


def make_activity(name: str = "Cantine Jules-Ferry", **values: Any) -> Activity:
    """A canteen of the school year 2026 / 2027, on Monday, Tuesday, Thursday and Friday, without any unit."""
    year = values.pop("school_year", None) or make_school_year()
    defaults = {
        "kind": ActivityKind.CANTEEN,
        "short_name": name[:24],
        "site": values.pop("site", None) or make_site(),
        "regie": values.pop("regie", None) or make_regie(),
        "first_day": year.first_day,
        "last_day": year.last_day,
    }
    return Activity.objects.create(name=name, school_year=year, **{**defaults, **values})


def make_unit(activity: Activity, name: str = "Repas", **values: Any) -> Unit:
    defaults = {"code": name.lower()[:12], "parts": ["am"], "has_meal": name == "Repas"}
    return Unit.objects.create(activity=activity, name=name, **{**defaults, **values})


def make_activity_group(activity: Activity, name: str = "Maternelles", **values: Any) -> ActivityGroup:
    return ActivityGroup.objects.create(activity=activity, name=name, **values)


def make_deadline(
    activity: Activity,
    kind: DeadlineKind = DeadlineKind.DAY_OF_PREVIOUS_MONTH,
    *,
    purpose: DeadlinePurpose = DeadlinePurpose.BOOK,
    **values: Any,
) -> DeadlineRule:
    defaults = {"number": 10} if kind == DeadlineKind.DAY_OF_PREVIOUS_MONTH else {}
    return DeadlineRule.objects.create(activity=activity, kind=kind, purpose=purpose, **{**defaults, **values})


def make_autumn_holidays() -> SchoolHoliday:
    """From Saturday 17 October to Sunday 1 November 2026."""
    return SchoolHoliday.objects.create(
        name="Vacances de la Toussaint", first_day=date(2026, 10, 17), last_day=date(2026, 11, 1)
    )


def make_armistice() -> PublicHoliday:
    return PublicHoliday.objects.create(day=date(2026, 11, 11), name="11 novembre")
