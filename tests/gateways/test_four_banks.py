"""One basket, four régies, four banks: one refuses first, one never notifies, one brings nobody back (V06, P08)."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from preau.domain.billing.models import Invoice
from preau.domain.ledger.models import LedgerEntry
from preau.domain.payments.models import Capture, Checkout, GatewayMessage, PaymentAttempt
from preau.domain.payments.services.inbox import process_due
from preau.domain.payments.services.sweep import ask_due
from preau.domain.payments.states import MessageVerdict
from preau.foundation.mail.models import OutgoingMail
from tests.gateways.conftest import Office, open_office, untrue
from tests.gateways.tellers import TELLERS
from tests.support.factories import make_regie

pytestmark = [pytest.mark.process, pytest.mark.django_db]

BY_NAME = {teller.gateway: teller for teller in TELLERS}
FOUR = ("payfip", "paybox", "systempay", "payline")
CENTS = {"payfip": 2400, "paybox": 3000, "systempay": 560, "payline": 11_287}


@pytest.fixture
def offices(banksim, post, settings, frozen_clock, db) -> dict[str, Office]:
    """The four régies of one town, one family, one basket of four invoices."""
    first = open_office(BY_NAME["payfip"], banksim, post, settings, frozen_clock)
    found = {"payfip": first}
    for name in FOUR[1:]:
        regie = make_regie(contract=False, label=f"Régie {name}")
        BY_NAME[name].contract(banksim, regie)
        found[name] = replace(first, teller=BY_NAME[name], regie=regie, invoices=[])
    invoices = [office.owe(CENTS[name])[0] for name, office in found.items()]
    first.client.post("/panier/ajouter/", {"facture": [invoice.public_id for invoice in invoices]})
    return found


def next_step(offices) -> tuple[Office, PaymentAttempt]:
    """The click on « Payer » or « Continuer », up to the bank's page: whose turn it is."""
    any_office = next(iter(offices.values()))
    answer = any_office.client.post("/panier/payer/", {"email": "parent@example.org", **any_office.pay_form()})
    attempt = PaymentAttempt.objects.get(public_id=answer.headers["Location"].split("/")[2])
    office = offices[attempt.contract.gateway]
    attempt, there = office.send(attempt)
    office.teller.arrive(office.sim, there)
    return office, attempt


def pay_all(offices) -> list[PaymentAttempt]:
    """All four, with what goes wrong at each bank."""
    attempts = []
    for _ in FOUR:
        office, attempt = next_step(offices)
        match office.teller.gateway:
            case "paybox":  # refuses the first card
                office.decide(attempt, office.teller.refused)
                office.deliver()
                office, attempt = next_step(offices)
                office.pay(attempt)
                office.deliver()
            case "payfip":  # never notifies, and nobody comes back: the portal asks
                office.pay(attempt, notify="never")
                office.advance(minutes=3)
                ask_due()
            case "systempay":  # the browser never comes back
                office.pay(attempt)
                office.deliver()
            case _:  # the notice is lost, the browser comes back
                office.pay(attempt, notify="never", **{"return": "normal"})
                office.deliver()
        attempts.append(attempt)
    return attempts


@pytest.mark.row("V06")
def test_four_invoices_are_paid_at_four_banks(offices):
    attempts = pay_all(offices)
    assert [office.state(attempt) for office, attempt in zip(offices.values(), attempts, strict=True)] == [
        "captured"
    ] * 4
    assert {capture.contract.gateway: capture.amount_cents for capture in Capture.objects.all()} == CENTS
    assert set(Invoice.objects.values_list("left_cents", flat=True)) == {0}
    assert (Checkout.objects.count(), OutgoingMail.objects.filter(kind="receipt").count()) == (1, 4)
    assert untrue() == {}


@pytest.mark.row("V06")
def test_the_last_page_sums_the_four_up(offices):
    attempts = pay_all(offices)
    client = next(iter(offices.values())).client
    page = client.get(f"/paiement/resultat/{attempts[-1].return_token}/").content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "4 paiements sur 4, total payé 172,47" in words.replace("\u202f", " ").replace("\xa0", " ")
    assert len(re.findall(r"/recus/\w+/pdf/", page)) >= 4


@pytest.mark.row("P08")
def test_the_money_of_a_regie_is_never_booked_on_the_contract_of_another(offices):
    pay_all(offices)
    for entry in LedgerEntry.objects.filter(account__kind="clearing").select_related(
        "account__contract", "transaction"
    ):
        gateway = entry.account.contract.gateway
        assert (entry.amount_cents, entry.transaction.regie) == (CENTS[gateway], offices[gateway].regie)


@pytest.mark.row("P08")
@pytest.mark.parametrize("gateway", FOUR)
def test_a_notice_at_the_address_of_another_regie_moves_nothing(offices, gateway):
    """Genuine notices, each brought to every other attempt's address, before and after."""
    attempts, letters = {}, {}
    for _ in FOUR:
        office, attempt = next_step(offices)
        office.pay(attempt)
        attempts[office.teller.gateway] = attempt
        (letters[office.teller.gateway],) = [letter for letter in office.post.taken() if "retour" not in letter.path]
        office.deliver()
        # What is held makes room for the next régie of the basket.
    letter = letters[gateway]
    for name, victim in attempts.items():
        if name == gateway:
            continue
        path = letter.path.replace(attempts[gateway].return_token, victim.return_token)
        Client().generic(letter.method, path, letter.body, content_type=letter.content_type, QUERY_STRING=letter.query)
        process_due()
    assert Capture.objects.count() == 0
    refused = {MessageVerdict.NOT_AUTHENTIC, MessageVerdict.UNREADABLE, MessageVerdict.UNKNOWN}
    assert set(GatewayMessage.objects.values_list("verdict", flat=True)) <= refused
    letter.delivered(Client())
    process_due()
    assert [capture.contract.gateway for capture in Capture.objects.all()] == [gateway]
