"""Pages of Paybox as a payer without JavaScript sees them."""

import pytest

from banksim.tests.paybox_wire import REFERENCE, SITE, Shop
from banksim.tests.walk import SECURE, Payer

pytestmark = pytest.mark.process


@pytest.fixture
def bank(sim):
    bank = sim.bank("paybox")
    bank.declare(**SITE)
    return bank


@pytest.mark.row("L31")
def test_the_page_of_paybox_is_that_of_the_guide(sim, bank, merchant):
    payment = bank.submit("/cgi/MYchoix_pagepaiement.cgi", Shop(merchant).form(PBX_TOTAL="3000"))
    payer = Payer(sim, payment)
    assert "serveur de paiement sécurisé de Verifone e-commerce" in payer.answer.text
    assert [" ".join(heading.text.split()) for heading in payer.page.iter("h1")] == ["Paiement de 30.00 EUR"]
    shown = ("collectivite", "reference", "mel", "montant", "valider")
    assert {name: payer.text(name) for name in shown} == {
        "collectivite": "CE DU LAMENTIN",
        "reference": REFERENCE,
        "mel": "parent@example.org",
        "montant": "30.00 EUR",
        "valider": "VALIDER",
    }


def test_without_cart_nor_address_paybox_asks_for_a_code(sim, bank, merchant):
    payer = Payer(sim, bank.submit("/php/", Shop(merchant).form(PBX_BILLING=None)))
    payer.press("valider")
    assert payer.has("code-3ds")
    payer.press("valider", code=SECURE)
    assert payer.result == "00000"


def test_paybox_lets_a_refused_payer_try_again(sim, bank, merchant):
    payer = Payer(sim, bank.submit("/php/", Shop(merchant).form()))
    payer.press("valider", scenario="refuse")
    payer.press("reprendre")
    payer.press("valider")
    sim.wait_notifications()
    assert [heard.fields["erreur"] for heard in merchant.heard] == ["00105", "00000"]


@pytest.mark.parametrize("code", ["00000", "00151", "00033", "99999", "001A1"])
def test_every_code_of_paybox_may_be_chosen_on_the_page_or_by_the_merchant(sim, bank, merchant, code):
    shop = Shop(merchant)
    chosen = Payer(sim, bank.submit("/php/", shop.form()))
    options = chosen.page.get_element_by_id("code-banque").value_options
    chosen.press("valider", outcome=code)
    forced = Payer(sim, bank.submit("/php/", shop.form(PBX_ERRORCODETEST=code)))
    forced.press("valider")
    assert (chosen.result, forced.result, code in options, len(options)) == (code, code, True, 63)


def test_a_code_forced_by_the_merchant_is_for_the_test_platform(sim, bank, merchant):
    bank = sim.bank("paybox")
    bank.declare(**{**SITE, "production": True})
    payer = Payer(sim, bank.submit("/php/", Shop(merchant).form(PBX_ERRORCODETEST="00151")))
    payer.press("valider")
    assert payer.result == "00000"
