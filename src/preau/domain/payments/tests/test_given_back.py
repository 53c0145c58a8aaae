"""What is given back follows what was sold, and goes to who paid it, whatever changed since (C26, W11)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from preau.domain.activities.models import PaymentMode
from preau.domain.billing.models import Invoice
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.errors import RefusedChangesError
from preau.domain.bookings.models import BookingOrder
from preau.domain.bookings.queries.agents import agent_proposal
from preau.domain.bookings.queries.proposals import NOT_ONLINE, OTHER_HOME, PAID_OTHERWISE
from preau.domain.families.models import ChildHome
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.queries.orders import summary_of
from preau.domain.payments.services.agent_bookings import book_for_family
from preau.domain.payments.services.attempts import Click, new_form_key, prepare_payment
from preau.domain.payments.services.baskets import add_to_basket, set_part
from preau.domain.payments.services.holds import lapse_due
from preau.domain.payments.services.sweep import ask_due
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.invariants import violations
from tests.support.activities import make_unit
from tests.support.bookings import (
    AGENT,
    MONDAY,
    PARENT,
    THURSDAY,
    TUESDAY,
    Family,
    make_family,
    make_service,
    price,
)
from tests.support.factories import NOON, make_regie

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


def paid(family: Family, bank, *days) -> BookingOrder:
    order = family.hold(*days)
    bank.pay(family.go_to_bank().gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=3)):
        ask_due()
    order.refresh_from_db()
    assert order.state == "confirmed"
    return order


def credit_of(family: Family) -> int:
    return sum(household_credit_cents(family.household).values())


def switch(family: Family, mode: PaymentMode) -> None:
    family.activity.payment_mode = mode
    family.activity.save()


def test_a_day_never_paid_gives_no_money_back_once_its_activity_is_paid_first():
    family = make_family(make_service(payment_mode=PaymentMode.AFTERWARDS, regie=make_regie()))
    family.draft(MONDAY)
    family.save()
    switch(family, PaymentMode.IMMEDIATE)
    family.undraft(MONDAY)
    family.save()
    assert (family.states(), credit_of(family)) == ({MONDAY: "cancelled"}, 0)
    assert violations() == []


def test_a_day_paid_is_given_back_once_its_activity_is_billed_later(bank):
    family = make_family()
    paid(family, bank, MONDAY)
    switch(family, PaymentMode.AFTERWARDS)
    family.undraft(MONDAY)
    family.save()
    assert (family.states(), credit_of(family)) == ({MONDAY: "cancelled"}, 360)
    assert violations() == []


def test_a_day_sold_one_way_is_not_changed_into_one_sold_another_way(bank):
    family = make_family()
    paid(family, bank, MONDAY)
    half = make_unit(family.activity, "Demi-journée")
    price(half, 200)
    switch(family, PaymentMode.AFTERWARDS)
    family.draft(MONDAY, unit=half)
    with pytest.raises(RefusedChangesError) as refusal:
        family.save()
    assert [change.refusal for change in refusal.value.proposal.refused] == [PAID_OTHERWISE]
    assert family.states() == {MONDAY: "confirmed"}


def test_the_other_home_takes_away_no_day_and_receives_no_money(bank):
    """It names a box that its page never showed."""
    family, other = make_family(), make_family(make_service("Garderie", regie=make_regie()))
    paid(family, bank, MONDAY)
    ChildHome.objects.create(child=family.children[0], household=other.household, position=2)
    other = Family(other.household, other.user, family.activity, family.children)
    other.undraft(MONDAY)
    with pytest.raises(RefusedChangesError) as refusal:
        other.save()
    assert [change.refusal for change in refusal.value.proposal.refused] == [OTHER_HOME]
    assert (family.states(), credit_of(family), credit_of(other)) == ({MONDAY: "confirmed"}, 0, 0)


def test_a_day_drafted_before_its_activity_was_hidden_is_not_saved():
    family = make_family()
    family.draft(MONDAY)
    family.activity.is_published = False
    family.activity.save()
    assert [change.refusal for change in family.proposal.refused] == [NOT_ONLINE]


def test_a_drafted_day_that_became_full_says_so_before_the_saving():
    activity = make_service(capacity=1, regie=make_regie())
    mine, theirs = make_family(activity), make_family(activity)
    mine.draft(MONDAY, TUESDAY)
    theirs.hold(MONDAY)
    assert [(change.day, change.refusal) for change in mine.proposal.refused] == [(MONDAY, "Ce jour est complet.")]
    assert [change.day for change in mine.proposal.changes] == [TUESDAY]


def test_a_hold_lapses_behind_many_that_are_being_paid():
    """Payments that no bank answers keep their places, and keep nobody else's from being given back."""
    activity = make_service(regie=make_regie())
    paying = [make_family(activity) for _ in range(3)]
    for family in paying:
        family.hold(MONDAY)
        family.go_to_bank()
    late = make_family(activity)
    with clock.frozen(NOON + timedelta(minutes=1)):
        late.hold(MONDAY)
    with clock.frozen(NOON + timedelta(hours=2)):
        assert lapse_due(limit=2) == 1
    assert late.states() == {MONDAY: "released"}
    assert [family.states() for family in paying] == [{MONDAY: "held"}] * 3


def left_due(family: Family, day: date) -> Invoice:
    """A day that an agent books for the family, who owes it."""
    enrolment, wanted = family.children[0].enrolments.get(), Wanted(family.unit)
    proposal = agent_proposal(enrolment, wanted, [day], now=clock.now(), zone=the_town().zone)
    book_for_family(
        enrolment=enrolment,
        wanted=wanted,
        days=[day],
        form_key=new_form_key(),
        shown_cents=proposal.cost_cents,
        derogation="",
        by=AGENT,
    )
    return Invoice.objects.get(household=family.household)


def test_the_sum_announced_leaves_out_what_is_being_paid_already():
    """A family pays from its invoices a day left due, and books another meanwhile: that other one can be paid."""
    family = make_family()
    due = left_due(family, MONDAY)
    add_to_basket(user=family.user, household=family.household, invoice_ids=[due.public_id])
    click = Click(receipt_email="parent@example.org", form_key=new_form_key(), shown_cents=360)
    prepare_payment(household=family.household, user=family.user, click=click, by=PARENT)
    family.hold(THURSDAY)
    assert summary_of(family.household).first_cents == 360
    assert family.pay().amount_cents == 360
    assert PaymentAttempt.objects.count() == 2


def test_a_part_chosen_before_gives_way_to_the_sum_announced():
    family = make_family(make_service(regie=make_regie(allows_part_payment=True), cents=1000))
    due = left_due(family, MONDAY)
    add_to_basket(user=family.user, household=family.household, invoice_ids=[due.public_id])
    set_part(user=family.user, invoice_id=due.public_id, amount_cents=400)
    family.hold(THURSDAY)
    assert summary_of(family.household).first_cents == 2000
    assert family.pay().amount_cents == 2000
