"""What the database refuses of calendars, activities and places, whoever writes it."""

from datetime import date, time

import pytest

from preau.domain.activities.models import (
    Closure,
    DeadlineKind,
    DeadlinePurpose,
    PaymentMode,
    PlacesOfDay,
    PublicHoliday,
    SchoolHoliday,
    SchoolYear,
    UnitMode,
)
from tests.support.activities import (
    make_activity,
    make_activity_group,
    make_armistice,
    make_autumn_holidays,
    make_deadline,
    make_school_year,
    make_site,
    make_unit,
)
from tests.support.refusals import columns_of, refused_by, refused_with, save_again

FIRST, EVE, NEXT = date(2026, 9, 1), date(2026, 8, 31), date(2026, 9, 2)

pytestmark = pytest.mark.django_db


def change(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize("last_day", [FIRST, EVE])
def test_a_school_year_ends_after_it_begins(last_day):
    with refused_by("school_year_ends_after_it_begins"):
        SchoolYear.objects.create(label="2026", first_day=FIRST, last_day=last_day)


def test_names_and_days_are_given_once():
    make_school_year()
    make_site()
    make_armistice()
    with refused_with("label"):
        SchoolYear.objects.create(label="2026 / 2027", first_day=FIRST, last_day=NEXT)
    with refused_with("name"):
        save_again(make_site())
    with refused_with("day"):
        PublicHoliday.objects.create(day=date(2026, 11, 11), name="Armistice")


def test_school_holidays_are_in_order_and_begin_on_different_days():
    held = make_autumn_holidays()
    with refused_by("school_holidays_begin_on_different_days"):
        save_again(held)
    with refused_by("school_holiday_ends_after_it_begins"):
        SchoolHoliday.objects.create(name="Noël", first_day=FIRST, last_day=EVE)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("closure_ends_after_it_begins", {"last_day": EVE}),
        ("closure_says_why", {"reason": ""}),
        ("closure_names_a_site_or_an_activity_not_both", {"both": True}),
    ],
)
def test_a_closure_is_in_order_says_why_and_where(name, values):
    activity = make_activity()
    where = {"site": activity.site, "activity": activity} if values.pop("both", False) else {}
    with refused_by(name):
        Closure.objects.create(**{"first_day": FIRST, "last_day": FIRST, "reason": "grève", **where, **values})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("activity_ends_after_it_begins", {"last_day": EVE}),
        ("activity_opens_on_some_weekday", {"weekdays": 0}),
        ("activity_opens_on_some_weekday", {"weekdays": 0b10000000}),
        ("activity_ages_are_in_order", {"min_age_months": 36, "max_age_months": 35}),
        ("activity_by_the_hour_says_its_hours", {"unit_mode": UnitMode.HOURS}),
        ("activity_by_the_hour_says_its_hours", {"unit_mode": UnitMode.HOURS, "opens_minute": 480}),
        (
            "activity_by_the_hour_says_its_hours",
            {"unit_mode": UnitMode.CONTRACT, "opens_minute": 480, "closes_minute": 480},
        ),
        (
            "activity_by_the_hour_says_its_hours",
            {"unit_mode": UnitMode.HOURS, "opens_minute": 480, "closes_minute": 1441},
        ),
        ("a_hold_outlasts_every_gateway_session", {"hold_minutes": 19}),
        ("no_more_is_given_back_than_paid", {"refund_percent": 101}),
        (
            "a_contract_is_not_paid_place_by_place",
            {
                "unit_mode": UnitMode.CONTRACT,
                "opens_minute": 480,
                "closes_minute": 1080,
                "payment_mode": PaymentMode.PREPAID,
            },
        ),
    ],
)
def test_an_activity_is_never_nonsense(name, values):
    activity = make_activity()
    with refused_by(name):
        change(activity, **values)


def test_bounds_that_are_just_good_are_taken():
    activity = make_activity()
    change(activity, last_day=activity.first_day, weekdays=0b1111111, hold_minutes=20, refund_percent=100)
    change(activity, unit_mode=UnitMode.HOURS, opens_minute=0, closes_minute=1440)
    change(activity, min_age_months=36, max_age_months=36)


def test_names_differ_where_people_choose_by_name():
    activity = make_activity()
    unit, group = make_unit(activity), make_activity_group(activity)
    with refused_by("activity_names_differ_within_a_school_year"):
        save_again(activity)
    with refused_by("unit_codes_differ_within_an_activity"):
        save_again(unit)
    with refused_by("group_names_differ_within_an_activity"):
        save_again(group)


def test_a_unit_belongs_to_one_activity():
    """Target of the key that ties a booking's unit to its activity; alone, an id is already unique."""
    assert columns_of(type(make_unit(make_activity())), "a_unit_belongs_to_one_activity") == ["id", "activity_id"]


def test_ages_of_a_group_are_in_order():
    group = make_activity_group(make_activity(), min_age_months=36, max_age_months=36)
    with refused_by("group_ages_are_in_order"):
        change(group, max_age_months=35)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("deadline_day_of_month_exists_every_month", {"number": 0}),
        ("deadline_day_of_month_exists_every_month", {"number": 29}),
        (
            "deadline_looks_back_two_months_at_most",
            {"kind": DeadlineKind.WORKING_DAYS_BEFORE, "number": 31},
        ),
        ("deadline_weekday_exists", {"kind": DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, "weekday": 7}),
    ],
)
def test_a_deadline_can_be_computed(name, values):
    rule = make_deadline(make_activity())
    with refused_by(name):
        change(rule, **values)


def test_an_activity_has_one_deadline_of_a_purpose():
    rule = make_deadline(make_activity())
    save_again(rule, purpose=DeadlinePurpose.LATE, at=time(10))
    with refused_by("an_activity_has_one_deadline_of_a_purpose"):
        save_again(rule)


def places(activity, group=None, **values):
    defaults = {"day": FIRST, "part": "am", "capacity": 2, "ceiling": 2, **values}
    return PlacesOfDay.objects.create(activity=activity, group=group, **defaults)


def test_places_of_a_day_are_counted_once():
    activity = make_activity()
    group = make_activity_group(activity)
    for row in (places(activity), places(activity, group), places(activity, part="pm")):
        name = "group" if row.group else "activity"
        with refused_by(f"one_count_of_places_per_{name}_day_and_part"):
            save_again(row)


def test_places_taken_never_exceed_the_ceiling_nor_the_ceiling_fall_under_capacity():
    row = places(make_activity(), taken=2)
    with refused_by("places_taken_never_exceed_the_ceiling"):
        change(row, taken=3)
    with refused_by("ceiling_of_places_is_never_under_capacity"):
        change(row, capacity=3)
    change(row, capacity=0)
