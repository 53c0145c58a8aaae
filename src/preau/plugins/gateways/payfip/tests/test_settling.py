"""From what the service answers to what the books hold: the whole way, over the wire (N8, N9, G5, G6, G7)."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from preau.domain.accounts.models import User
from preau.domain.ledger.models import LedgerEntry
from preau.domain.payments.models import Capture, PaymentAttempt, Receipt, ReviewCase
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.baskets import add_to_basket
from preau.domain.payments.services.inbox import process_due
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import AttemptState
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON, make_contract, make_household, make_invoice, make_regie, make_town, user_of

pytestmark = [pytest.mark.process, pytest.mark.django_db]

NUMCLI = "090909"
PARENT = Actor(kind="family", key="parent")


@pytest.fixture
def at_noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def operation(at_noon, banksim) -> PaymentAttempt:
    """The payer of 24,00 € is on the pages of the DGFiP."""
    banksim.add_client(NUMCLI, "Saint-Éloi-sur-Lys")
    make_town()
    regie = make_regie(contract=False)
    settings = {"service_url": banksim.service_url, "page_url": banksim.page_url}
    make_contract(regie, gateway="payfip", merchant=NUMCLI, settings=settings)
    household = make_household()
    user = user_of(household)
    invoice = make_invoice(household, regie, cents=2400)
    return _sent(user, household, invoice)


def _sent(user: User, household, invoice) -> PaymentAttempt:
    add_to_basket(user=user, household=household, invoice_ids=[invoice.public_id])
    attempt = start_payment(
        household=household,
        user=user,
        receipt_email="parent@example.org",
        form_key=new_form_key(),
        shown_cents=2400,
        by=PARENT,
    )
    send_attempt(attempt=attempt, link_for=lambda _: ("http://127.0.0.1:9/n", "http://127.0.0.1:9/r"), by=PARENT)
    attempt.refresh_from_db()
    return attempt


@pytest.fixture
def notice(operation, client):
    """The service's notice arrives."""

    def arrive() -> None:
        address = reverse("webhooks:notification", args=["payfip", operation.return_token])
        body = f"idop={operation.gateway_reference}"
        assert client.post(address, body, content_type="application/x-www-form-urlencoded").status_code == 200

    return arrive


@pytest.fixture
def notified(operation, notice):
    """It arrives and is understood."""

    def notify() -> None:
        notice()
        assert process_due() == 1
        operation.refresh_from_db()

    return notify


def invoice_of(attempt: PaymentAttempt):
    return attempt.lines.get().invoice


def suspended() -> list[int]:
    return list(LedgerEntry.objects.filter(account__kind="suspense").values_list("amount_cents", flat=True))


@pytest.mark.parametrize(
    ("outcome", "state", "left_cents"),
    [
        ("P", "captured", 0),
        ("V", "captured", 0),
        ("R", "refused", 2400),
        ("Z", "refused", 2400),
        ("A", "abandoned", 2400),
    ],
)
def test_each_result_leads_to_its_state(operation, notified, banksim, outcome, state, left_cents):
    banksim.decide(operation.gateway_reference, outcome, notify="never")
    notified()
    assert (operation.state, invoice_of(operation).left_cents) == (state, left_cents)
    assert not operation.lines.filter(is_open=True).exists()
    assert Receipt.objects.count() == (left_cents == 0)


@pytest.mark.parametrize(
    ("lie", "named", "suspense"),
    [
        ("other_idop", "opération", []),
        ("other_numcli", "commerçant : demandé 090909, annoncé 090910", []),
        ("altered_amount", "montant (centimes) : demandé 2400, annoncé 2401", [-2401]),
        ("other_refdet", "référence", [-2400]),
    ],
)
def test_an_answer_about_something_else_is_never_captured(operation, notified, banksim, lie, named, suspense):
    banksim.decide(operation.gateway_reference, "P", notify="never")
    banksim.set_fault("recupererDetailPaiementSecurise", lie)
    notified()
    assert operation.state == AttemptState.ANOMALY
    assert Capture.objects.count() == 0
    assert invoice_of(operation).left_cents == 2400
    case = ReviewCase.objects.get()
    assert (case.kind, named in case.detail) == (ReviewCase.Kind.CONTRADICTION, True)
    assert suspended() == suspense
    assert OutgoingMail.objects.filter(kind="receipt").count() == 0
    # The truth told later changes nothing either: a person decides.
    banksim.clear_faults()
    notified()
    with clock.frozen(NOON + timedelta(days=2)):
        assert release_expired() == 0
    assert (operation.state, Capture.objects.count(), ReviewCase.objects.count()) == ("anomaly", 0, 1)


def test_a_payment_in_another_mode_is_never_captured(operation, notified, banksim):
    banksim.decide(operation.gateway_reference, "P", notify="never")
    banksim.set_fault("recupererDetailPaiementSecurise", "other_saisie")
    notified()
    assert (operation.state, Capture.objects.count()) == (AttemptState.ANOMALY, 0)
    assert ReviewCase.objects.get().detail == "mode : demandé test, annoncé production"


def test_a_second_payment_of_one_operation_waits_in_suspense(operation, notified, banksim):
    banksim.decide(operation.gateway_reference, "P", notify="never")
    notified()
    banksim.set_fault("recupererDetailPaiementSecurise", "paid_twice")
    with clock.frozen(NOON + timedelta(minutes=2)):
        notified()
    with clock.frozen(NOON + timedelta(minutes=4)):
        notified()
    assert (operation.state, Capture.objects.count(), Receipt.objects.count()) == ("captured", 1, 1)
    assert [case.kind for case in ReviewCase.objects.all()] == [ReviewCase.Kind.DOUBLE_CAPTURE]
    assert suspended() == [-2400]


@pytest.mark.parametrize("sickness", ["wrong_namespace", "external_entity", "malformed", "technical_999", "close"])
def test_a_sick_answer_changes_nothing_and_is_asked_again(operation, notice, banksim, sickness):
    banksim.decide(operation.gateway_reference, "P", notify="never")
    banksim.set_fault("recupererDetailPaiementSecurise", sickness)
    notice()
    assert process_due() == 0
    operation.refresh_from_db()
    assert (operation.state, Capture.objects.count()) == (AttemptState.SENT, 0)
    banksim.clear_faults()
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert process_due() == 1
    operation.refresh_from_db()
    assert operation.state == AttemptState.CAPTURED


def test_no_news_for_two_hours_then_purged_is_never_paid(operation, banksim):
    for minutes in (2, 30, 119):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            ask_due()
        operation.refresh_from_db()
        assert operation.state in {AttemptState.SENT, AttemptState.UNKNOWN}
    banksim.pass_night()
    with clock.frozen(NOON + timedelta(minutes=240)):
        ask_due()
    operation.refresh_from_db()
    assert (operation.state, operation.bank_code) == (AttemptState.EXPIRED, "P1")


def test_abandoned_then_paid_on_the_same_operation_counts(operation, notified, banksim):
    banksim.decide(operation.gateway_reference, "A", notify="never")
    notified()
    assert operation.state == AttemptState.ABANDONED
    banksim.decide(operation.gateway_reference, "P", notify="never")
    notified()
    assert (operation.state, invoice_of(operation).left_cents) == (AttemptState.CAPTURED, 0)


def test_the_address_of_the_payer_is_kept_out_of_the_evidence(operation, notified, banksim):
    banksim.decide(operation.gateway_reference, "P", notify="never")
    notified()
    assert "parent@example.org" not in json.dumps(operation.evidence.get().raw)
