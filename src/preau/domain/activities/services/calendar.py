"""Writing the town's calendar: school years, holidays, public holidays, closures."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db import transaction

from preau.domain.activities.errors import ActivityError, StillUsedError
from preau.domain.activities.models import Activity, Closure, PublicHoliday, SchoolHoliday, SchoolYear, Site
from preau.domain.activities.queries.offering import holidays_of
from preau.domain.activities.rules.calendar import Span, runs_of
from preau.foundation import french
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

_ONE_DAY = timedelta(days=1)


def save_school_year(
    *, label: str, first_day: date, last_day: date, by: Actor, year: SchoolYear | None = None
) -> SchoolYear:
    """Create a school year, or change one.

    Raises:
        ActivityError: its days are in disorder, or belong to another year, or its name is taken.
    """
    saved = year or SchoolYear()
    saved.label, saved.first_day, saved.last_day = label, first_day, last_day
    with transaction.atomic():
        if last_day <= first_day:
            raise ActivityError("Le dernier jour doit venir après le premier.", field="last_day")
        others = SchoolYear.objects.exclude(pk=saved.pk)
        if others.filter(label=label).exists():
            raise ActivityError("Une année scolaire porte déjà ce nom.", field="label")
        if crossed := others.filter(first_day__lte=last_day, last_day__gte=first_day).first():
            raise ActivityError(f"Ces jours chevauchent l’année {crossed.label}.", field="first_day")
        saved.save()
        details = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
        record(by=by, action="school_year_saved", subject=label, details=details)
    return saved


@dataclass(frozen=True, slots=True)
class HolidayChanges:
    """What replacing the holidays of a school year changes, for a person to read before it is done.

    `closing` are days of school that become holidays, `opening` holidays that become days of school: bookings may
    exist on the first, and tariffs and limits change on both.
    """

    before: tuple[Span, ...]
    after: tuple[Span, ...]
    closing: tuple[date, ...]
    opening: tuple[date, ...]

    @property
    def closing_runs(self) -> list[tuple[date, date]]:
        """Days of school that become holidays, joined where they follow each other."""
        return runs_of(self.closing)

    @property
    def opening_runs(self) -> list[tuple[date, date]]:
        """Holidays that become days of school, joined where they follow each other."""
        return runs_of(self.opening)

    @property
    def is_first(self) -> bool:
        """Whether the year had none."""
        return not self.before

    @property
    def is_none(self) -> bool:
        """Whether nothing changes."""
        return self.before == self.after


def compare_holidays(*, year: SchoolYear, holidays: Sequence[Span]) -> HolidayChanges:
    """What `replace_holidays` would change; nothing is written."""
    before = tuple(Span(one.name, one.first_day, one.last_day) for one in holidays_of(year))
    held, wanted = _days(before), _days(holidays)
    return HolidayChanges(
        before=before,
        after=tuple(sorted(holidays, key=lambda span: span.first_day)),
        closing=tuple(sorted(wanted - held)),
        opening=tuple(sorted(held - wanted)),
    )


def replace_holidays(*, year: SchoolYear, holidays: Sequence[Span], by: Actor) -> HolidayChanges:
    """Put these holidays in the place of all those that begin in a school year; what changed is told.

    Raises:
        ActivityError: one begins outside the year, or two of them share a day.
    """
    with transaction.atomic():
        changes = compare_holidays(year=year, holidays=holidays)
        kept = SchoolHoliday.objects.exclude(first_day__gte=year.first_day, first_day__lte=year.last_day)
        _check_holidays(year, changes.after, others=kept)
        SchoolHoliday.objects.filter(first_day__gte=year.first_day, first_day__lte=year.last_day).delete()
        SchoolHoliday.objects.bulk_create(
            SchoolHoliday(name=span.name, first_day=span.first_day, last_day=span.last_day) for span in changes.after
        )
        details = {"closing": len(changes.closing), "opening": len(changes.opening), "holidays": len(changes.after)}
        record(by=by, action="school_holidays_replaced", subject=year.label, details=details)
    return changes


def _check_holidays(year: SchoolYear, spans: Sequence[Span], *, others: Iterable[SchoolHoliday]) -> None:
    for span in spans:
        if not year.first_day <= span.first_day <= year.last_day:
            raise ActivityError(f"{span.name} ne commence pas dans l’année {year.label}.", field="first_day")
    around = [*spans, *(Span(one.name, one.first_day, one.last_day) for one in others)]
    ordered = sorted(around, key=lambda span: span.first_day)
    for before, after in pairwise(ordered):
        if after.first_day <= before.last_day:
            raise ActivityError(f"{after.name} et {before.name} se chevauchent.", field="first_day")


def _days(spans: Iterable[Span]) -> set[date]:
    return {
        span.first_day + timedelta(days=rank)
        for span in spans
        for rank in range((span.last_day - span.first_day).days + 1)
    }


def save_holiday(
    *, name: str, first_day: date, last_day: date, by: Actor, holiday: SchoolHoliday | None = None
) -> SchoolHoliday:
    """Add one period of holidays, or change it.

    Raises:
        ActivityError: its days are in disorder, or shared with another.
    """
    saved = holiday or SchoolHoliday()
    saved.name, saved.first_day, saved.last_day = name, first_day, last_day
    with transaction.atomic():
        if last_day < first_day:
            raise ActivityError("Le dernier jour vient avant le premier.", field="last_day")
        others = SchoolHoliday.objects.exclude(pk=saved.pk)
        if crossed := others.filter(first_day__lte=last_day, last_day__gte=first_day).first():
            raise ActivityError(f"Ces jours chevauchent {crossed.name}.", field="first_day")
        saved.save()
        details = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
        record(by=by, action="school_holiday_saved", subject=name, details=details)
    return saved


def remove_holiday(*, holiday: SchoolHoliday, by: Actor) -> None:
    """Make days of school of a period of holidays."""
    with transaction.atomic():
        subject, details = holiday.name, {"first_day": holiday.first_day.isoformat()}
        holiday.delete()
        record(by=by, action="school_holiday_removed", subject=subject, details=details)


def add_public_holidays(*, days: Collection[tuple[date, str]], by: Actor) -> int:
    """Keep these days; how many were new. A day already kept keeps its name."""
    with transaction.atomic():
        known = set(PublicHoliday.objects.filter(day__in=[day for day, _ in days]).values_list("day", flat=True))
        new = {day: name for day, name in days if day not in known}
        PublicHoliday.objects.bulk_create(PublicHoliday(day=day, name=name) for day, name in new.items())
        if new:
            details = {"days": [day.isoformat() for day in sorted(new)]}
            record(by=by, action="public_holidays_added", subject="calendar", details=details)
    return len(new)


def add_public_holiday(*, day: date, name: str, by: Actor) -> None:
    """Keep a local day.

    Raises:
        ActivityError: it is already kept.
    """
    if held := PublicHoliday.objects.filter(day=day).first():
        raise ActivityError(f"Le {french.day(day)} est déjà férié\u202f: {held.name}.", field="day")
    add_public_holidays(days=[(day, name)], by=by)


def remove_public_holiday(*, holiday: PublicHoliday, by: Actor) -> None:
    """Make an ordinary day of a public holiday."""
    with transaction.atomic():
        details = {"day": holiday.day.isoformat()}
        holiday.delete()
        record(by=by, action="public_holiday_removed", subject="calendar", details=details)


def close_days(
    *,
    first_day: date,
    last_day: date,
    reason: str,
    by: Actor,
    site: Site | None = None,
    activity: Activity | None = None,
) -> Closure:
    """Close the town, a site or an activity. Bookings of these days stay: their fate is decided apart.

    Raises:
        ActivityError: the days are in disorder.
    """
    if last_day < first_day:
        raise ActivityError("Le dernier jour vient avant le premier.", field="last_day")
    with transaction.atomic():
        closure = Closure.objects.create(
            first_day=first_day, last_day=last_day, reason=reason, site=site, activity=activity
        )
        details = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat(), "reason": reason}
        record(by=by, action="days_closed", subject=_where(closure), details=details)
    return closure


def reopen_days(*, closure: Closure, by: Actor) -> None:
    """Take a closure away."""
    with transaction.atomic():
        subject, details = _where(closure), {"first_day": closure.first_day.isoformat(), "reason": closure.reason}
        closure.delete()
        record(by=by, action="days_reopened", subject=subject, details=details)


def _where(closure: Closure) -> str:
    return closure.activity.public_id if closure.activity else closure.site.public_id if closure.site else "town"


def remove_school_year(*, year: SchoolYear, by: Actor) -> None:
    """Take away a year that nothing uses.

    Raises:
        StillUsedError: it has activities.
    """
    with transaction.atomic():
        if year.activities.exists():
            raise StillUsedError(f"L’année {year.label} a des activités.")
        label = year.label
        year.delete()
        record(by=by, action="school_year_removed", subject=label)
