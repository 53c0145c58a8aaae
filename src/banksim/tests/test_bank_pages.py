"""The payer's pages of Paybox and Systempay, walked with plain HTTP as a browser without JavaScript."""

import threading

import pytest
import requests

from banksim.tests import paybox_wire, systempay_wire
from banksim.tests.walk import CARD, SECURE, Payer

pytestmark = pytest.mark.process

REFERENCE = "F2025000123-A1"
#: What each bank calls: paid, refused, abandoned, waiting, refused by 3-D Secure.
NAMES = {
    "paybox": ("00000", "00105", "00001", "99999", "00040"),
    "systempay": ("AUTHORISED", "REFUSED", "ABANDONED", "WAITING_AUTHORISATION", "REFUSED"),
}


@pytest.fixture(params=["paybox", "systempay"])
def name(request):
    return request.param


@pytest.fixture
def bank(sim, name):
    bank = sim.bank(name)
    bank.forget_accounts()
    bank.declare(**{"paybox": paybox_wire.SITE, "systempay": systempay_wire.SHOP}[name])
    return bank


@pytest.fixture
def payment(bank, name, merchant):
    wire = {"paybox": paybox_wire, "systempay": systempay_wire}[name]
    path = {"paybox": "/cgi/MYchoix_pagepaiement.cgi", "systempay": "/vads-payment/"}[name]
    return bank.submit(path, wire.Shop(merchant).form())


def _outcome(bank):
    return bank.payment(REFERENCE)["outcome"]


@pytest.mark.parametrize(
    ("scenario", "presses", "end"),
    [
        ("pay", ["valider"], 0),
        ("refuse", ["valider"], 1),
        ("abandon", ["valider"], 2),
        ("pay", ["abandonner"], 2),
        ("wait", ["valider"], 3),
        ("expire", ["valider"], None),
        ("abandon_then_pay", ["valider"], 2),
        ("abandon_then_pay", ["valider", "reprendre", "valider"], 0),
    ],
)
def test_each_path_leads_to_its_outcome(sim, name, bank, payment, scenario, presses, end):
    payer = Payer(sim, payment)
    payer.press(presses[0], scenario=scenario)
    for button in presses[1:]:
        payer.press(button)
    expected = None if end is None else NAMES[name][end]
    assert (_outcome(bank), payer.result) == (expected, expected or "")
    assert payer.has("reprendre") == (end == 2 or (name == "paybox" and end == 1))


@pytest.mark.row("L33")
@pytest.mark.parametrize(
    ("codes", "end"),
    [([SECURE], 0), (["000000", SECURE], 0), (["1", "2", SECURE], 0), (["1", "2", "3"], 4), ([], 2)],
)
def test_strong_authentication_succeeds_is_refused_or_is_left(sim, name, bank, payment, codes, end):
    payer = Payer(sim, payment)
    payer.press("valider", scenario="pay_3ds")
    assert "Verified by Visa" in payer.answer.text
    assert "code reçu par SMS" in payer.answer.text
    for code in codes:
        payer.press("valider", code=code)
    if not codes:
        payer.press("abandonner")
    assert _outcome(bank) == NAMES[name][end]


@pytest.mark.parametrize(
    "wrong", [{"number": "4111 1111 1111 1111"}, {"month": "1", "year": "2020"}, {"code": "12"}, {"number": ""}]
)
def test_a_wrong_card_is_refused_on_the_page_and_written_nowhere(sim, bank, payment, wrong):
    payer = Payer(sim, payment)
    typed = {**CARD, **wrong}
    payer.press("valider", **typed)
    assert payer.has("erreur")
    assert _outcome(bank) is None
    written = [typed["number"].replace(" ", sep) for sep in (" ", "", "+") if typed["number"]]
    assert not any(number in str(sim.journal()) for number in written)
    payer.press("valider", **CARD)
    assert _outcome(bank) is not None


def test_the_browser_goes_back_with_the_signed_answer(sim, name, bank, payment, merchant):
    payer = Payer(sim, payment)
    payer.press("valider")
    payer.go_back()
    sim.wait_notifications()
    notified, returned = merchant.heard
    assert notified.path == "/ipn"
    assert returned.path == {"paybox": "/effectue", "systempay": "/retour"}[name]
    if name == "paybox":
        assert paybox_wire.is_genuine(returned.raw, bank.public_key())
    else:
        assert systempay_wire.is_genuine(returned.fields)


@pytest.mark.parametrize(
    ("mode", "heard"), [("post", ["POST"]), ("duplicated", ["GET", "GET"]), ("altered", ["GET"]), ("none", [])]
)
def test_the_return_chosen_on_the_page_is_followed(sim, name, bank, payment, merchant, mode, heard):
    payer = Payer(sim, payment)
    payer.press("valider", notification="never", retour=mode)
    if mode == "none":
        assert payer.has("sans-retour")
    elif mode == "post":
        payer.leave_by_post()
    else:
        payer.go_back()
    sim.wait_notifications()
    assert [call.method for call in merchant.heard] == heard
    for call in merchant.heard:
        genuine = (
            paybox_wire.is_genuine(call.raw, bank.public_key())
            if name == "paybox"
            else systempay_wire.is_genuine(call.fields)
        )
        assert genuine is (mode != "altered")


def test_validating_twice_at_the_same_instant_pays_once(sim, bank, payment, merchant):
    page = f"{sim.base_url}{payment['page']}"
    presses = [
        threading.Thread(target=requests.post, args=(page,), kwargs={"data": CARD, "timeout": 30}) for _ in range(8)
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    sim.wait_notifications()
    assert len(merchant.heard_at("/ipn")) == 1
    assert len(bank.statement(payment["merchant"]).splitlines()) == 2


def test_a_finished_payment_shows_its_ticket_and_an_unknown_one_nothing(sim, name, payment):
    payer = Payer(sim, payment)
    payer.press("valider")
    again = Payer(sim, payment)
    assert again.result == NAMES[name][0]
    assert requests.get(f"{sim.base_url}/banque/{name}/inconnu/carte", timeout=10).status_code == 404
    assert requests.get(f"{sim.base_url}/banque/inconnue/{payment['id']}/carte", timeout=10).status_code == 404


def test_a_form_that_is_refused_shows_the_error_page_of_the_trade(sim):
    for path, code in (("/php/", "PBX_SITE"), ("/vads-payment/", "02")):
        answer = requests.post(f"{sim.base_url}{path}", data={"a": "b"}, timeout=10)
        assert (answer.status_code, f'data-code="{code}"' in answer.text) == (400, True)
        assert requests.get(f"{sim.base_url}{path}", timeout=10).status_code == 405
