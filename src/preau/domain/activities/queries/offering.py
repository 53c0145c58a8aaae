"""What is offered, as agents list and open it: each within their régies."""

from collections.abc import Collection
from datetime import date

from django.db.models import Count, Q, QuerySet

from preau.domain.activities.models import (
    Activity,
    ActivityGroup,
    Closure,
    PublicHoliday,
    SchoolHoliday,
    SchoolYear,
    Site,
    Unit,
)
from preau.domain.activities.official import OfficialDay, Territory, public_holidays


def year_shown(asked: str, *, today: date) -> SchoolYear | None:
    """The school year that was asked, else that of today, else the next to come, else the last; None: there is none."""
    years = list(SchoolYear.objects.all())
    chosen = (year for year in years if str(year.pk) == asked)
    coming = (year for year in reversed(years) if year.last_day >= today)
    return next(chosen, None) or next(coming, None) or next(iter(years), None)


def activities_of(regies: Collection[int], year: SchoolYear) -> QuerySet[Activity]:
    """Activities of a school year, by site."""
    rows = Activity.objects.filter(regie__in=regies, school_year=year).select_related("site", "regie")
    return rows.annotate(units_count=Count("units")).order_by("site__position", "site__name", "position", "name")


def activity_named(regies: Collection[int], key: str) -> Activity:
    """One activity of these régies.

    Raises:
        Activity.DoesNotExist: there is none of this name here.
    """
    return Activity.objects.select_related("site", "school_year", "regie").get(regie__in=regies, public_id=key)


def unit_named(regies: Collection[int], key: str) -> Unit:
    """One unit of an activity of these régies.

    Raises:
        Unit.DoesNotExist: no such one here.
    """
    return Unit.objects.select_related("activity__school_year").get(activity__regie__in=regies, pk=number_of(key))


def group_named(regies: Collection[int], key: str) -> ActivityGroup:
    """One group of an activity of these régies.

    Raises:
        ActivityGroup.DoesNotExist: no such one here.
    """
    groups = ActivityGroup.objects.select_related("activity__school_year")
    return groups.get(activity__regie__in=regies, pk=number_of(key))


def site_named(key: str) -> Site:
    """One site.

    Raises:
        Site.DoesNotExist: no such one.
    """
    return Site.objects.get(public_id=key)


def year_named(key: str) -> SchoolYear:
    """One school year.

    Raises:
        SchoolYear.DoesNotExist: no such one.
    """
    return SchoolYear.objects.get(pk=number_of(key))


def holidays_of(year: SchoolYear) -> list[SchoolHoliday]:
    """Holidays that begin in a school year, in their order."""
    return list(SchoolHoliday.objects.filter(first_day__gte=year.first_day, first_day__lte=year.last_day))


def holiday_named(key: str) -> SchoolHoliday:
    """One period of holidays.

    Raises:
        SchoolHoliday.DoesNotExist: no such one.
    """
    return SchoolHoliday.objects.get(pk=number_of(key))


def public_holiday_named(key: str) -> PublicHoliday:
    """One public holiday.

    Raises:
        PublicHoliday.DoesNotExist: no such one.
    """
    return PublicHoliday.objects.get(pk=number_of(key))


def new_public_holidays(territory: Territory, year: SchoolYear) -> list[OfficialDay]:
    """Public holidays of a territory in a school year that the town does not keep yet."""
    known = set(PublicHoliday.objects.values_list("day", flat=True))
    found = public_holidays(territory, first=year.first_day, last=year.last_day)
    return [one for one in found if one.day not in known]


def closures_in(regies: Collection[int], *, first: date, last: date) -> QuerySet[Closure]:
    """Closures of the town, of its sites and of the activities of these régies that touch some days."""
    rows = _closures(regies).filter(last_day__gte=first, first_day__lte=last)
    return rows.select_related("site", "activity").order_by("first_day", "id")


def closure_named(regies: Collection[int], key: str) -> Closure:
    """One closure of the town, of a site, or of an activity of these régies.

    Raises:
        Closure.DoesNotExist: no such one here.
    """
    return _closures(regies).select_related("site", "activity").get(pk=number_of(key))


def _closures(regies: Collection[int]) -> QuerySet[Closure]:
    return Closure.objects.filter(Q(activity__isnull=True) | Q(activity__regie__in=regies))


def number_of(key: str) -> int:
    """The number that an address holds; 0, which nothing bears, when it holds something else."""
    return int(key) if key.isascii() and key.isdecimal() and len(key) < 18 else 0  # noqa: PLR2004  (a 64-bit number)
