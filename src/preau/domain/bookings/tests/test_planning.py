"""What the planning says of each day, and what it costs to ask."""

from datetime import date, timedelta

import pytest

from preau.domain.activities.models import Activity, Closure, DeadlineKind, DeadlinePurpose, PlacesOfDay
from preau.domain.bookings.errors import WaitingRefusedError
from preau.domain.bookings.models import Booking, BookingOrder
from preau.domain.bookings.queries.planning import BoxState, planning_of
from preau.domain.bookings.queries.proposals import NOT_ONLINE
from preau.domain.bookings.rules.periods import View, period_of
from preau.domain.bookings.services.waiting import join_waiting_list
from preau.domain.families.models import Child
from preau.domain.town.queries import the_town
from preau.foundation import clock
from tests.support.activities import make_armistice, make_deadline
from tests.support.bookings import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    Family,
    make_enrolment,
    make_family,
    make_service,
    surcharge,
)
from tests.support.factories import NOON, make_regie


def boxes(planning) -> dict[date, tuple[BoxState, ...]]:
    return {day.day: tuple(box.state for box in day.boxes) for day in planning.days if day.boxes}


def test_each_day_says_what_it_is(family):
    make_armistice()
    Closure.objects.create(activity=family.activity, first_day=FRIDAY, last_day=FRIDAY, reason="grève")
    family.hold(MONDAY)
    family.draft(TUESDAY)
    planning = family.planning(View.WEEK)
    assert boxes(planning) == {MONDAY: (BoxState.HELD,), TUESDAY: (BoxState.FREE,), THURSDAY: (BoxState.FREE,)}
    said = {day.day: day.closed_because for day in planning.days if not day.boxes}
    assert said == {
        date(2026, 11, 18): "Fermé le mercredi",
        FRIDAY: "Fermé\u202f: grève",
        date(2026, 11, 21): "Fermé le samedi",
        date(2026, 11, 22): "Fermé le dimanche",
    }
    assert planning.cost_cents == 720
    assert (planning.changes, planning.tabs[0].changes, planning.tabs[1].changes) == (1, 1, 0)


def test_a_full_day_a_late_day_and_a_past_day_are_told_apart(family):
    make_deadline(family.activity, DeadlineKind.WORKING_DAYS_BEFORE, number=2)
    for _ in range(3):
        make_family(family.activity).hold(THURSDAY)
    with clock.frozen(NOON.replace(month=11, day=17)):
        assert boxes(family.planning(View.WEEK)) == {
            MONDAY: (BoxState.PAST,),
            TUESDAY: (BoxState.LATE,),
            THURSDAY: (BoxState.FULL,),
            FRIDAY: (BoxState.FREE,),
        }
    with clock.frozen(NOON):
        assert boxes(family.planning(View.WEEK))[THURSDAY] == (BoxState.FULL,)


def test_a_late_day_shows_its_surcharge(family):
    make_deadline(family.activity, DeadlineKind.WORKING_DAYS_BEFORE, number=30)
    make_deadline(family.activity, DeadlineKind.WORKING_DAYS_BEFORE, purpose=DeadlinePurpose.LATE, number=1)
    surcharge(family.unit, 100)
    box = family.planning(View.WEEK).days[0].boxes[0]
    assert (box.is_late, box.options[0].price_cents, box.is_editable) == (True, 460, True)


def test_a_booked_day_is_locked_once_it_is_too_late_to_cancel(family):
    make_deadline(family.activity, DeadlineKind.WORKING_DAYS_BEFORE, number=2)
    family.hold(FRIDAY)
    Booking.objects.update(state="confirmed")
    BookingOrder.objects.update(state="confirmed", ended_at=NOON)
    assert boxes(family.planning(View.WEEK))[FRIDAY] == (BoxState.BOOKED,)
    with clock.frozen(NOON.replace(month=11, day=19)):
        assert boxes(family.planning(View.WEEK))[FRIDAY] == (BoxState.LOCKED,)


@pytest.fixture
def nursery(db, at_noon) -> Family:
    """A place an hour, from 8 h 30 to 10 h 30: three hours are counted."""
    hours = {"unit_mode": "hours", "opens_minute": 510, "closes_minute": 630, "capacity": 1}
    return make_family(make_service("Halte-garderie", unit="Accueil", regie=make_regie(), **hours))


