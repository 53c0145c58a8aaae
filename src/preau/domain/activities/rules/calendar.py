"""Days of a school calendar. Pure: days are the town's calendar days, both ends of a span included."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices

WEDNESDAY = 2
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
#: Shorter breaks (the bridge of Ascension Day) do not end a period of school.
_DAYS_THAT_END_A_PERIOD = 7


class DayKind(TextChoices):
    """What a day is for tariffs: prices may differ on Wednesdays of term and in the holidays."""

    SCHOOL = "school", "jour d’école"
    WEDNESDAY = "wednesday", "mercredi d’école"
    HOLIDAYS = "holidays", "jour de vacances"


class DrawnFrom(TextChoices):
    """Which days of the school year an activity draws its days from."""

    TERM = "term", "jours d’école"
    HOLIDAYS = "holidays", "vacances scolaires"
    BOTH = "both", "école et vacances"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from one to another, both included, and what they are."""

    name: str
    first_day: date
    last_day: date

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


def span_of(spans: Iterable[Span], day: date) -> Span | None:
    """The first span that holds a day."""
    return next((span for span in spans if day in span), None)


def runs_of(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in their order, joined where they follow each other: first and last of each run."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and runs[-1][1] + _ONE_DAY == day:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def day_kind(day: date, *, in_holidays: bool) -> DayKind:
    """Kind of a day; holidays win over Wednesday."""
    if in_holidays:
        return DayKind.HOLIDAYS
    return DayKind.WEDNESDAY if day.weekday() == WEDNESDAY else DayKind.SCHOOL


def working_day(public_holidays: Iterable[date]) -> Callable[[date], bool]:
    """Whether a day is « ouvré »: Monday to Friday, public holidays left out."""
    kept = frozenset(public_holidays)
    return lambda day: day.weekday() < _SATURDAY and day not in kept


def period_start(day: date, *, holidays: Iterable[Span], years: Iterable[Span]) -> date:
    """First day of the period that holds a day: periods run from the start of holidays to the start of the next.

    Holidays open a period, so that « fin de la période précédente » is their eve for them and for the weeks of school
    that follow them. The first period of a school year opens with the year: nobody is asked to book September in July.
    A day that nothing precedes opens its own period.
    """
    long_enough = [
        span.first_day for span in holidays if (span.last_day - span.first_day).days + 1 >= _DAYS_THAT_END_A_PERIOD
    ]
    starts = [*long_enough, *(year.first_day for year in years)]
    return max((start for start in starts if start <= day), default=day)
