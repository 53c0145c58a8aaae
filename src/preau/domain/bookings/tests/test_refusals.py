"""What the database refuses about bookings, whoever writes: the last wall when a service is wrong."""

import pytest

from preau.domain.activities.models import PlacesOfDay
from preau.domain.bookings.models import (
    Booking,
    BookingEvent,
    BookingOrder,
    DraftChange,
    Enrolment,
    EnrolmentEvent,
    OrderEvent,
    OrderLine,
    WaitingEntry,
)
from preau.domain.bookings.services.waiting import join_waiting_list
from tests.support.activities import make_unit
from tests.support.bookings import MONDAY, TUESDAY, make_family, make_service
from tests.support.factories import NOON
from tests.support.refusals import columns_of, refused_by, refused_frozen, refused_whole, refused_with, save_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(family) -> BookingOrder:
    return family.hold(MONDAY)


@pytest.fixture
def booking(order) -> Booking:
    return Booking.objects.get()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "a_child_has_one_live_booking_per_activity_and_day"),
        ({"day": TUESDAY, "starts_minute": 600, "ends_minute": 600}, "booked_hours_end_after_they_begin"),
        ({"day": TUESDAY, "starts_minute": 600}, "booked_hours_end_after_they_begin"),
        ({"day": TUESDAY, "is_leaving": True}, "only_a_confirmed_booking_leaves"),
    ],
)
def test_bookings(booking, changes, constraint):
    with refused_by(constraint):
        save_again(booking, **changes)


def test_a_day_being_changed_has_its_new_booking_beside_it(booking):
    Booking.objects.filter(id=booking.id).update(state="confirmed", is_leaving=True)
    assert save_again(booking).id


def test_what_is_frozen_of_a_booking_never_changes(booking):
    refused_frozen(
        booking,
        {"price_cents": 1, "day": TUESDAY, "household_id": make_family(booking.activity).household.id, "is_late": True},
    )


def test_a_booking_keeps_to_its_enrolment_and_to_its_activity(booking):
    stranger = make_family(booking.activity)
    other = make_service("Autre")
    for column, value in (
        ("child_id", stranger.children[0].id),
        ("household_id", stranger.household.id),
        ("activity_id", other.id),
        ("unit_id", make_unit(other, "Journée").id),
    ):
        with refused_with("belongs to another|_same_"):
            save_again(booking, day=TUESDAY, **{column: value})


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "a_click_saves_one_order_per_regie_and_mode"),
        ({"form_key": "other", "hold_until": None}, "an_open_order_has_a_limit"),
        ({"form_key": "other", "ended_at": NOON}, "only_an_ended_order_is_dated_ended"),
        ({"form_key": "other", "state": "confirmed"}, "only_an_ended_order_is_dated_ended"),
    ],
)
def test_orders(order, changes, constraint):
    with refused_by(constraint):
        save_again(order, **changes)


def test_what_is_frozen_of_an_order_never_changes(order):
    refused_frozen(order, {"total_cents": 1, "form_key": "other"})


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "remove", "amount_cents": 0}, "an_order_names_a_booking_once"),
        ({"kind": "add", "amount_cents": -1}, "order_lines_have_the_sign_of_their_kind"),
        ({"kind": "remove", "amount_cents": 1}, "order_lines_have_the_sign_of_their_kind"),
    ],
)
def test_order_lines(order, changes, constraint):
    with refused_by(constraint):
        save_again(OrderLine.objects.get(), **changes)


def test_a_booking_is_added_by_one_order(order):
    other = save_again(order, form_key="other")
    with refused_by("a_booking_is_added_by_one_order"):
        save_again(OrderLine.objects.get(), order_id=other.id)


@pytest.mark.parametrize("model", [BookingEvent, OrderEvent, OrderLine, EnrolmentEvent])
def test_what_happened_is_never_rewritten(order, model):
    refused_whole(model.objects.first())


@pytest.mark.parametrize(
    ("model", "constraint"),
    [(BookingEvent, "booking_events_have_ranks"), (OrderEvent, "order_events_have_ranks")],
)
def test_ranks_of_events(order, model, constraint):
    with refused_by(constraint):
        save_again(model.objects.first())


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "a_child_has_one_live_enrolment_in_an_activity"),
        ({"state": "ended", "last_day": MONDAY, "first_day": TUESDAY}, "enrolment_ends_after_it_begins"),
        ({"state": "requested"}, "only_a_request_is_undecided"),
        ({"state": "ended", "decided_at": None}, "only_a_request_is_undecided"),
        ({"state": "refused", "reason": ""}, "a_refusal_says_why"),
    ],
)
def test_enrolments(family, changes, constraint):
    enrolment = Enrolment.objects.filter(child=family.children[0]).get()
    if constraint == "only_a_request_is_undecided":
        Enrolment.objects.filter(id=enrolment.id).update(state="ended")
    with refused_by(constraint):
        save_again(enrolment, **changes)


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("an_enrolment_belongs_to_one_child", "child_id"),
        ("an_enrolment_belongs_to_one_household", "household_id"),
        ("an_enrolment_belongs_to_one_activity", "activity_id"),
    ],
)
def test_what_a_booking_shares_with_its_enrolment(name, owner):
    assert columns_of(Enrolment, name) == ["id", owner]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "a_day_is_once_in_the_draft_of_a_person"),
        ({"day": TUESDAY, "starts_minute": 60, "ends_minute": 60}, "drafted_hours_end_after_they_begin"),
    ],
)
def test_drafts(family, changes, constraint):
    family.draft(MONDAY)
    with refused_by(constraint):
        save_again(DraftChange.objects.get(), **changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "a_child_waits_once_for_an_activity_and_day"),
        ({"day": TUESDAY, "state": "offered"}, "an_offered_place_is_held_by_an_order"),
    ],
)
def test_waiting(at_noon, changes, constraint):
    holder = make_family(make_service(capacity=1))
    holder.hold(MONDAY)
    family = make_family(holder.activity)
    join_waiting_list(
        household=family.household,
        child_id=family.children[0].public_id,
        activity_id=family.activity.public_id,
        unit_code=family.unit.code,
        day=MONDAY,
    )
    with refused_by(constraint):
        save_again(WaitingEntry.objects.get(), **changes)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "one_count_of_places_per_activity_day_and_part"),
        ({"day": TUESDAY, "taken": 4}, "places_taken_never_exceed_the_ceiling"),
        ({"day": TUESDAY, "capacity": 4}, "ceiling_of_places_is_never_under_capacity"),
    ],
)
def test_places(order, changes, constraint):
    with refused_by(constraint):
        save_again(PlacesOfDay.objects.get(), **changes)


def test_places_of_a_group_are_counted_once(family):
    group = family.activity.groups.create(name="Maternelles", capacity=2)
    row = PlacesOfDay.objects.create(
        activity=family.activity, group=group, day=MONDAY, part="am", capacity=2, ceiling=2
    )
    with refused_by("one_count_of_places_per_group_day_and_part"):
        save_again(row)


def test_places_are_never_less_than_nothing(order):
    with refused_with("taken"):
        PlacesOfDay.objects.update(taken=-1)
