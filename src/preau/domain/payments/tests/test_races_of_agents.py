"""An agent takes a day away at the instant when its family, its bank or another agent touches it, on PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from preau.domain.bookings.errors import NotToBookError, OrderClosedError
from preau.domain.bookings.models import Booking
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.errors import PaymentInProgressError
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services import agent_bookings, freezing, order_settlement
from preau.domain.payments.services.agent_bookings import cancel_for_family
from preau.domain.payments.services.sending import cancel_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.domain.payments.tests.crossing import crossing, no_row_locks
from preau.foundation import clock
from preau.foundation.invariants import violations
from tests.support.bookings import AGENT, MONDAY, PARENT, Family, make_family, make_service
from tests.support.factories import NOON, make_regie

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def family(transactional_db) -> Iterator[Family]:
    with clock.frozen(NOON):
        yield make_family(make_service(capacity=1, regie=make_regie()))


@pytest.fixture
def cancelling() -> Callable:
    """An agent cancels the only booking there is."""

    def cancel():
        booking = Booking.objects.get()
        return cancel_for_family(
            regie_ids=[booking.activity.regie_id], booking_id=booking.public_id, reason="sortie scolaire", by=AGENT
        )

    return cancel


def sent(family: Family) -> PaymentAttempt:
    """The family holds its Monday and is at its bank."""
    family.hold(MONDAY)
    return family.go_to_bank()


def settle() -> int:
    """The worker asks the bank, some minutes later."""
    with clock.frozen(NOON + timedelta(minutes=3)):
        return ask_due()


def credit_of(family: Family) -> int:
    return household_credit_cents(family.household).get(family.activity.regie_id, 0)


def test_a_day_taken_away_is_not_paid_for(family, crossing, cancelling):
    family.hold(MONDAY)
    crossing.before(agent_bookings, "cancel_order")
    done, refusal = crossing.run(cancelling, partial(family.pay, shown_cents=360))
    assert (len(done.released), type(refusal), family.states()) == (1, OrderClosedError, {MONDAY: "released"})
    assert violations() == []


def test_control_without_locks_a_day_taken_away_is_paid_for(family, crossing, cancelling, no_row_locks):
    family.hold(MONDAY)
    no_row_locks()
    crossing.before(agent_bookings, "cancel_order")
    _, attempt = crossing.run(cancelling, partial(family.pay, shown_cents=360))
    assert isinstance(attempt, PaymentAttempt)
    assert family.states() == {MONDAY: "released"}


def test_a_day_is_not_taken_away_under_the_click_that_pays_it(family, crossing, cancelling):
    family.hold(MONDAY)
    crossing.before(freezing, "first_event")
    attempt, refusal = crossing.run(partial(family.pay, shown_cents=360), cancelling)
    assert (attempt.state, type(refusal)) == ("prepared", PaymentInProgressError)
    assert family.states() == {MONDAY: "held"}


def test_a_day_being_confirmed_by_its_payment_is_cancelled_after_it_and_credited(family, crossing, cancelling, bank):
    bank.pay(sent(family).gateway_reference)
    crossing.before(order_settlement, "confirm_order")
    _, done = crossing.run(settle, cancelling)
    assert (done.credited_cents, credit_of(family), family.states()) == (360, 360, {MONDAY: "cancelled"})
    assert violations() == []


def test_a_late_payment_finds_nothing_of_what_is_being_taken_away(family, crossing, cancelling, bank):
    attempt = sent(family)
    cancel_attempt(attempt=attempt, by=PARENT)
    bank.pay(attempt.gateway_reference)
    crossing.before(agent_bookings, "cancel_order")
    done, _ = crossing.run(cancelling, settle)
    assert (done.credited_cents, credit_of(family), family.states()) == (0, 360, {MONDAY: "released"})
    assert violations() == []


def test_two_agents_give_back_once(family, crossing, cancelling, bank):
    bank.pay(sent(family).gateway_reference)
    settle()
    crossing.before(agent_bookings, "cancel_confirmed")
    done, refusal = crossing.run(cancelling, cancelling)
    assert (done.credited_cents, type(refusal), credit_of(family)) == (360, NotToBookError, 360)
    assert violations() == []


def test_control_without_locks_two_agents_give_back_twice(transactional_db, crossing, cancelling, bank, no_row_locks):
    """Where places are limited, the count that would go below zero refuses the second one."""
    with clock.frozen(NOON):
        family = make_family(make_service(capacity=None, regie=make_regie()))
        bank.pay(sent(family).gateway_reference)
        settle()
        no_row_locks()
        crossing.before(agent_bookings, "cancel_confirmed")
        crossing.run(cancelling, cancelling)
        assert credit_of(family) == 720
