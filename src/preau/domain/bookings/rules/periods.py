"""The stretch of days that the planning shows: a month, a fortnight or a week (C20–C22)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices

_WEEK = timedelta(days=7)
_FIRST_FORTNIGHT = date(2001, 1, 1)


class View(TextChoices):
    """Three views of the same days."""

    MONTH = "mois", "Mois"
    FORTNIGHT = "quinzaine", "Quinzaine"
    WEEK = "semaine", "Semaine"


@dataclass(frozen=True, slots=True)
class Period:
    """Days shown, both included; `previous` and `next` are days of the stretches around."""

    view: View
    first: date
    last: date
    previous: date
    next: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def period_of(view: View, day: date) -> Period:
    """The stretch of a view that holds a day; weeks begin on Monday, fortnights follow each other from a fixed one."""
    if view == View.MONTH:
        first = day.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
        return Period(view, first, after - timedelta(days=1), first - timedelta(days=1), after)
    monday = day - timedelta(days=day.weekday())
    if view == View.WEEK:
        return Period(view, monday, monday + timedelta(days=6), monday - _WEEK, monday + _WEEK)
    first = monday - timedelta(days=(monday - _FIRST_FORTNIGHT).days % 14)
    return Period(view, first, first + timedelta(days=13), first - 2 * _WEEK, first + 2 * _WEEK)
