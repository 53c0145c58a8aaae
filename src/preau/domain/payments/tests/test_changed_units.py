"""A day changed from one unit to another takes only the places that its child has not, even when the day is full."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from preau.domain.activities.models import PlacesOfDay
from preau.domain.bookings.errors import RefusedChangesError
from preau.domain.bookings.models import Booking, BookingOrder, WaitingEntry
from preau.domain.bookings.rules.periods import View
from preau.domain.bookings.services.waiting import join_waiting_list
from preau.domain.payments.services.agent_bookings import cancel_for_family
from preau.domain.payments.services.holds import lapse_due
from preau.domain.payments.services.sending import cancel_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.foundation import clock
from preau.foundation.invariants import violations
from tests.support.activities import make_unit
from tests.support.bookings import AGENT, MONDAY, PARENT, Family, make_family, make_service, price
from tests.support.factories import NOON, make_regie

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_books_are_right(at_noon) -> Iterator[None]:
    yield
    assert violations() == []


def make_camp(**values):
    """A leisure centre with one place: the day, and each of its halves."""
    camp = make_service("Accueil de loisirs", unit="Journée", cents=1150, capacity=1, regie=make_regie(), **values)
    camp.units.update(parts=["am", "pm"])
    price(make_unit(camp, "Matin", parts=["am"], position=1), 600)
    price(make_unit(camp, "Après-midi", parts=["pm"], position=2), 600)
    return camp


def book(family: Family, unit: str, bank=None) -> BookingOrder:
    """Save the day with a unit; pay it, where a bank is given."""
    family.draft(MONDAY, unit=family.activity.units.get(name=unit))
    (order,) = family.save().orders
    if bank is not None:
        pay(family, bank)
    return order


def pay(family: Family, bank) -> None:
    bank.pay(family.go_to_bank().gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=3)):
        ask_due()


def taken() -> dict[str, int]:
    return dict(PlacesOfDay.objects.values_list("part", "taken"))


def live(family: Family) -> list[tuple[str, str, bool]]:
    rows = Booking.objects.filter(household=family.household, state__in=["held", "confirmed"])
    return list(rows.order_by("id").values_list("unit__name", "state", "is_leaving"))


def wait(family: Family, unit: str) -> WaitingEntry:
    return join_waiting_list(
        household=family.household,
        child_id=family.children[0].public_id,
        activity_id=family.activity.public_id,
        unit_code=family.activity.units.get(name=unit).code,
        day=MONDAY,
    )


def test_half_of_a_full_day_is_kept_and_the_other_goes_to_who_waits():
    family = make_family(make_camp(payment_mode="afterwards"))
    book(family, "Journée")
    entry = wait(make_family(family.activity), "Après-midi")
    book(family, "Matin")
    assert live(family) == [("Matin", "confirmed", False)]
    entry.refresh_from_db()
    assert (entry.state, taken()) == ("offered", {"am": 1, "pm": 1})


def test_a_half_grows_to_the_day_when_the_other_is_free():
    family = make_family(make_camp(payment_mode="afterwards"))
    book(family, "Matin")
    book(family, "Journée")
    assert (live(family), taken()) == ([("Journée", "confirmed", False)], {"am": 1, "pm": 1})


def test_a_half_does_not_grow_over_the_place_of_another():
    first = make_family(make_camp(payment_mode="afterwards"))
    second = make_family(first.activity)
    book(first, "Matin")
    book(second, "Après-midi")
    with pytest.raises(RefusedChangesError):
        book(first, "Journée")
    assert (live(first), taken()) == ([("Matin", "confirmed", False)], {"am": 1, "pm": 1})


def test_a_place_shared_while_the_change_is_paid_is_counted_once(bank):
    family = make_family(make_camp())
    book(family, "Matin", bank)
    book(family, "Journée")
    assert live(family) == [("Matin", "confirmed", True), ("Journée", "held", False)]
    assert taken() == {"am": 1, "pm": 1}
    assert violations() == []
    pay(family, bank)
    assert (live(family), taken()) == ([("Journée", "confirmed", False)], {"am": 1, "pm": 1})


def test_a_change_never_paid_gives_back_only_what_it_took(bank):
    family = make_family(make_camp())
    book(family, "Matin", bank)
    order = book(family, "Journée")
    with clock.frozen(order.hold_until):
        assert lapse_due() == 1
    assert (live(family), taken()) == ([("Matin", "confirmed", False)], {"am": 1, "pm": 0})


def test_a_change_paid_too_late_takes_again_only_what_it_lacks(bank):
    family = make_family(make_camp())
    book(family, "Matin", bank)
    order = book(family, "Journée")
    attempt = family.go_to_bank()
    cancel_attempt(attempt=attempt, by=PARENT)
    with clock.frozen(order.hold_until):
        assert lapse_due() == 1
        bank.pay(attempt.gateway_reference)
    with clock.frozen(order.hold_until + timedelta(minutes=2)):
        ask_due()
    assert (live(family), taken()) == ([("Journée", "confirmed", False)], {"am": 1, "pm": 1})


def test_an_agent_who_cancels_a_day_being_changed_frees_all_of_it(bank):
    family = make_family(make_camp())
    book(family, "Matin", bank)
    book(family, "Journée")
    leaving = Booking.objects.get(is_leaving=True)
    cancel_for_family(
        regie_ids=[family.activity.regie_id], booking_id=leaving.public_id, reason="Centre fermé ce jour.", by=AGENT
    )
    assert (live(family), taken()) == ([], {"am": 0, "pm": 0})


def test_the_planning_of_a_full_day_offers_the_units_that_its_child_can_change_to():
    first = make_family(make_camp(payment_mode="afterwards"))
    book(first, "Journée")
    stranger = make_family(first.activity)
    assert rooms(first) == {"Journée": True, "Matin": True, "Après-midi": True}
    assert rooms(stranger) == {"Journée": False, "Matin": False, "Après-midi": False}


def rooms(family: Family) -> dict[str, bool]:
    """Which units the planning says have room on the day."""
    (box,) = next(day for day in family.planning(View.WEEK).days if day.day == MONDAY).boxes
    return {option.unit.name: option.has_room for option in box.options}
