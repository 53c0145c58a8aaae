"""What goes wrong with each gateway: down, slow, limits, old news, keys, logs (payment-gateways 12, G1–G10, N6–N13)."""

import logging
from datetime import timedelta

import pytest
from django.test import Client

from preau.domain.billing.models import Invoice
from preau.domain.billing.services import record_receipt_elsewhere
from preau.domain.payments.gateway import Merchant, gateway_named
from preau.domain.payments.models import Capture, FamilyCredit, GatewayMessage, PaymentAttempt, ReviewCase
from preau.domain.payments.queries.contracts import contract_problems, merchant_of
from preau.domain.payments.services.inbox import process_due
from preau.domain.payments.services.sending import START_TIMEOUT
from preau.domain.payments.states import MessageVerdict
from preau.domain.regies.models import GatewayContract
from preau.domain.regies.services import set_secret
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.money import format_cents
from tests.gateways.conftest import Office, refusal_in, untrue
from tests.gateways.tellers import ACCESS_KEY, FORM_KEY, HMAC_KEY, TELLERS
from tests.gateways.test_each_gateway import ASKABLE, NONE, ONE, SIGNED, SURE, books, left_of, only

pytestmark = [pytest.mark.process, pytest.mark.django_db]

BY_NAME = {teller.gateway: teller for teller in TELLERS}
#: Gateways that are called, or looked at, before the payer is sent there.
CALLED = [teller for teller in TELLERS if teller.gateway in {"payfip", "paybox", "payline"}]


@pytest.fixture(autouse=True)
def truths():
    yield
    assert untrue() == {}


def pay_page(office: Office, *invoices: Invoice):
    """The answer of the preparation page's click."""
    office.client.post("/panier/ajouter/", {"facture": [invoice.public_id for invoice in invoices]})
    answer = office.client.post("/panier/payer/", {"email": "parent@example.org", **office.pay_form()})
    assert answer.status_code == 302, refusal_in(answer)
    attempt = PaymentAttempt.objects.get(public_id=answer.headers["Location"].split("/")[2])
    return attempt, office.client.post(f"/paiement/{attempt.public_id}/partir/", follow=True)


@pytest.mark.parametrize("fault", ["close", "http_status", "html_200", "redirect"])
@only(CALLED)
def test_a_bank_that_is_down_at_the_click_holds_nothing(office: Office, fault):
    """G1, G2, G4: a clear page, the invoice free at once, nobody sent anywhere."""
    (invoice,) = office.owe(2400)
    office.sim.set_fault("*", fault)
    attempt, answer = pay_page(office, invoice)
    assert "Le paiement en ligne est indisponible pour le moment" in answer.content.decode()
    assert office.state(attempt) == "abandoned"
    office.sim.clear_faults()
    fresh = gateway_named(office.teller.gateway)
    fresh.__init__()  # a breaker that opened is closed again
    second = office.leave(invoice)
    office.pay(second)
    office.deliver()
    assert (office.state(second), books()) == ("captured", ONE)


@only(CALLED)
def test_a_bank_that_hangs_keeps_nobody_beyond_the_deadline(office: Office, monkeypatch):
    """G3: the whole call has one deadline."""
    monkeypatch.setattr("preau.domain.payments.services.sending.START_TIMEOUT", 0.6)
    assert START_TIMEOUT <= 10
    office.sim.set_fault("*", "timeout", seconds=2)
    attempt, answer = pay_page(office, *office.owe(2400))
    assert "indisponible" in answer.content.decode()
    assert office.state(attempt) == "abandoned"


@only(ASKABLE)
def test_a_bank_that_does_not_answer_our_question_is_asked_again(office: Office):
    """9.12: the message waits, nothing is lost."""
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt)
    office.sim.set_fault("*", "http_status", status=503)
    office.deliver()
    assert (office.state(attempt), GatewayMessage.objects.get().verdict) == ("sent", MessageVerdict.WAITING)
    office.sim.clear_faults()
    office.advance(minutes=2)
    assert process_due() == 1
    assert (office.state(attempt), books()) == ("captured", ONE)


