"""What is offered: written, refused beside its field, copied to the next school year."""

from datetime import date, time

import pytest

from preau.domain.activities.errors import ActivityError, StillUsedError
from preau.domain.activities.models import (
    Activity,
    ActivityGroup,
    DeadlineKind,
    DeadlineRule,
    PaymentMode,
    PlacesOfDay,
    Site,
    Unit,
    UnitMode,
)
from preau.domain.activities.queries.offering import number_of, year_shown
from preau.domain.activities.rules.offering import moved, years_later
from preau.domain.activities.services.activities import (
    DeadlineTold,
    copy_year,
    remove_part,
    save_activity,
    save_group,
    save_site,
    save_unit,
)
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from tests.support.activities import (
    make_activity,
    make_activity_group,
    make_deadline,
    make_school_year,
    make_unit,
)
from tests.support.bookings import MONDAY, make_family, make_service
from tests.support.factories import NOON, make_regie

NEXT = {"first_day": date(2027, 9, 1), "last_day": date(2028, 8, 31)}
TENTH = DeadlineTold(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 10)

pytestmark = pytest.mark.django_db


def save(activity, deadlines=None):
    return save_activity(activity=activity, deadlines=deadlines or {}, by=SYSTEM)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"last_day": date(2026, 8, 31)}, "last_day"),
        ({"first_day": date(2026, 8, 31)}, "first_day"),
        ({"last_day": date(2027, 9, 1)}, "last_day"),
        ({"weekdays": 0}, "weekdays"),
        ({"min_age_months": 36, "max_age_months": 35}, "max_age_months"),
        ({"unit_mode": UnitMode.HOURS}, "closes_minute"),
        ({"unit_mode": UnitMode.HOURS, "opens_minute": 600, "closes_minute": 600}, "closes_minute"),
        (
            {
                "unit_mode": UnitMode.CONTRACT,
                "opens_minute": 480,
                "closes_minute": 600,
                "payment_mode": PaymentMode.IMMEDIATE,
            },
            "payment_mode",
        ),
        ({"name": "Étude"}, "name"),
    ],
)
def test_an_activity_that_cannot_be_is_refused_beside_its_field(values, field):
    make_activity("Étude")
    activity = make_activity()
    for name, value in values.items():
        setattr(activity, name, value)
    with pytest.raises(ActivityError) as refused:
        save(activity)
    assert refused.value.field == field
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (DeadlineTold(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 0), "book_number"),
        (DeadlineTold(DeadlineKind.DAY_OF_PREVIOUS_MONTH, 29), "book_number"),
        (DeadlineTold(DeadlineKind.WORKING_DAYS_BEFORE, 31), "book_number"),
        (DeadlineTold(DeadlineKind.WORKING_DAYS_BEFORE, 0), "book_at"),
    ],
)
def test_a_deadline_that_cannot_be_is_refused_beside_its_field(told, field):
    activity = make_activity()
    with pytest.raises(ActivityError) as refused:
        save(activity, {"book": told})
    assert refused.value.field == field
    assert not DeadlineRule.objects.exists()


def test_deadlines_are_set_changed_and_taken_away():
    activity = make_activity()
    save(activity, {"book": TENTH, "late": DeadlineTold(DeadlineKind.WORKING_DAYS_BEFORE, 2, at=time(10))})
    save(activity, {"book": DeadlineTold(DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, weekday=3), "late": None})
    [rule] = DeadlineRule.objects.all()
    assert (rule.purpose, rule.kind, rule.weekday) == ("book", DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, 3)
    assert [event.details["deadlines"] for event in AuditEvent.objects.all()] == [["book", "late"], ["book"]]


def test_places_already_counted_keep_their_capacity():
    activity = make_activity(capacity=10)
    row = PlacesOfDay.objects.create(
        activity=activity, day=date(2026, 9, 7), part="am", capacity=10, ceiling=10, taken=9
    )
    activity.capacity = 5
    save(activity)
    row.refresh_from_db()
    assert (row.capacity, row.ceiling) == (10, 10)


def test_two_sites_share_neither_name_nor_number():
    save_site(site=Site(name="École", register_kind="EN", register_number="0590001A"), by=SYSTEM)
    for values, field in [
        ({"name": "École"}, "name"),
        ({"name": "Annexe", "register_kind": "EN", "register_number": "0590001A"}, "register_number"),
    ]:
        with pytest.raises(ActivityError) as refused:
            save_site(site=Site(**values), by=SYSTEM)
        assert refused.value.field == field
    assert Site.objects.count() == 1


def test_codes_of_units_are_made_of_their_names_and_stay():
    activity = make_activity()
    names = ["Journée complète", "Journée complète avec repas", "…", "Été"]
    made = [save_unit(unit=Unit(activity=activity, name=name, parts=["am"]), by=SYSTEM) for name in names]
    assert [unit.code for unit in made] == ["journee-comp", "journee-co-2", "unite", "ete"]
    made[0].name = "Journée"
    assert save_unit(unit=made[0], by=SYSTEM).code == "journee-comp"