@pytest.mark.parametrize(
    ("taken", "state"), [([8, 9, 10], BoxState.FULL), ([8, 10], BoxState.FREE), ([], BoxState.FREE)]
)
def test_a_day_by_the_hour_is_full_when_every_hour_is(nursery, taken, state):
    for hour in taken:
        PlacesOfDay.objects.create(
            activity=nursery.activity, day=MONDAY, part=f"h{hour:02d}", capacity=1, ceiling=1, taken=1
        )
    assert boxes(nursery.planning(View.WEEK))[MONDAY] == (state,)


def test_nobody_waits_by_the_hour(nursery):
    with pytest.raises(WaitingRefusedError) as why:
        join_waiting_list(
            household=nursery.household,
            child_id=nursery.children[0].public_id,
            activity_id=nursery.activity.public_id,
            unit_code=nursery.unit.code,
            day=MONDAY,
        )
    assert why.value.message == "Cette activité n’a pas de liste d’attente."


def test_what_the_town_hides_is_read_and_not_changed(family):
    family.hold(FRIDAY)
    Booking.objects.update(state="confirmed")
    family.draft(TUESDAY)
    Activity.objects.update(is_published=False)
    planning = family.planning(View.WEEK)
    states = boxes(planning)
    assert (states[FRIDAY], states[TUESDAY]) == ((BoxState.LOCKED,), (BoxState.OFFLINE,))
    assert {box.note for day in planning.days for box in day.boxes} == {NOT_ONLINE}
    assert planning.rows[0].tickable == 0


def test_a_child_that_waits_sees_its_rank(family):
    for _ in range(3):
        make_family(family.activity).hold(MONDAY)
    others = [make_family(family.activity) for _ in range(2)]
    for minutes, one in enumerate([*others, family]):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            join_waiting_list(
                household=one.household,
                child_id=one.children[0].public_id,
                activity_id=family.activity.public_id,
                unit_code=family.unit.code,
                day=MONDAY,
            )
    box = family.planning(View.WEEK).days[0].boxes[0]
    assert (box.state, box.rank) == (BoxState.WAITING, 3)


def test_the_same_days_are_in_the_three_views(family):
    family.draft(MONDAY, TUESDAY)
    ticked = {
        view: {day.day for day in family.planning(view).days if any(box.chosen for box in day.boxes)} for view in View
    }
    assert ticked == {view: {MONDAY, TUESDAY} for view in View}


def test_another_familys_child_does_not_exist(family):
    stranger = make_family(family.activity)
    family.children = stranger.children
    with pytest.raises(Child.DoesNotExist):
        family.planning()


@pytest.mark.parametrize("children", [1, 6])
@pytest.mark.parametrize("months", [1, 36])
def test_the_month_costs_the_same_queries_whatever_the_history(
    at_noon, db, children, months, django_assert_num_queries
):
    family = make_family(children=children)
    evening = make_service("Garderie du soir", cents=240, regie=family.activity.regie)
    for child in family.children:
        make_enrolment(child, evening, family.household)
    family.hold(MONDAY)
    booking = Booking.objects.get()
    for month in range(months):
        day = MONDAY - timedelta(days=30 * (month + 1))
        Booking.objects.create(
            **{
                field.attname: getattr(booking, field.attname)
                for field in Booking._meta.concrete_fields
                if field.attname not in {"id", "public_id", "day"}
            },
            day=day,
        )
    the_town()
    with django_assert_num_queries(16):
        planning = planning_of(
            user=family.user,
            household=family.household,
            child_id=family.children[0].public_id,
            period=period_of(View.MONTH, MONDAY),
            now=clock.now(),
            zone=NOON.tzinfo,
        )
    assert len(planning.tabs) == children


@pytest.mark.parametrize(
    ("view", "day", "first", "last", "previous", "after"),
    [
        (View.MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29), date(2028, 1, 31), date(2028, 3, 1)),
        (View.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31), date(2026, 11, 30), date(2027, 1, 1)),
        (View.WEEK, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3), date(2026, 12, 21), date(2027, 1, 4)),
        (View.FORTNIGHT, TUESDAY, MONDAY, date(2026, 11, 29), date(2026, 11, 2), date(2026, 11, 30)),
    ],
)
def test_stretches_of_days(view, day, first, last, previous, after):
    period = period_of(view, day)
    assert (period.first, period.last, period.previous, period.next) == (first, last, previous, after)


@pytest.mark.parametrize("view", list(View))
def test_stretches_follow_each_other_over_ten_years(view):
    period = period_of(view, date(2020, 1, 1))
    while period.first < date(2031, 1, 1):
        following = period_of(view, period.next)
        assert following.first == period.last + timedelta(days=1)
        assert period_of(view, following.previous) == period
        period = following