@pytest.mark.parametrize("cents", [99, 100, 999_999, 1_000_000])
def test_the_limits_of_a_gateway_are_told_before_the_click(office: Office, cents):
    """12.10: the page says why, and what to do; nothing is asked of the bank."""
    limits = gateway_named(office.teller.gateway).limits
    office.owe(cents)
    office.client.post("/panier/ajouter/", {"facture": [invoice.public_id for invoice in office.invoices]})
    page = office.client.get("/panier/").content.decode()
    takes = limits.min_cents <= cents <= limits.max_cents
    assert ("Procéder au paiement" in page) == takes
    assert ("Le paiement en ligne" in page and format_cents(cents) in page) or takes


@only(SIGNED)
def test_news_of_a_day_later_is_captured_or_judged_by_a_person(office: Office):
    """N6; where the signature names no merchant, a person looks first (5.7)."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.pay(attempt)
    letters = office.post.taken()
    office.advance(hours=25)
    for letter in letters:
        letter.delivered(Client())
    process_due()
    by_a_person = gateway_named(office.teller.gateway).limits.news_for is not None
    assert office.state(attempt) == ("anomaly" if by_a_person else "captured")
    assert books() == (NONE if by_a_person else ONE)
    assert ReviewCase.objects.count() == by_a_person


@only(SURE)
def test_last_years_genuine_notice_is_a_repeat(office: Office):
    """N12."""
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt)
    (letter,) = office.post.taken()
    letter.delivered(Client())
    process_due()
    office.advance(days=365)
    letter.delivered(Client())
    process_due()
    assert (office.state(attempt), books(), ReviewCase.objects.count()) == ("captured", ONE, 0)


@only(SURE)
def test_an_invoice_settled_meanwhile_leaves_its_part_as_a_credit(office: Office):
    """12.15: two invoices in one operation, one of them paid at the town hall while the payer is at the bank."""
    invoice, other = office.owe(2400, 1100)
    attempt = office.leave(invoice, other)
    record_receipt_elsewhere(
        invoice=Invoice.objects.get(id=other.id), amount_cents=1000, means="cash", received_on=office.clock.now().date()
    )
    office.pay(attempt)
    office.deliver()
    assert (office.state(attempt), left_of(invoice, other)) == ("captured", [0, 0])
    assert FamilyCredit.objects.get().amount_cents == 1000


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"a=1&" * 5000, b"<!DOCTYPE x><x/>", b"x" * 70_000])
def test_a_message_that_is_none_is_refused_and_bounded(office: Office, body):
    """N7, N13: whatever it is, an answer at once, and nothing more than it is worth on the disk."""
    attempt = office.leave(*office.owe(2400))
    address = f"/notifications/{office.teller.gateway}/{attempt.return_token}/"
    answer = Client().post(address, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 400, 413}
    process_due()
    assert (office.state(attempt), books()) == ("sent", NONE)
    assert all(len(message.body) <= 64 * 1024 for message in GatewayMessage.objects.all())


@only([BY_NAME["systempay"]])
def test_a_key_that_changes_is_good_twice_for_a_while(office: Office):
    """G10: a form signed with the old key, answered while the new one is already here."""
    attempt = office.leave(*office.owe(2400))
    contract = attempt.contract
    set_secret(contract=contract, name="key", value="N" * 20, overlap=timedelta(days=1), by=SYSTEM)
    office.pay(attempt)
    assert office.deliver() == [200]
    assert (office.state(attempt), books()) == ("captured", ONE)


@only([BY_NAME["systempay"]])
def test_a_key_past_its_overlap_signs_nothing(office: Office):
    attempt = office.leave(*office.owe(2400))
    set_secret(contract=attempt.contract, name="key", value="N" * 20, overlap=timedelta(minutes=1), by=SYSTEM)
    office.pay(attempt)
    office.advance(minutes=2)
    assert office.deliver() == [400]
    assert (office.state(attempt), books()) == ("sent", NONE)


def test_no_key_is_ever_logged(office: Office, caplog):
    """12.14: our own loggers at their most talkative, a payment, a forgery, a refusal."""
    caplog.set_level(logging.DEBUG, logger="preau")
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt)
    if office.teller.lies.get("forged"):
        office.teller.notify(office.sim, attempt, "forged")
    office.deliver()
    merchant = merchant_of(GatewayContract.objects.get())
    repr(merchant)
    shown = f"{caplog.text} {merchant!r}"
    assert [key for key in (HMAC_KEY, FORM_KEY, ACCESS_KEY) if key in shown] == []
    assert "parent@example.org" not in caplog.text


def test_a_right_contract_has_no_problem_and_its_trial_says_so(office: Office):
    contract = GatewayContract.objects.get()
    merchant = merchant_of(contract)
    assert contract_problems(contract.gateway, merchant) == {}
    checkup = gateway_named(contract.gateway).probe(merchant, timeout=5)
    assert checkup.wrong == ()
    assert checkup.right or checkup.untried


@only(CALLED)
def test_the_trial_of_a_contract_says_that_the_bank_is_down(office: Office):
    office.sim.set_fault("*", "close")
    contract = GatewayContract.objects.get()
    checkup = gateway_named(contract.gateway).probe(merchant_of(contract), timeout=5)
    assert (checkup.right, len(checkup.wrong)) == ((), 1)


@pytest.mark.parametrize(
    ("gateway", "number", "secrets", "sentence"),
    [
        ("paybox", "1999888", {"hmac_key": ("AB" * 64,)}, "Ce compte d’essai est public"),
        ("paybox", "1234567", {"hmac_key": (HMAC_KEY,)}, "Ce compte d’essai est public"),
        ("systempay", "12345678", {"key": (FORM_KEY,)}, "Cette clé d’essai est publique"),
    ],
)
def test_a_published_test_key_takes_no_real_money(banksim, gateway, number, secrets, sentence):
    """12.8."""
    settings = {"rang": "32", "identifiant": "2", "public_key": banksim.bank("paybox").public_key()}
    settings = settings if gateway == "paybox" else {}
    for mode, told in (("production", True), ("test", False)):
        problems = contract_problems(gateway, Merchant(number, mode, settings, secrets))
        assert (sentence in problems.get("merchant", "")) == told


@only([BY_NAME["paybox"]])
def test_a_payment_authorised_by_the_trial_platform_is_never_real_money(office: Office):
    """5.7: the vendor's public test shop can have our reference signed by the same key as real payments."""
    contract = GatewayContract.objects.get()
    GatewayContract.objects.filter(id=contract.id).update(mode="production")
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt)  # the imitated shop is a test one: its authorisation is XXXXXX
    assert office.deliver() == [200]
    assert (office.state(attempt), Capture.objects.count()) == ("anomaly", 0)
    assert "mode : demandé production, annoncé test" in ReviewCase.objects.get().detail


@only([BY_NAME["systempay"]])
def test_the_back_office_replays_to_an_address_without_attempt(office: Office):
    """6.3: the fixed address kept at the bank; the message names the operation, its signature proves it."""
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt)
    (letter,) = office.post.taken()
    assert Client().post("/notifications/systempay/", letter.body, content_type=letter.content_type).status_code == 200
    forged = letter.body.replace(b"2400", b"1")
    assert Client().post("/notifications/systempay/", forged, content_type=letter.content_type).status_code == 400
    process_due()
    assert (office.state(attempt), books()) == ("captured", ONE)
    verdicts = set(GatewayMessage.objects.values_list("verdict", flat=True))
    assert verdicts == {MessageVerdict.AUTHENTIC, MessageVerdict.NOT_AUTHENTIC}
