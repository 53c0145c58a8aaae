"""The adapter against the bank simulator: real SOAP over real HTTP, faults included."""

import time
from datetime import UTC, datetime

import pytest

from preau.domain.payments.errors import GatewayRefusedError, GatewayUnavailableError
from preau.domain.payments.gateway import Merchant, Message
from preau.domain.payments.queries.contracts import contract_problems
from preau.domain.payments.states import Verdict
from preau.plugins.gateways.payfip.gateway import PayfipGateway
from tests.support.orders import make_order

pytestmark = pytest.mark.process

NUMCLI = "090909"


@pytest.fixture
def merchant(banksim) -> Merchant:
    banksim.add_client(NUMCLI, "Saint-Éloi-sur-Lys", label_2="SGC de la Lys", label_3="CANTINE-GARDERIE")
    return Merchant(NUMCLI, "test", {"service_url": banksim.service_url, "page_url": banksim.page_url})


@pytest.fixture
def gateway() -> PayfipGateway:
    return PayfipGateway()


@pytest.mark.row("C40")
def test_an_operation_says_what_was_asked(gateway, merchant, banksim):
    redirect = gateway.start(make_order(merchant), timeout=8)
    assert redirect.url == f"{banksim.page_url}?idop={redirect.gateway_reference}"
    sent = banksim.payment(redirect.gateway_reference)
    asked = {name: sent[name] for name in ("numcli", "exer", "refdet", "objet", "montant", "mel", "saisie")}
    assert asked == {
        "numcli": NUMCLI,
        "exer": "2026",
        "refdet": "RP202610041270051ABCD",
        "objet": "Cantine ete n3 LAieul",
        "montant": 4250,
        "mel": "parent@example.org",
        "saisie": "T",
    }


@pytest.mark.parametrize(
    ("outcome", "verdict", "means"),
    [
        ("P", Verdict.PAID, "card_online"),
        ("V", Verdict.PAID, "debit_online"),
        ("R", Verdict.REFUSED, "card_online"),
        ("Z", Verdict.REFUSED, "debit_online"),
        ("A", Verdict.CANCELLED, ""),
        ("none", Verdict.PENDING, ""),
    ],
)
def test_each_result_is_read(gateway, merchant, banksim, outcome, verdict, means):
    idop = gateway.start(make_order(merchant), timeout=8).gateway_reference
    banksim.decide(idop, outcome, notify="never")
    report = gateway.ask(merchant, idop, timeout=8)
    assert (report.verdict, report.means, report.authentic) == (verdict, means, True)
    if outcome != "none":
        assert (report.reference, report.merchant, report.mode) == ("RP202610041270051ABCD", NUMCLI, "test")
        assert (report.amount_cents, report.gateway_reference) == (4250, idop)
        assert report.occurred_at is not None
        assert abs((datetime.now(UTC) - report.occurred_at).total_seconds()) < 180


def test_abandoned_then_paid_is_paid(gateway, merchant, banksim):
    idop = gateway.start(make_order(merchant), timeout=8).gateway_reference
    banksim.decide(idop, "A", notify="never")
    banksim.decide(idop, "P", notify="never")
    assert gateway.ask(merchant, idop, timeout=8).verdict == Verdict.PAID


def test_an_operation_purged_or_unknown_was_never_paid(gateway, merchant, banksim):
    assert gateway.ask(merchant, "0" * 36, timeout=8).verdict == Verdict.EXPIRED
    idop = gateway.start(make_order(merchant), timeout=8).gateway_reference
    assert banksim.pass_night() == 1
    assert gateway.ask(merchant, idop, timeout=8).code == "P1"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_cents": 99}, "M3"),
        ({"amount_cents": 100_000_01}, "M5"),
        ({"reference": "AB-12"}, "R3"),
        ({"reference": "ABC12"}, "R3"),
        ({"email": "pas-une-adresse"}, "A2"),
        ({"notification_url": "n/importe"}, "N1"),
        ({"return_url": "n/importe"}, "D1"),
    ],
)
def test_what_the_service_refuses_carries_its_code(gateway, merchant, changes, code):
    with pytest.raises(GatewayRefusedError) as refusal:
        gateway.start(make_order(merchant, **changes), timeout=8)
    assert refusal.value.code == code