@pytest.mark.parametrize(("values", "field"), [({"parts": []}, "parts"), ({"name": "Repas"}, "name")])
def test_a_unit_that_cannot_be_is_refused_beside_its_field(values, field):
    activity = make_activity()
    make_unit(activity)
    with pytest.raises(ActivityError) as refused:
        save_unit(unit=Unit(activity=activity, **{"name": "Journée", "parts": ["am"], **values}), by=SYSTEM)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": "Maternelles"}, "name"), ({"min_age_months": 72, "max_age_months": 36}, "max_age_months")],
)
def test_a_group_that_cannot_be_is_refused_beside_its_field(values, field):
    activity = make_activity()
    save_group(group=ActivityGroup(activity=activity, name="Maternelles"), by=SYSTEM)
    with pytest.raises(ActivityError) as refused:
        save_group(group=ActivityGroup(activity=activity, **{"name": "Grands", **values}), by=SYSTEM)
    assert refused.value.field == field


def test_what_served_stays_and_what_did_not_goes():
    activity = make_activity()
    unit, used, unused = make_unit(activity), make_activity_group(activity), make_activity_group(activity, "Grands")
    PlacesOfDay.objects.create(activity=activity, group=used, day=date(2026, 9, 7), part="am", capacity=1, ceiling=1)
    with pytest.raises(StillUsedError) as refused:
        remove_part(part=used, by=SYSTEM)
    assert refused.value.message == "«\u202fMaternelles\u202f» a servi\u202f: il reste."
    for part in (unit, unused):
        remove_part(part=part, by=SYSTEM)
    assert (activity.units.count(), activity.groups.count()) == (0, 1)


def test_a_year_is_offered_again_hidden_until_published():
    activity = make_activity(first_day=date(2026, 9, 7), capacity=40)
    make_unit(activity)
    make_activity_group(activity)
    make_deadline(activity)
    regie, stranger = activity.regie, make_activity("Crèche", regie=make_regie())
    target = make_school_year("2027 / 2028", **NEXT)
    assert copy_year(source=activity.school_year, target=target, among=[regie.id], by=SYSTEM) == 1
    assert copy_year(source=activity.school_year, target=target, among=[regie.id], by=SYSTEM) == 0
    made = Activity.objects.get(school_year=target)
    assert (made.name, made.first_day, made.last_day) == ("Cantine Jules-Ferry", date(2027, 9, 7), date(2028, 8, 31))
    assert (made.is_published, made.capacity, made.public_id == activity.public_id) == (False, 40, False)
    assert [made.units.get().code, made.groups.get().name, made.deadlines.get().number] == ["repas", "Maternelles", 10]
    assert (activity.units.count(), activity.groups.count(), activity.deadlines.count()) == (1, 1, 1)
    assert not Activity.objects.filter(school_year=target, name=stranger.name).exists()
    assert AuditEvent.objects.get().action == "activities_copied"


@pytest.mark.parametrize(
    ("day", "there"),
    [
        (date(2026, 9, 1), date(2027, 9, 1)),
        (date(2027, 8, 31), date(2028, 7, 7)),
        (date(2026, 11, 3), date(2027, 11, 3)),
        (date(2027, 8, 1), date(2028, 7, 7)),
    ],
)
def test_days_keep_their_date_within_the_next_year(day, there):
    before, after = (date(2026, 9, 1), date(2027, 8, 31)), (date(2027, 9, 1), date(2028, 7, 7))
    assert moved(day, before=before, after=after) == there


def test_a_29_february_becomes_a_28():
    assert years_later(date(2028, 2, 29), 1) == date(2029, 2, 28)


def test_the_year_shown_is_that_asked_or_that_of_today():
    old, new = make_school_year(), make_school_year("2027 / 2028", **NEXT)
    assert year_shown(str(new.pk), today=date(2026, 10, 1)) == new
    assert year_shown("x", today=date(2026, 10, 1)) == old
    assert year_shown("", today=date(2027, 9, 1)) == new
    assert year_shown("", today=date(2030, 1, 1)) == new


def test_before_any_school_year_none_is_shown():
    assert year_shown("", today=date(2026, 10, 1)) is None


@pytest.mark.parametrize(("key", "number"), [("12", 12), ("x", 0), ("-1", 0), ("٣", 0), ("9" * 18, 0), ("", 0)])
def test_an_address_that_holds_no_number_names_nothing(key, number):
    assert number_of(key) == number


@pytest.mark.parametrize(
    ("change", "field"),
    [({"unit_mode": "stay"}, "unit_mode"), ({"regie": None}, "regie")],
)
@pytest.mark.parametrize("capacity", [None, 3])
def test_what_sold_places_were_counted_and_paid_by_no_longer_changes(db, change, field, capacity):
    """Whether its places are limited or not."""
    with clock.frozen(NOON):
        family = make_family(make_service(capacity=capacity, regie=make_regie()))
        family.hold(MONDAY)
    activity, unit = family.activity, family.unit
    for name, value in change.items():
        setattr(activity, name, value or make_regie())
    with pytest.raises(ActivityError) as refusal:
        save_activity(activity=activity, deadlines={}, by=SYSTEM)
    assert refusal.value.field == field
    unit.parts = ["am", "pm"]
    with pytest.raises(ActivityError) as refusal:
        save_unit(unit=unit, by=SYSTEM)
    assert refusal.value.field == "parts"


def test_a_limit_taken_away_forgets_its_counts(db):
    activity = make_activity(capacity=3)
    group = make_activity_group(activity, capacity=2)
    for of in (None, group):
        PlacesOfDay.objects.create(
            activity=activity, group=of, day=activity.first_day, part="am", capacity=2, ceiling=2, taken=1
        )
    activity.capacity = group.capacity = None
    save_group(group=group, by=SYSTEM)
    assert PlacesOfDay.objects.get().group is None
    save_activity(activity=activity, deadlines={}, by=SYSTEM)
    assert not PlacesOfDay.objects.exists()
