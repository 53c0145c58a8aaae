"""Until when a day may be booked or cancelled (V14, P06). Pure: school days in, instants out.

A limit is resolved once, to one UTC instant, whatever the clock changes (D7):
- an hour that does not exist (02:30 on the last Sunday of March) is counted from before the change: 03:30 is read;
- an hour that exists twice (02:30 on the last Sunday of October) is the first of the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db.models import TextChoices

from preau.foundation import french

_ONE_DAY = timedelta(days=1)
_MIDNIGHT = time(0)
#: More would look further back than the days an agenda loads.
MOST_WORKING_DAYS = 30
LAST_DAY_OF_EVERY_MONTH = 28


class DeadlineKind(TextChoices):
    """Ways in which towns close booking for a day (V14)."""

    DAY_OF_PREVIOUS_MONTH = "day_of_previous_month", "au plus tard le n du mois précédent"
    WORKING_DAYS_BEFORE = "working_days_before", "n jours ouvrés avant, à une heure"
    WEEKDAY_OF_PREVIOUS_WEEK = "weekday_of_previous_week", "un jour de la semaine précédente, à une heure"
    END_OF_PREVIOUS_PERIOD = "end_of_previous_period", "à la fin de la période précédente"


class DeadlinePurpose(TextChoices):
    """What a deadline closes: booking at the plain price, booking late at a surcharge, cancelling."""

    BOOK = "book", "réserver"
    LATE = "late", "réserver en retard, avec majoration"
    CANCEL = "cancel", "annuler"


class Rule(Protocol):
    """What is read of a `DeadlineRule`."""

    kind: str
    number: int
    weekday: int
    at: time


def cutoff(
    rule: Rule,
    day: date,
    *,
    zone: ZoneInfo,
    is_working_day: Callable[[date], bool],
    period_of: Callable[[date], date],
) -> datetime:
    """The UTC instant from which it is too late for `day`.

    Midnight is the one that ends the day named by the rule: « le 10 du mois précédent » at 00:00 lets the whole 10th
    through, and is over when the 11th begins. `period_of` gives the first day of the period that holds a day.
    """
    last_day = _last_day(DeadlineKind(rule.kind), rule, day, is_working_day=is_working_day, period_of=period_of)
    if rule.at == _MIDNIGHT:
        return start_of(last_day + _ONE_DAY, zone=zone)
    return datetime.combine(last_day, rule.at, zone).astimezone(UTC)


def _last_day(
    kind: DeadlineKind,
    rule: Rule,
    day: date,
    *,
    is_working_day: Callable[[date], bool],
    period_of: Callable[[date], date],
) -> date:
    if kind is DeadlineKind.DAY_OF_PREVIOUS_MONTH:
        return (day.replace(day=1) - _ONE_DAY).replace(day=rule.number)
    if kind is DeadlineKind.WORKING_DAYS_BEFORE:
        return _working_days_before(day, rule.number, is_working_day)
    if kind is DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK:
        return day - timedelta(days=day.weekday() + 7 - rule.weekday)
    return period_of(day) - _ONE_DAY


def _working_days_before(day: date, number: int, is_working_day: Callable[[date], bool]) -> date:
    while number:
        day -= _ONE_DAY
        number -= is_working_day(day)
    return day


def start_of(day: date, *, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a day begins in a town."""
    return datetime.combine(day, _MIDNIGHT, zone).astimezone(UTC)


class Stage(Enum):
    """Where a day stands for who wants to book it."""

    OPEN = "open"
    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Limits:
    """Instants (UTC) at which it is too late for a day of an activity. `late_until` None: nothing is booked late."""

    book_until: datetime
    late_until: datetime | None
    cancel_until: datetime

    def stage(self, now: datetime) -> Stage:
        """Open at the plain price, open late at a surcharge, or closed."""
        if now < self.book_until:
            return Stage.OPEN
        if self.late_until is not None and now < self.late_until:
            return Stage.LATE
        return Stage.CLOSED

    def can_cancel(self, now: datetime) -> bool:
        """Whether a booked day may still be given up."""
        return now < self.cancel_until

    def sentence(self, zone: ZoneInfo, now: datetime) -> str:
        """What the family reads: « Modifiable jusqu’au mardi 10 novembre à 12 h 00 »."""
        return f"{self._booking_words(zone, now)}{self._cancelling_words(zone, now)}"

    def _booking_words(self, zone: ZoneInfo, now: datetime) -> str:
        stage = self.stage(now)
        if stage is Stage.OPEN:
            verb = "Modifiable" if self.cancel_until == self.book_until else "Réservable"
            return f"{verb} jusqu’au {_moment(self.book_until, zone)}"
        if stage is Stage.LATE and self.late_until is not None:
            return f"Réservable en retard, avec majoration, jusqu’au {_moment(self.late_until, zone)}"
        return f"Trop tard depuis le {_moment(self.late_until or self.book_until, zone)}"

    def _cancelling_words(self, zone: ZoneInfo, now: datetime) -> str:
        if self.stage(now) is Stage.OPEN and self.cancel_until == self.book_until:
            return ""
        if self.can_cancel(now):
            return f"\u202f; annulable jusqu’au {_moment(self.cancel_until, zone)}"
        if self.stage(now) is Stage.CLOSED:
            return ""
        return "\u202f; une réservation ne s’annule plus"


def _moment(limit: datetime, zone: ZoneInfo) -> str:
    """« mardi 10 novembre à 12 h 00 »; midnight ends the day before: « mardi 10 novembre à minuit »."""
    local = limit.astimezone(zone)
    if local.time() == _MIDNIGHT:
        return f"{french.weekday_and_day(local.date() - _ONE_DAY)} à minuit"
    return f"{french.weekday_and_day(local.date())} à {french.hour(local)}"
