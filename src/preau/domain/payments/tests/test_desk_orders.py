"""Bookings paid at the desk: what settles their invoice confirms their places, wherever it was paid (C39, V11)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from preau.domain.billing.models import Invoice
from preau.domain.bookings.models import BookingOrder
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.errors import DeskRefusedError
from preau.domain.payments.models import ReviewCase
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.desk import Brought, Received, receive
from preau.domain.payments.services.holds import lapse_due
from preau.domain.payments.services.sending import cancel_attempt
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import MeansOfPayment, RegieMember
from preau.foundation import clock
from tests.support.bookings import AGENT, MONDAY, PARENT, TUESDAY, Family, make_family, make_service
from tests.support.factories import NOON, make_regie, make_user
from tests.support.till import open_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def family(at_noon) -> Family:
    return make_family(make_service(capacity=3, regie=make_regie()))


@pytest.fixture(autouse=True)
def the_books_are_right(at_noon) -> Iterator[None]:
    yield
    assert broken() == {}


@pytest.fixture
def invoice(family) -> Invoice:
    """Two meals held, 7,20 €: the family went to pay them on line and gave up."""
    family.hold(MONDAY, TUESDAY)
    attempt = family.pay()
    assert attempt is not None
    cancel_attempt(attempt=attempt, by=PARENT)
    return Invoice.objects.get()


def bring(invoice: Invoice, cents: int, means: MeansOfPayment = MeansOfPayment.CHEQUE) -> Received:
    agent = make_user(display_name="Nadège Vandenbroucke")
    RegieMember.objects.create(regie=invoice.regie, user=agent, post="mandataire")
    open_desk(invoice.regie)
    return receive(
        household=invoice.household,
        regie=invoice.regie,
        invoice_ids=[invoice.public_id],
        brought=Brought(cents, means, NOON.date()),
        form_key=new_form_key(),
        user=agent,
        by=AGENT,
    )


@pytest.mark.row("V11")
def test_bookings_paid_at_the_desk_are_confirmed(family, invoice):
    assert family.states() == {MONDAY: "held", TUESDAY: "held"}
    bring(invoice, 720)
    assert family.states() == {MONDAY: "confirmed", TUESDAY: "confirmed"}
    assert BookingOrder.objects.get().state == "confirmed"
    with clock.frozen(NOON + timedelta(hours=2)):
        assert lapse_due() == 0


def test_a_part_confirms_nothing_and_is_not_taken(family, invoice):
    with pytest.raises(DeskRefusedError, match="garde des places réservées") as refused:
        bring(invoice, 700)
    assert refused.value.field == "amount"
    assert (family.states(), Invoice.objects.get().left_cents) == ({MONDAY: "held", TUESDAY: "held"}, 720)


def test_what_is_too_much_is_credit_and_no_case(family, invoice):
    bring(invoice, 1000)
    assert family.states() == {MONDAY: "confirmed", TUESDAY: "confirmed"}
    assert household_credit_cents(family.household) == {invoice.regie_id: 280}
    assert not ReviewCase.objects.exists()


def test_places_given_back_leave_nothing_to_pay(invoice):
    with clock.frozen(NOON + timedelta(hours=2)):
        assert lapse_due() == 1
        with pytest.raises(DeskRefusedError, match="Déjà soldée"):
            bring(invoice, 720)
