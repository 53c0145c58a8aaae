"""Money taken at a desk: by its agents alone, and nothing that they type is more than words."""

import pytest
from django.test import Client

from preau.domain.payments.models import PaymentAttempt
from tests.security.strangers import STRANGERS
from tests.security.test_injection import PAYLOADS, live_parts
from tests.support.factories import NOON, make_invoice
from tests.support.till import Till, hired, open_desk


@pytest.fixture
def till(payer) -> Till:
    """An agent whose desk is open."""
    open_desk(payer.regie)
    return hired(payer.regie)


def test_the_desk_takes_only_what_its_form_asks(payer, till):
    """W12: no field names the family, the contract, the agent, the state or what the bank said."""
    invoice = make_invoice(payer.household, payer.regie)
    forged = {
        "household": "1", "contract": "1", "agent": "1", "user": "1", "receipt_email": "x@example.org", "state": "sent",
        "authentic": "on", "merchant": "9", "amount_cents": "1", "paid_at": "2020-01-01", "household_id": "x",
    }  # fmt: skip
    attempt = till.taken(invoice, amount="24", **forged)
    assert (attempt.household, attempt.amount_cents, attempt.state) == (payer.household, 2400, "captured")
    assert (attempt.checkout.agent, attempt.checkout.receipt_email) == (till.user, payer.user.email)
    assert (attempt.merchant, attempt.capture.paid_at) == ("Mairie", NOON)


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_takes_money_at_a_desk(payer, bank, till, who):
    typed = till.typed(make_invoice(payer.household, payer.regie), amount="24")
    browser, there = STRANGERS[who](payer, bank), till.path(payer.household)
    assert (browser.post(there, typed).status_code, browser.get(there).status_code) == (404, 404)
    assert not PaymentAttempt.objects.exists()


def test_a_form_of_the_desk_from_elsewhere_is_refused(payer, till):
    typed = till.typed(make_invoice(payer.household, payer.regie), amount="24")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(till.user)
    assert browser.post(till.path(payer.household), typed).status_code == 403
    assert not PaymentAttempt.objects.exists()


@pytest.mark.parametrize("evil", PAYLOADS.values(), ids=PAYLOADS)
def test_what_an_agent_types_at_the_desk_is_words(payer, till, evil):
    invoice = make_invoice(payer.household, payer.regie)
    refused = till.take(invoice, amount=evil, means=evil, number=evil, received_on=evil)
    assert (refused.status_code, live_parts(refused.content.decode())) == (422, [])
    answer = till.take(invoice, amount="24", number=evil[:60])
    if answer.status_code == 302:
        assert live_parts(till.client.get(answer["Location"]).content.decode()) == []
    assert live_parts(till.client.get("/bureau/guichet/", {"q": evil}).content.decode()) == []


@pytest.mark.parametrize("field", ["invoices", "amount", "means", "number", "received_on", "form_key"])
@pytest.mark.parametrize("value", ["\x00", "9" * 500, "é" * 500, "\u202e", "NaN", "１２"])
def test_no_value_breaks_the_desk(payer, till, field, value):
    invoice = make_invoice(payer.household, payer.regie)
    answer = till.take(invoice, **{"amount": "24", field: value})
    assert answer.status_code in {302, 422}
