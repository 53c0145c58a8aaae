"""What each day is for each activity: open or why not, its kind, and until when it may be changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from preau.domain.activities.models import (
    Activity,
    Closure,
    DeadlinePurpose,
    DeadlineRule,
    DrawnFrom,
    PublicHoliday,
    SchoolHoliday,
    SchoolYear,
)
from preau.domain.activities.rules.calendar import (
    DayKind,
    Span,
    day_kind,
    period_start,
    span_of,
    working_day,
)
from preau.domain.activities.rules.deadlines import Limits, cutoff, start_of
from preau.foundation import french

#: A period may begin a school year before the day asked; working days look back two months at most.
_MARGIN = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Openness:
    """Whether an activity takes children on a day; `reason` is the French phrase shown on the day, "" when open.

    `is_closure`: an agent closed the day, which the calendar would have kept open.
    """

    is_open: bool
    reason: str
    is_closure: bool = field(default=False, compare=False)


class Agenda:
    """Days of some activities between two days, all in memory: asking it costs no query.

    Raises:
        ValueError: an activity or a day it was not asked for.
    """

    def __init__(
        self,
        *,
        first: date,
        last: date,
        zone: ZoneInfo,
        years: Sequence[Span],
        year_of: Mapping[int, Span],
        holidays: Sequence[Span],
        public_holidays: Mapping[date, str],
        closures: Mapping[int, Sequence[Span]],
        rules: Mapping[int, Mapping[str, DeadlineRule]],
    ) -> None:
        self._first, self._last, self._zone = first, last, zone
        self._years, self._year_of = years, year_of
        self._holidays, self._public_holidays, self._closures = holidays, public_holidays, closures
        self._rules = rules
        self._is_working_day = working_day(public_holidays)
        self._limits: dict[tuple[int, date], Limits] = {}

    def openness(self, activity: Activity, day: date) -> Openness:
        """Whether it opens; the first reason in this order: bounds, public holiday, holidays, weekday, closure."""
        self._check(day)
        reason = (
            self._out_of_bounds(activity, day)
            or self._kept_free(activity, day)
            or ("" if activity.takes_weekday(day.weekday()) else f"Fermé le {french.WEEKDAYS[day.weekday()]}")
        )
        closure = "" if reason else self._closed(activity, day)
        return Openness(is_open=not (reason or closure), reason=reason or closure, is_closure=bool(closure))

    def day_kind(self, day: date) -> DayKind:
        """Day of school, Wednesday of term or day of the school holidays."""
        self._check(day)
        return day_kind(day, in_holidays=span_of(self._holidays, day) is not None)

    def limits(self, activity: Activity, day: date) -> Limits:
        """Until when a day may be booked, booked late and cancelled.

        Without a rule to book: until the day begins. Without a rule to cancel: as to book. A late limit that does not
        come after the plain one is none.
        """
        self._check(day)
        key = activity.id, day
        if key not in self._limits:
            self._limits[key] = self._compute(activity, day)
        return self._limits[key]

    def _check(self, day: date) -> None:
        if not self._first <= day <= self._last:
            raise ValueError(f"{day} was not asked of this agenda ({self._first} to {self._last})")

    def _compute(self, activity: Activity, day: date) -> Limits:
        limits = {
            purpose: cutoff(rule, day, zone=self._zone, is_working_day=self._is_working_day, period_of=self._period_of)
            for purpose, rule in self._rules[activity.id].items()
        }
        book = limits.get(DeadlinePurpose.BOOK) or start_of(day, zone=self._zone)
        late = limits.get(DeadlinePurpose.LATE)
        return Limits(
            book_until=book,
            late_until=late if late is not None and late > book else None,
            cancel_until=limits.get(DeadlinePurpose.CANCEL, book),
        )

    def _period_of(self, day: date) -> date:
        return period_start(day, holidays=self._holidays, years=self._years)

    def _out_of_bounds(self, activity: Activity, day: date) -> str:
        year = self._year_of[activity.id]
        if day < activity.first_day:
            return "Avant la rentrée" if day < year.first_day else f"À partir du {french.day(activity.first_day)}"
        if day > activity.last_day:
            return "Après la fin de l’année" if day > year.last_day else f"Fini le {french.day(activity.last_day)}"
        return ""

    def _kept_free(self, activity: Activity, day: date) -> str:
        if name := self._public_holidays.get(day):
            return f"Férié\u202f: {name}"
        holiday = span_of(self._holidays, day)
        if holiday is not None and activity.drawn_from == DrawnFrom.TERM:
            return holiday.name
        if holiday is None and activity.drawn_from == DrawnFrom.HOLIDAYS:
            return "Seulement pendant les vacances"
        return ""

    def _closed(self, activity: Activity, day: date) -> str:
        closure = span_of(self._closures[activity.id], day)
        return f"Fermé\u202f: {closure.name}" if closure is not None else ""


def agenda_of(activities: Iterable[Activity], *, first: date, last: date, zone: ZoneInfo) -> Agenda:
    """The agenda of some activities between two days, both included, in five queries whatever their number."""
    wanted = list(activities)
    years = {year.id: Span(year.label, year.first_day, year.last_day) for year in SchoolYear.objects.all()}
    since = first - _MARGIN
    return Agenda(
        first=first,
        last=last,
        zone=zone,
        years=list(years.values()),
        year_of={activity.id: years[activity.school_year_id] for activity in wanted},
        holidays=[
            Span(holiday.name, holiday.first_day, holiday.last_day)
            for holiday in SchoolHoliday.objects.filter(last_day__gte=since, first_day__lte=last)
        ],
        public_holidays=dict(
            PublicHoliday.objects.filter(day__gte=since, day__lte=last).values_list("day", "name"),
        ),
        closures=_closures(wanted, first=first, last=last),
        rules=_rules(wanted),
    )


def _closures(activities: Sequence[Activity], *, first: date, last: date) -> dict[int, list[Span]]:
    of_town: list[Span] = []
    of_site: defaultdict[int, list[Span]] = defaultdict(list)
    of_activity: defaultdict[int, list[Span]] = defaultdict(list)
    rows = Closure.objects.filter(
        Q(site__isnull=True, activity__isnull=True)
        | Q(site__in={activity.site_id for activity in activities})
        | Q(activity__in={activity.id for activity in activities}),
        last_day__gte=first,
        first_day__lte=last,
    )
    for row in rows:
        span = Span(row.reason, row.first_day, row.last_day)
        if row.activity_id is not None:
            of_activity[row.activity_id].append(span)
        elif row.site_id is not None:
            of_site[row.site_id].append(span)
        else:
            of_town.append(span)
    return {activity.id: [*of_town, *of_site[activity.site_id], *of_activity[activity.id]] for activity in activities}


def _rules(activities: Sequence[Activity]) -> dict[int, dict[str, DeadlineRule]]:
    found: dict[int, dict[str, DeadlineRule]] = {activity.id: {} for activity in activities}
    for rule in DeadlineRule.objects.filter(activity__in=found):
        found[rule.activity_id][rule.purpose] = rule
    return found
