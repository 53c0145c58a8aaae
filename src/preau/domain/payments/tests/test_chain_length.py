"""« Paiement 1 sur 2 »: a basket of several régies, stopped and taken up again (V06, P08, design 4.8)."""

from datetime import date, timedelta

import pytest

from preau.domain.ledger.models import LedgerEntry
from preau.domain.payments.models import Capture, Checkout
from preau.domain.payments.queries.checkouts import chain_of
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin, Verdict
from preau.domain.payments.tests.conftest import PARENT, links
from preau.foundation import clock
from preau.foundation.mail.models import OutgoingMail
from preau.foundation.money import format_cents
from tests.support.factories import NOON, make_invoice, make_regie, make_window


@pytest.fixture
def two(scene):
    """24,00 € for one régie, 10,00 € for another, both in the basket."""
    nursery = make_regie(label="Petite enfance")
    scene.choose(scene.invoice, make_invoice(scene.household, nursery, cents=1000))
    return scene


def receipt_mails() -> list[str]:
    return list(OutgoingMail.objects.filter(kind="receipt").order_by("id").values_list("text", flat=True))


def test_a_regie_that_cannot_be_paid_today_is_no_step_of_the_chain(scene):
    """Else the family is told to expect a payment that never comes, once the last one is made."""
    later = make_regie(uses_payment_windows=True)
    make_window(later, first=date(2026, 11, 1), last=date(2026, 11, 15), months=[date(2026, 10, 1)])
    scene.choose(scene.invoice, make_invoice(scene.household, later), make_invoice(scene.household, make_regie()))
    assert scene.start(2400).checkout.operations == 2


def pay_next(scene, bank, cents: int, **values):
    """The next operation of the basket, paid and heard of."""
    attempt = scene.start(cents, **values)
    send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    bank.pay(attempt.gateway_reference)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    return attempt


@pytest.mark.row("V06")
def test_a_basket_of_two_regies_is_two_operations_and_one_summary(two, bank):
    """Each receipt says where the basket stands: what is left and where to pay it, then all of it together."""
    first = pay_next(two, bank, 2400)
    second = pay_next(two, bank, 1000, checkout_id=first.checkout.public_id)
    assert (second.checkout_id, Capture.objects.count()) == (first.checkout_id, 2)
    begun, ended = receipt_mails()
    assert "Votre panier, 1 paiement sur 2 :" in begun
    assert "Pour payer la suite : http://testserver/panier/" in begun
    assert "Votre panier, 2 paiements sur 2 :" in ended
    assert f"Total payé : {format_cents(3400)}." in ended


@pytest.mark.row("V06")
def test_a_chain_left_after_the_first_is_taken_up_from_the_basket(two, bank):
    """The link of the mail leads to the basket, whose click knows nothing of the first page."""
    first = pay_next(two, bank, 2400)
    with clock.frozen(NOON + timedelta(days=1)):
        second = pay_next(two, bank, 1000)
    assert second.checkout_id == first.checkout_id
    assert chain_of(second.checkout).is_finished


@pytest.mark.parametrize("outcome", [Verdict.REFUSED, Verdict.CANCELLED])
def test_a_refused_step_is_tried_again_in_its_chain(two, bank, outcome):
    attempt = two.start(2400)
    send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    bank.pay(attempt.gateway_reference, verdict=outcome)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    again = pay_next(two, bank, 2400)
    last = pay_next(two, bank, 1000)
    assert Checkout.objects.count() == 1
    chain = chain_of(last.checkout)
    assert ([step.attempt.id for step in chain.steps], chain.paid_cents) == ([again.id, last.id], 3400)


def test_a_chain_of_long_ago_is_over(two, bank):
    first = pay_next(two, bank, 2400)
    with clock.frozen(NOON + timedelta(days=3)):
        assert pay_next(two, bank, 1000).checkout_id != first.checkout_id


def test_another_basket_is_another_chain(two, bank):
    """An invoice added since: what remains is no longer what the first page announced."""
    first = pay_next(two, bank, 2400)
    two.choose(make_invoice(two.household, make_regie(), cents=500))
    assert pay_next(two, bank, 1000).checkout.operations == 2
    assert Checkout.objects.count() == 2
    assert chain_of(first.checkout).paid_cents == 2400


@pytest.mark.row("P08")
def test_the_money_of_one_regie_stays_on_its_own_contract(two, bank):
    """Whatever the order in which the two banks speak."""
    first = pay_next(two, bank, 2400)
    second = pay_next(two, bank, 1000)
    for attempt in (first, second):
        booked = LedgerEntry.objects.filter(transaction__source_key=attempt.public_id, account__kind="clearing")
        assert [(e.account.contract_id, e.amount_cents) for e in booked] == [
            (attempt.contract_id, attempt.amount_cents)
        ]
        assert attempt.contract.regie_id == attempt.regie_id
