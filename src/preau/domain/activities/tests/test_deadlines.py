"""Cut-offs over ten years, at both ends of the second, in both zones and over both clock changes (V14, D7, D8)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.activities.rules.calendar import Span, period_start, working_day
from preau.domain.activities.rules.deadlines import (
    MOST_WORKING_DAYS,
    DeadlineKind,
    Limits,
    Stage,
    cutoff,
    start_of,
)

PARIS, MARTINIQUE = ZoneInfo("Europe/Paris"), ZoneInfo("America/Martinique")
ONE_SECOND, ONE_DAY = timedelta(seconds=1), timedelta(days=1)
HOLIDAYS = [
    Span("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
    Span("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
    Span("Pont de l’Ascension", date(2027, 5, 6), date(2027, 5, 9)),
    *(Span("Vacances d’été", date(year, 7, 3), date(year, 8, 31)) for year in range(2025, 2036)),
]
YEARS = [Span(f"{year} / {year + 1}", date(year, 9, 1), date(year + 1, 8, 31)) for year in range(2025, 2036)]
FREE = frozenset({date(2026, 11, 11), date(2026, 12, 25), date(2027, 1, 1)})

zones = st.sampled_from([PARIS, MARTINIQUE])
days = st.dates(date(2026, 1, 1), date(2035, 12, 31))
hours = st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0, fold=0))


@dataclass(frozen=True)
class Typed:
    """A deadline as an agent types it."""

    kind: str
    number: int = 0
    weekday: int = 0
    at: time = time(0)


rules = st.one_of(
    st.builds(Typed, st.just(DeadlineKind.DAY_OF_PREVIOUS_MONTH), number=st.integers(1, 28), at=hours),
    st.builds(Typed, st.just(DeadlineKind.WORKING_DAYS_BEFORE), number=st.integers(0, MOST_WORKING_DAYS), at=hours),
    st.builds(Typed, st.just(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK), weekday=st.integers(0, 6), at=hours),
    st.builds(Typed, st.just(DeadlineKind.END_OF_PREVIOUS_PERIOD), at=hours),
)


def limit(rule, day, zone=PARIS, *, free=FREE):
    return cutoff(
        rule,
        day,
        zone=zone,
        is_working_day=working_day(free),
        period_of=lambda one: period_start(one, holidays=HOLIDAYS, years=YEARS),
    )


@given(rules, days, zones)
def test_a_limit_is_one_utc_instant_before_the_day_is_over(rule, day, zone):
    found = limit(rule, day, zone)
    assert found.tzinfo is UTC
    assert found <= start_of(day + ONE_DAY, zone=zone)
    assert found >= start_of(day - timedelta(days=400), zone=zone)


@given(rules, days, zones)
def test_a_limit_is_read_on_the_town_s_clock(rule, day, zone):
    local = limit(rule, day, zone).astimezone(zone)
    wanted = datetime.combine(local.date(), rule.at, zone)
    exists = wanted.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wanted.replace(tzinfo=None)
    assert local.time() == rule.at or not exists


@given(rules, days, days, zones)
def test_a_later_day_never_closes_earlier(rule, one, other, zone):
    first, last = sorted((one, other))
    assert limit(rule, first, zone) <= limit(rule, last, zone)


@given(st.integers(1, 28), days, zones)
def test_a_day_of_the_previous_month_is_that_of_the_month_before(number, day, zone):
    found = limit(Typed(DeadlineKind.DAY_OF_PREVIOUS_MONTH, number, at=time(12)), day, zone).astimezone(zone)
    assert found.day == number
    assert (day.year * 12 + day.month) - (found.year * 12 + found.month) == 1


@given(st.integers(0, 6), days, zones)
def test_the_previous_week_is_the_calendar_week_before(weekday, day, zone):
    rule = Typed(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, weekday=weekday, at=time(12))
    found = limit(rule, day, zone).astimezone(zone).date()
    assert found.weekday() == weekday
    assert found.isocalendar()[:2] == (day - timedelta(days=7)).isocalendar()[:2]


@given(st.integers(1, MOST_WORKING_DAYS), days, st.frozensets(days, max_size=20))
def test_working_days_are_counted_one_by_one(number, day, free):
    rule = Typed(DeadlineKind.WORKING_DAYS_BEFORE, number, at=time(12))
    found = limit(rule, day, free=free).astimezone(PARIS).date()
    works = working_day(free)
    between = [found + timedelta(days=n) for n in range((day - found).days)]
    assert works(found)
    assert sum(map(works, between)) == number


@pytest.mark.row("P06")
@pytest.mark.parametrize("zone", [PARIS, MARTINIQUE], ids=str)
@pytest.mark.parametrize(
    ("rule", "day", "last_day"),
    [
        (Typed(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 10), date(2026, 11, 2), date(2026, 10, 10)),
        (Typed(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 10), date(2027, 1, 4), date(2026, 12, 10)),
        (Typed(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 28), date(2028, 3, 31), date(2028, 2, 28)),
        (Typed(DeadlineKind.WORKING_DAYS_BEFORE, 2), date(2026, 11, 12), date(2026, 11, 9)),
        (Typed(DeadlineKind.WORKING_DAYS_BEFORE, 1), date(2028, 3, 1), date(2028, 2, 29)),
        (Typed(DeadlineKind.WORKING_DAYS_BEFORE, 1), date(2027, 3, 1), date(2027, 2, 26)),
        (Typed(DeadlineKind.WORKING_DAYS_BEFORE, 3), date(2027, 1, 4), date(2026, 12, 29)),
        (Typed(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, weekday=3), date(2026, 11, 9), date(2026, 11, 5)),
        (Typed(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, weekday=3), date(2026, 11, 15), date(2026, 11, 5)),
        # The Thursday of week 53 of 2026 is 31 December; week 1 of 2027 begins on 4 January.
        (Typed(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, weekday=3), date(2027, 1, 4), date(2026, 12, 31)),
        (Typed(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, weekday=3), date(2027, 1, 3), date(2026, 12, 24)),
        (Typed(DeadlineKind.END_OF_PREVIOUS_PERIOD), date(2026, 9, 8), date(2026, 8, 31)),
        (Typed(DeadlineKind.END_OF_PREVIOUS_PERIOD), date(2026, 10, 20), date(2026, 10, 16)),
        (Typed(DeadlineKind.END_OF_PREVIOUS_PERIOD), date(2026, 11, 10), date(2026, 10, 16)),
        (Typed(DeadlineKind.END_OF_PREVIOUS_PERIOD), date(2027, 5, 14), date(2026, 12, 18)),
        (Typed(DeadlineKind.END_OF_PREVIOUS_PERIOD), date(2027, 8, 31), date(2027, 7, 2)),
        (Typed(DeadlineKind.END_OF_PREVIOUS_PERIOD), date(2027, 9, 1), date(2027, 8, 31)),
        # The days on which the clocks of Paris change.
        (Typed(DeadlineKind.WORKING_DAYS_BEFORE, 1), date(2027, 3, 29), date(2027, 3, 26)),
        (Typed(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 28), date(2027, 4, 1), date(2027, 3, 28)),
        (Typed(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 25), date(2026, 11, 2), date(2026, 10, 25)),
        (Typed(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, weekday=6), date(2026, 10, 26), date(2026, 10, 25)),
    ],
)
def test_a_limit_at_midnight_lets_the_last_second_of_its_day_through(rule, day, last_day, zone):
    found = limit(rule, day, zone)
    last_second = datetime.combine(last_day, time(23, 59, 59), zone).astimezone(UTC)
    limits = Limits(book_until=found, late_until=None, cancel_until=found)
    assert limits.stage(last_second) is Stage.OPEN
    assert limits.can_cancel(last_second)
    assert limits.stage(last_second + ONE_SECOND) is Stage.CLOSED
    assert not limits.can_cancel(last_second + ONE_SECOND)
    assert (last_second + ONE_SECOND).astimezone(zone).time() == time(0)


@pytest.mark.row("P06")
@pytest.mark.parametrize("zone", [PARIS, MARTINIQUE], ids=str)
def test_a_limit_at_an_hour_is_over_at_that_hour(zone):
    found = limit(Typed(DeadlineKind.WORKING_DAYS_BEFORE, 2, at=time(10)), date(2026, 11, 12), zone)
    assert found == datetime(2026, 11, 9, 10, tzinfo=zone)
    limits = Limits(book_until=found, late_until=None, cancel_until=found)
    assert limits.stage(datetime(2026, 11, 9, 9, 59, 59, tzinfo=zone)) is Stage.OPEN
    assert limits.stage(datetime(2026, 11, 9, 10, tzinfo=zone)) is Stage.CLOSED


def test_both_zones_close_at_their_own_midnight():
    rule, day = Typed(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 10), date(2026, 11, 2)
    assert limit(rule, day, PARIS) == datetime(2026, 10, 10, 22, tzinfo=UTC)
    assert limit(rule, day, MARTINIQUE) == datetime(2026, 10, 11, 4, tzinfo=UTC)


@pytest.mark.row("P06")
@pytest.mark.parametrize(
    ("day", "instant"),
    [
        # 02:30 does not exist on 28 March 2027: counted from before the change, 03:30 is read.
        (date(2027, 4, 1), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        # 02:30 exists twice on 25 October 2026: the first of the two.
        (date(2026, 11, 2), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_an_hour_that_a_clock_change_removes_or_doubles_is_resolved_once(day, instant):
    number = 28 if day.month == 4 else 25
    rule = Typed(DeadlineKind.DAY_OF_PREVIOUS_MONTH, number, at=time(2, 30))
    assert limit(rule, day, PARIS) == instant
    # Martinique changes no clock.
    assert limit(rule, day, MARTINIQUE) == datetime.combine(instant.date(), time(2, 30), MARTINIQUE)


@pytest.mark.parametrize(
    ("day", "hours_of_day"),
    [(date(2027, 3, 28), 23), (date(2026, 10, 25), 25), (date(2026, 12, 31), 24)],
)
def test_a_day_lasts_what_its_clock_says(day, hours_of_day):
    assert start_of(day + ONE_DAY, zone=PARIS) - start_of(day, zone=PARIS) == timedelta(hours=hours_of_day)


@given(days)
def test_every_day_of_ten_years_belongs_to_one_period(day):
    start = period_start(day, holidays=HOLIDAYS, years=YEARS)
    assert start <= day
    assert period_start(start, holidays=HOLIDAYS, years=YEARS) == start


NOON = datetime(2026, 11, 10, 11, tzinfo=UTC)
LATER = datetime(2026, 11, 11, 23, tzinfo=UTC)
WHEN, AFTER = "mardi 10\u00a0novembre à 12\u202fh\u202f00", "mercredi 11\u00a0novembre à minuit"


@pytest.mark.parametrize(
    ("limits", "now", "said"),
    [
        (Limits(NOON, None, NOON), NOON - ONE_SECOND, f"Modifiable jusqu’au {WHEN}"),
        (Limits(NOON, None, NOON), NOON, f"Trop tard depuis le {WHEN}"),
        (Limits(LATER, None, LATER), NOON, f"Modifiable jusqu’au {AFTER}"),
        (Limits(LATER, None, NOON), NOON - ONE_DAY, f"Réservable jusqu’au {AFTER}\u202f; annulable jusqu’au {WHEN}"),
        (Limits(LATER, None, NOON), NOON, f"Réservable jusqu’au {AFTER}\u202f; une réservation ne s’annule plus"),
        (
            Limits(NOON, LATER, NOON),
            NOON,
            f"Réservable en retard, avec majoration, jusqu’au {AFTER}\u202f; une réservation ne s’annule plus",
        ),
        (
            Limits(NOON, LATER, LATER),
            NOON,
            f"Réservable en retard, avec majoration, jusqu’au {AFTER}\u202f; annulable jusqu’au {AFTER}",
        ),
        (Limits(NOON, LATER, NOON), LATER, f"Trop tard depuis le {AFTER}"),
        (Limits(NOON, None, LATER), NOON, f"Trop tard depuis le {WHEN}\u202f; annulable jusqu’au {AFTER}"),
    ],
)
def test_a_family_reads_its_limit_in_words(limits, now, said):
    assert limits.sentence(PARIS, now) == said
