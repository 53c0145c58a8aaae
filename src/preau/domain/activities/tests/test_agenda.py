"""What each day is for each activity, and at what price in queries."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from preau.domain.activities.models import Closure, DeadlineKind, DeadlinePurpose, DrawnFrom
from preau.domain.activities.queries.agenda import agenda_of
from preau.domain.activities.rules.calendar import DayKind
from preau.domain.activities.rules.deadlines import Stage
from tests.support.activities import (
    make_activity,
    make_armistice,
    make_autumn_holidays,
    make_deadline,
    make_school_year,
    make_site,
)

PARIS = ZoneInfo("Europe/Paris")

pytestmark = pytest.mark.django_db


def agenda(*activities, first=date(2026, 8, 1), last=date(2027, 9, 30)):
    return agenda_of(activities, first=first, last=last, zone=PARIS)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 8, 31), "Avant la rentrée"),
        (date(2026, 9, 3), "À partir du 7\u00a0septembre 2026"),
        (date(2026, 9, 7), ""),
        (date(2026, 9, 9), "Fermé le mercredi"),
        (date(2026, 9, 12), "Fermé le samedi"),
        (date(2026, 10, 16), ""),
        (date(2026, 10, 19), "Vacances de la Toussaint"),
        (date(2026, 11, 1), "Vacances de la Toussaint"),
        (date(2026, 11, 2), ""),
        (date(2026, 11, 11), "Férié\u202f: 11 novembre"),
        (date(2026, 12, 1), "Fermé\u202f: grève"),
        (date(2026, 12, 3), "Fermé\u202f: travaux"),
        (date(2026, 12, 4), "Fermé\u202f: four en panne"),
        (date(2027, 7, 5), "Fini le 2\u00a0juillet 2027"),
        (date(2027, 9, 1), "Après la fin de l’année"),
    ],
)
def test_a_day_says_why_it_is_closed(day, reason):
    activity = make_activity(first_day=date(2026, 9, 7), last_day=date(2027, 7, 2))
    make_autumn_holidays()
    make_armistice()
    for where, on, why in [
        ({}, date(2026, 12, 1), "grève"),
        ({"site": activity.site}, date(2026, 12, 3), "travaux"),
        ({"activity": activity}, date(2026, 12, 4), "four en panne"),
        ({"site": make_site("Ailleurs")}, date(2026, 9, 7), "loin"),
    ]:
        Closure.objects.create(first_day=on, last_day=on, reason=why, **where)
    found = agenda(activity).openness(activity, day)
    assert (found.is_open, found.reason) == (not reason, reason)


def test_a_leisure_centre_of_the_holidays_opens_in_the_holidays_only():
    activity = make_activity("ALSH vacances", drawn_from=DrawnFrom.HOLIDAYS, weekdays=0b11111)
    make_autumn_holidays()
    found = agenda(activity)
    assert found.openness(activity, date(2026, 10, 21)).is_open
    assert found.openness(activity, date(2026, 10, 14)).reason == "Seulement pendant les vacances"
    assert found.openness(activity, date(2026, 10, 25)).reason == "Fermé le dimanche"


def test_an_activity_of_both_opens_in_term_and_holidays():
    activity = make_activity("Crèche", drawn_from=DrawnFrom.BOTH, weekdays=0b11111)
    make_autumn_holidays()
    found = agenda(activity)
    assert [found.openness(activity, date(2026, 10, day)).is_open for day in (14, 21, 24)] == [True, True, False]


def test_days_have_a_kind():
    activity = make_activity()
    make_autumn_holidays()
    found = agenda(activity)
    assert found.day_kind(date(2026, 10, 13)) is DayKind.SCHOOL
    assert found.day_kind(date(2026, 10, 14)) is DayKind.WEDNESDAY
    assert found.day_kind(date(2026, 10, 21)) is DayKind.HOLIDAYS


def test_a_day_not_asked_is_an_error():
    activity = make_activity()
    found = agenda(activity, last=date(2026, 10, 1))
    for ask in (found.day_kind, lambda day: found.openness(activity, day), lambda day: found.limits(activity, day)):
        with pytest.raises(ValueError, match="was not asked"):
            ask(date(2026, 10, 2))


def test_without_a_rule_a_day_is_open_until_it_begins():
    activity = make_activity()
    limits = agenda(activity).limits(activity, date(2026, 11, 10))
    assert limits.book_until == limits.cancel_until == datetime(2026, 11, 9, 23, tzinfo=UTC)
    assert limits.late_until is None


def test_each_purpose_has_its_limit():
    activity = make_activity()
    make_armistice()
    make_deadline(activity, number=10)
    make_deadline(activity, DeadlineKind.WORKING_DAYS_BEFORE, purpose=DeadlinePurpose.LATE, number=2, at=time(10))
    make_deadline(activity, DeadlineKind.WORKING_DAYS_BEFORE, purpose=DeadlinePurpose.CANCEL, number=1, at=time(9))
    limits = agenda(activity).limits(activity, date(2026, 11, 12))
    assert limits.book_until == datetime(2026, 10, 10, 22, tzinfo=UTC)
    assert limits.late_until == datetime(2026, 11, 9, 9, tzinfo=UTC)
    assert limits.cancel_until == datetime(2026, 11, 10, 8, tzinfo=UTC)
    assert limits.stage(limits.late_until) is Stage.CLOSED


def test_a_late_limit_before_the_plain_one_is_none():
    activity = make_activity()
    make_deadline(activity, DeadlineKind.WORKING_DAYS_BEFORE, number=1, at=time(9))
    make_deadline(activity, purpose=DeadlinePurpose.LATE)
    assert agenda(activity).limits(activity, date(2026, 11, 12)).late_until is None


def test_an_agenda_costs_five_queries(django_assert_num_queries):
    one = make_activity()
    make_autumn_holidays()
    make_armistice()
    many = [one, *(make_activity(f"Étude {n}", site=make_site(f"École {n}")) for n in range(3))]
    for activity in many:
        make_deadline(activity)
        Closure.objects.create(activity=activity, first_day=one.first_day, last_day=one.first_day, reason="grève")
    for asked in ([one], many):
        with django_assert_num_queries(5):
            found = agenda(*asked)
            for activity in asked:
                for month in range(1, 8):
                    found.openness(activity, date(2027, month, 4))
                    found.limits(activity, date(2027, month, 4))


def test_a_public_holiday_added_late_moves_the_limits_of_days_still_to_come():
    activity = make_activity()
    make_deadline(activity, DeadlineKind.WORKING_DAYS_BEFORE, number=1, at=time(10))
    day = date(2026, 11, 12)
    before = agenda(activity).limits(activity, day).book_until
    make_armistice()
    found = agenda(activity)
    assert before == datetime(2026, 11, 11, 9, tzinfo=UTC)
    assert found.limits(activity, day).book_until == datetime(2026, 11, 10, 9, tzinfo=UTC)
    assert found.openness(activity, date(2026, 11, 11)).reason == "Férié\u202f: 11 novembre"


def test_the_school_year_changes_at_midnight():
    old = make_activity("Cantine", last_day=date(2027, 8, 31))
    new_year = make_school_year("2027 / 2028", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))
    new = make_activity("Cantine", school_year=new_year)
    found = agenda(old, new, last=date(2027, 9, 30))
    last, first = date(2027, 8, 31), date(2027, 9, 2)
    assert found.openness(old, last).is_open
    assert found.openness(new, last).reason == "Avant la rentrée"
    assert found.openness(new, first).is_open
    assert found.openness(old, first).reason == "Après la fin de l’année"
