"""Notices in every shape, and operations that change their mind, over the wire to the books (N1, N7, N10, G2, G6)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from preau.domain.payments.errors import PaymentError
from preau.domain.payments.models import AttemptLine, Capture, GatewayMessage, PaymentAttempt, Receipt
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.inbox import process_due
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.domain.payments.states import AttemptState, MessageVerdict
from preau.foundation import clock
from preau.plugins.gateways.payfip.tests.test_settling import PARENT, at_noon, operation
from tests.support.factories import NOON, user_of

__all__ = ["at_noon", "operation"]
pytestmark = [pytest.mark.process, pytest.mark.django_db]

AUTHENTIC, NOT_AUTHENTIC, UNREADABLE = (
    MessageVerdict.AUTHENTIC,
    MessageVerdict.NOT_AUTHENTIC,
    MessageVerdict.UNREADABLE,
)
FORGED = "resultrans=P&montant=2400&numcli=090909&saisie=T&dattrans=08102026&heurtrans=1535&numauto=1234"
#: Each body, where {idop} is ours; what is made of it; whether the bank is then asked.
NOTICES = {
    "as it should be": ("idop={idop}", AUTHENTIC),
    "upper case": ("IDOP={idop}", AUTHENTIC),
    "capital": ("idOp={idop}", AUTHENTIC),
    "last of many": (FORGED + "&idop={idop}", AUTHENTIC),
    "first of many": ("idop={idop}&" + FORGED, AUTHENTIC),
    "said twice": ("idop={idop}&idop={idop}", AUTHENTIC),
    "said twice in two ways": ("idop={idop}&IDOP={idop}", AUTHENTIC),
    "signed by nobody": ("idop={idop}&signature=" + "0" * 64, AUTHENTIC),
    "two names": ("idop={idop}&idop=00000000-0000-0000-0000-000000000000", UNREADABLE),
    "another name": ("idop=00000000-0000-0000-0000-000000000000", NOT_AUTHENTIC),
    "ours and a little more": ("idop={idop}0", NOT_AUTHENTIC),
    "ours in capitals": ("idop={IDOP}", NOT_AUTHENTIC),
    "no name": (FORGED, UNREADABLE),
    "an empty name": ("idop=", UNREADABLE),
    "nothing": ("", UNREADABLE),
}


def _post(attempt: PaymentAttempt, body: str) -> None:
    address = reverse("webhooks:notification", args=["payfip", attempt.return_token])
    answer = Client().post(address, body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.row("P02")
@pytest.mark.parametrize("result", ["P", "none"])
@pytest.mark.parametrize("shape", NOTICES)
def test_a_notice_is_worth_what_the_service_then_says_whatever_its_shape(operation, banksim, shape, result):
    """N7, N10: its own claims count for nothing; the name of the operation, and nothing else, makes us ask."""
    body, verdict = NOTICES[shape]
    banksim.decide(operation.gateway_reference, result, notify="never")
    idop = operation.gateway_reference
    _post(operation, body.replace("{idop}", idop).replace("{IDOP}", idop.upper()))
    process_due()
    operation.refresh_from_db()
    assert GatewayMessage.objects.get().verdict == verdict
    paid = verdict == AUTHENTIC and result == "P"
    assert operation.state == (AttemptState.CAPTURED if paid else AttemptState.SENT)
    assert (Capture.objects.count(), Receipt.objects.count()) == (paid, paid)
    asked = [one for one in banksim.journal() if one["operation"] == "recupererDetailPaiementSecurise"]
    assert len(asked) == (verdict == AUTHENTIC)


def test_paid_without_notice_nor_return_is_found_by_the_question(operation, banksim):
    """N1."""
    banksim.decide(operation.gateway_reference, "P", notify="never")
    with clock.frozen(NOON + timedelta(minutes=2)):
        assert ask_due() == 1
    operation.refresh_from_db()
    assert operation.state == AttemptState.CAPTURED


def test_two_hours_without_a_result_then_paid_is_paid(operation, banksim):
    """G6: P5 for two hours ends the attempt for the family, never for the money."""
    for minutes in (2, 40, 120):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            ask_due()
    operation.refresh_from_db()
    assert (operation.state, operation.bank_code) == (AttemptState.EXPIRED, "P5")
    assert not AttemptLine.objects.filter(is_open=True).exists()
    banksim.decide(operation.gateway_reference, "P", notify="never")
    with clock.frozen(NOON + timedelta(minutes=240)):
        assert ask_due() == 1
    operation.refresh_from_db()
    assert (operation.state, Receipt.objects.count()) == (AttemptState.CAPTURED, 1)


def test_an_opening_whose_answer_is_lost_frees_the_invoice_and_the_next_one_is_paid(operation, banksim):
    """G2, K3: two operations exist at the bank, the payer saw one."""
    invoice = operation.lines.get().invoice
    with clock.frozen(NOON + timedelta(minutes=31)):
        again = _prepared(operation)
        banksim.set_fault("creerPaiementSecurise", "answer_lost")
        with pytest.raises(PaymentError, match="indisponible"):
            send_attempt(attempt=again, link_for=_nowhere, by=PARENT)
        banksim.clear_faults()
        again.refresh_from_db()
        assert (again.state, again.gateway_reference) == (AttemptState.ABANDONED, None)
        last = _prepared(operation)
        send_attempt(attempt=last, link_for=_nowhere, by=PARENT)
        last.refresh_from_db()
    assert len(banksim.payments()) == 3
    banksim.decide(last.gateway_reference, "P", notify="never")
    with clock.frozen(NOON + timedelta(minutes=33)):
        _post(last, f"idop={last.gateway_reference}")
        process_due()
    invoice.refresh_from_db()
    assert (invoice.left_cents, Capture.objects.get().attempt) == (0, last)


def _prepared(earlier: PaymentAttempt) -> PaymentAttempt:
    """The same family starts again with the same basket."""
    return start_payment(
        household=earlier.household,
        user=user_of(earlier.household),
        receipt_email="parent@example.org",
        form_key=new_form_key(),
        shown_cents=2400,
        by=PARENT,
    )


def _nowhere(_attempt: PaymentAttempt) -> tuple[str, str]:
    return "http://127.0.0.1:9/n", "http://127.0.0.1:9/r"
