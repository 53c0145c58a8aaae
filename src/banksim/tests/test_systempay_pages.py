"""Pages of Systempay as a payer without JavaScript sees them."""

import pytest

from banksim.tests.systempay_wire import REFERENCE, SHOP, Shop
from banksim.tests.walk import Payer

pytestmark = pytest.mark.process


@pytest.fixture
def bank(sim):
    bank = sim.bank("systempay")
    bank.declare(**SHOP)
    return bank


@pytest.mark.row("S28")
def test_the_page_of_systempay_is_that_of_the_guide(sim, bank, merchant):
    sim.set_clock("2009-10-09T10:00:00+02:00")
    payer = Payer(sim, bank.submit("/vads-payment/", Shop(merchant).form(vads_amount="560")))
    told = " ".join(payer.page.text_content().split())
    assert "Commune de Sèvres 54 Grande Rue, 92310 Sèvres Téléphone : 01 41 14 10 10" in told
    assert f"Référence {REFERENCE} Montant 5,60 Euro Date 09/10/2009 Type Paiement comptant" in told


def test_three_wrong_codes_are_told_as_such(sim, bank, merchant):
    payer = Payer(sim, bank.submit("/vads-payment/", Shop(merchant).form()))
    payer.press("valider", scenario="pay_3ds")
    for left in (2, 1):
        payer.press("valider", code="000000")
        assert payer.text("erreur") == f"Ce code n’est pas le bon. Il reste {left} essai{'s' if left > 1 else ''}."
    payer.press("valider", code="000000")
    (heard,) = merchant.heard
    names = ("vads_trans_status", "vads_threeds_status", "vads_auth_result")
    assert [heard.fields[field] for field in names] == ["REFUSED", "N", ""]


def test_systempay_notifies_before_it_shows_the_result(sim, bank, merchant):
    payer = Payer(sim, bank.submit("/vads-payment/", Shop(merchant).form()))
    merchant.seconds = 0.3
    payer.press("valider")
    assert [heard.path for heard in merchant.heard] == ["/ipn"]