def test_a_refused_address_tells_the_payer_what_to_do(gateway, merchant):
    with pytest.raises(GatewayRefusedError) as refusal:
        gateway.start(make_order(merchant, email="pas-une-adresse"), timeout=8)
    assert refusal.value.payer_message.startswith("PayFiP n’accepte pas cette adresse")


def test_an_unknown_client_is_refused(gateway, merchant):
    stranger = Merchant("111111", merchant.mode, merchant.settings)
    with pytest.raises(GatewayRefusedError, match="T2"):
        gateway.start(make_order(stranger), timeout=8)


SICKNESSES = [
    "close", "http_status", "html_200", "redirect", "technical_999", "unavailable", "answer_lost", "malformed", "cut",
    "wrong_namespace", "external_entity",
]  # fmt: skip


@pytest.mark.parametrize("kind", SICKNESSES)
@pytest.mark.parametrize("operation", ["creerPaiementSecurise", "recupererDetailPaiementSecurise"])
def test_a_sick_service_is_silence_never_a_verdict(gateway, merchant, banksim, kind, operation):
    idop = gateway.start(make_order(merchant), timeout=8).gateway_reference
    banksim.decide(idop, "P", notify="never")
    banksim.set_fault(operation, kind)
    call = {
        "creerPaiementSecurise": lambda: gateway.start(make_order(merchant), timeout=5),
        "recupererDetailPaiementSecurise": lambda: gateway.ask(merchant, idop, timeout=5),
    }[operation]
    with pytest.raises(GatewayUnavailableError):
        call()


@pytest.mark.parametrize("kind", ["timeout", "slow_loris"])
def test_no_call_lasts_longer_than_its_deadline(gateway, merchant, banksim, kind):
    banksim.set_fault("creerPaiementSecurise", kind, seconds=2)
    started = time.monotonic()
    with pytest.raises(GatewayUnavailableError):
        gateway.start(make_order(merchant), timeout=0.5)
    assert time.monotonic() - started < 1.8


def test_nobody_listening_is_silence(gateway, merchant):
    nowhere = Merchant(NUMCLI, "test", {"service_url": "http://127.0.0.1:9/tpa/services/securite"})
    with pytest.raises(GatewayUnavailableError):
        gateway.start(make_order(nowhere), timeout=2)


def test_after_five_silences_the_service_is_left_alone(gateway, merchant, banksim):
    banksim.set_fault("creerPaiementSecurise", "http_status", times=5)
    for _ in range(5):
        with pytest.raises(GatewayUnavailableError):
            gateway.start(make_order(merchant), timeout=8)
    with pytest.raises(GatewayUnavailableError, match="left alone"):
        gateway.start(make_order(merchant), timeout=8)


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("", b"idop=abc", "abc"),
        ("", b"idOp=abc", "abc"),
        ("idop=abc", b"", "abc"),
        ("idop=abc&resultrans=P&montant=1", b"", "abc"),
        ("", b"", None),
        ("idop=abc", b"idop=def", None),
        ("", b"\xff\xfe\x00", None),
        ("", b"&".join(b"a=1" for _ in range(100)), None),
        ("idop=" + "x" * 65, b"", None),
    ],
)
def test_only_the_name_of_the_operation_is_read_from_a_message(gateway, query, body, expected):
    assert gateway.reference_in(Message(query, body, "")) == expected


@pytest.mark.parametrize(
    ("number", "settings", "count"),
    [
        ("090909", {}, 0),
        ("9", {}, 1),
        ("12345a", {}, 1),
        ("090909", {"service_url": "ftp://x", "page_url": "nowhere"}, 2),
        ("090909", {"autre": "x"}, 1),
    ],
)
def test_a_contract_says_what_is_wrong_with_it(gateway, number, settings, count):
    assert len(contract_problems("payfip", Merchant(number, "test", settings))) == count
