"""What a care contract asks each month: its hours spread evenly over its months, then priced (rule 31). Pure.

Whole minutes and whole cents. Two roundings, each to the nearest, a half going up: the minutes of a month, then its
cents. The cents come from the minutes already rounded, so that a family that multiplies finds the sum it reads; over
twelve months the sum may then differ from the exact one by a tenth of the price of an hour and six cents at most.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from preau.foundation import french

_HOUR, _WEEK, _MONTHS = 60, 7, 12
#: Nobody signs for longer: a school year, and its holidays.
MOST_MONTHS, MOST_WEEKS = 12, 53


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From when to when on a weekday; 0 is Monday, minutes after midnight, local."""

    weekday: int
    starts_minute: int
    ends_minute: int

    @property
    def minutes(self) -> int:
        return self.ends_minute - self.starts_minute


@dataclass(frozen=True, slots=True)
class Terms:
    """What is signed. Both days included; `weeks` of care and `months` asked, over the whole contract."""

    first_day: date
    last_day: date
    hours: tuple[Hours, ...]
    weeks: int
    months: int

    @property
    def days(self) -> list[date]:
        """Every day on which hours are foreseen, whatever the calendar says."""
        wanted = {one.weekday for one in self.hours}
        every = (self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1))
        return [day for day in every if day.weekday() in wanted]


@dataclass(frozen=True, slots=True)
class Monthly:
    """Minutes of a week, of the whole contract and of a month, and the cents of a month."""

    weekly_minutes: int
    total_minutes: int
    minutes: int
    cents: int


def monthly(hours: Iterable[Hours], *, weeks: int, months: int, hourly_cents: int) -> Monthly:
    """What a month holds and costs: minutes of a week × weeks ÷ months, then × price of an hour."""
    weekly = sum(one.minutes for one in hours)
    minutes = _nearest(weekly * weeks, months)
    return Monthly(weekly, weekly * weeks, minutes, _nearest(minutes * hourly_cents, _HOUR))


def _nearest(number: int, divisor: int) -> int:
    """A quotient to the nearest whole, a half going up."""
    return (2 * number + divisor) // (2 * divisor)


def most_weeks(first: date, last: date) -> int:
    """Weeks from Monday to Sunday that some days touch."""
    monday = first - timedelta(days=first.weekday())
    return min((last - monday).days // _WEEK + 1, MOST_WEEKS)


def most_months(first: date, last: date) -> int:
    """Calendar months that some days touch, twelve at most."""
    return min((last.year - first.year) * _MONTHS + last.month - first.month + 1, MOST_MONTHS)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in the terms, and the field that says it: the name of a term, or `day_0` to `day_6`."""

    field: str
    message: str


def faults(terms: Terms, *, opens_minute: int, closes_minute: int, weekdays: Collection[int]) -> list[Fault]:
    """Why terms cannot be signed, as an agent reads it; `weekdays` are those on which the activity opens."""
    found = [*_of_period(terms)]
    if not terms.hours:
        found.append(Fault("hours", "Donnez les heures d’un jour au moins."))
    for one in terms.hours:
        if one.weekday not in weekdays:
            found.append(Fault(f"day_{one.weekday}", "L’activité est fermée ce jour de la semaine."))
        elif one.minutes <= 0:
            found.append(Fault(f"day_{one.weekday}", "Le départ vient avant l’arrivée."))
        elif one.starts_minute < opens_minute or one.ends_minute > closes_minute:
            opening = f"Ouvert de {french.minute(opens_minute)} à {french.minute(closes_minute)}."
            found.append(Fault(f"day_{one.weekday}", opening))
    return found


def _of_period(terms: Terms) -> Iterable[Fault]:
    if terms.last_day < terms.first_day:
        yield Fault("last_day", "Le dernier jour vient avant le premier.")
        return
    weeks, months = most_weeks(terms.first_day, terms.last_day), most_months(terms.first_day, terms.last_day)
    if not 1 <= terms.weeks <= weeks:
        yield Fault("weeks", f"De 1 à {weeks} semaines, du premier au dernier jour.")
    if not 1 <= terms.months <= months:
        yield Fault("months", f"De 1 à {months} mois, du premier au dernier jour.")
