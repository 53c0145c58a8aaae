"""The desk as a gateway: what it declares, and that nothing from outside is ever believed of it."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from preau.domain.payments.contract_form import form_for
from preau.domain.payments.errors import GatewayUnavailableError, StatementRefusedError
from preau.domain.payments.gateway import (
    Handed,
    Merchant,
    Message,
    desk_gateway_named,
    gateway_choices,
    gateway_named,
)
from preau.domain.payments.models import Capture, GatewayMessage, PaymentAttempt
from preau.domain.payments.services.inbox import process_due
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import MessageVerdict, Verdict
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import Channel
from preau.plugins.gateways.counter.gateway import CounterGateway
from tests.support.factories import make_invoice, make_regie
from tests.support.till import Till, hired, open_desk

MERCHANT = Merchant("Mairie", "production", {})
HANDED = Handed(2400, "cheque", "0004512", datetime(2026, 10, 8, 13, 35, tzinfo=UTC), "agent-1", "Nadège Vandenbroucke")


@pytest.mark.row("P01")
def test_what_an_agent_received_is_evidence():
    said = CounterGateway().declare(MERCHANT, "RP2026X", HANDED)
    assert (said.verdict, said.authentic, said.reference, said.gateway_reference) == (
        Verdict.PAID,
        True,
        "RP2026X",
        "RP2026X",
    )
    assert (said.amount_cents, said.currency, said.merchant, said.mode) == (2400, "EUR", "Mairie", "production")
    assert (said.means, said.transaction_reference, said.occurred_at) == ("cheque", "0004512", HANDED.received_at)
    assert (said.label, dict(said.raw)) == ("Reçu au guichet par Nadège Vandenbroucke", {"agent": "agent-1"})


@pytest.mark.parametrize("message", [Message("", b"", ""), Message("ref=RP2026X&paid=1", b"<xml/>", "text/xml")])
def test_no_message_says_anything(message):
    assert CounterGateway().reference_in(message) is None
    assert CounterGateway().read(MERCHANT, message) is None


def test_nobody_can_be_asked():
    with pytest.raises(GatewayUnavailableError):
        CounterGateway().ask(MERCHANT, "RP2026X", timeout=1)


def test_it_has_no_statement():
    with pytest.raises(StatementRefusedError) as refused:
        CounterGateway().read_statement(b"a;b")
    assert refused.value.faults == [(0, "Un guichet n’a pas de relevé de banque.")]


def test_there_is_nothing_to_try():
    (told,) = CounterGateway().probe(MERCHANT, timeout=1).untried
    assert "encaissez une petite somme" in told


def test_it_is_offered_in_set_up_and_never_as_a_bank():
    assert ("counter", "Guichet de la régie") in gateway_choices()
    assert "counter" not in dict(gateway_choices(Channel.ONLINE))
    assert gateway_choices(Channel.DESK) == [("counter", "Guichet de la régie")]
    with pytest.raises(LookupError):
        desk_gateway_named("payfip")
    assert desk_gateway_named("counter") is gateway_named("counter")


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
@pytest.mark.parametrize(
    ("number", "is_right"), [("Mairie", True), ("Guichet n° 2", False), ("x" * 41, False), ("", False)]
)
def test_its_contract_asks_for_a_name_alone(payer, number, is_right):
    typed = {
        "regie": make_regie(contract=False).pk,
        "merchant": number,
        "mode": "production",
        "opened_on": "2026-10-08",
        "overlap": "7",
    }
    form = form_for("counter")(typed)
    assert form.is_valid() == is_right
    if is_right:
        assert (form.save().channel, form.instance.gateway) == ("desk", "counter")


@pytest.fixture
def till(payer) -> Till:
    open_desk(payer.regie)
    return hired(payer.regie)


@pytest.mark.django_db
def test_a_notice_from_outside_changes_nothing(payer, till):
    """Whoever learnt the secret address of a payment at the desk still has no bank to speak for."""
    attempt = till.taken(make_invoice(payer.household, payer.regie), amount="24")
    for gateway in ("counter", "fake"):
        there = reverse("webhooks:notification", args=[gateway, attempt.return_token])
        assert Client().post(there, {"op": attempt.reference}).status_code == 200
    process_due()
    assert not GatewayMessage.objects.filter(verdict=MessageVerdict.AUTHENTIC).exists()
    assert (Capture.objects.count(), broken()) == (1, {})


@pytest.mark.django_db
def test_the_worker_has_nothing_to_do_for_it(payer, till, frozen_clock):
    attempt = till.taken(make_invoice(payer.household, payer.regie), amount="24")
    frozen_clock.advance(days=8)
    assert (ask_due(), release_expired()) == (0, 0)
    assert PaymentAttempt.objects.get(pk=attempt.pk).state == "captured"
