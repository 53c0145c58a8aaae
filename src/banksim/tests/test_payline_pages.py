"""Payline's pages, walked with plain HTTP as a browser without JavaScript."""

import pytest
import requests

from banksim.tests.test_pages import CARD, SECURE, Payer

pytestmark = pytest.mark.process


class Buyer(Payer):
    """A payer sent to the `redirectURL`."""

    def __init__(self, sim, token, **scenario):
        self._sim, self._scenario = sim, scenario
        self.show(requests.get(f"{sim.base_url}/webpayment/", params={"token": token}, timeout=10))

    def pay(self, **fields):
        self.press("valider", **{**CARD, **self._scenario, **fields})


@pytest.mark.row("V25")
def test_the_page_is_that_of_the_guide(sim, payline_service):
    buyer = Buyer(sim, payline_service.open(payment__amount="380", order__amount="380"))
    shown = {name: buyer.text(name) for name in ("montant", "collectivite", "reference", "valider")}
    assert shown == {
        "montant": "3,80 €",
        "collectivite": "CE DU LAMENTIN",
        "reference": "F2025000123A1",
        "valider": "Valider",
    }
    form = buyer.page.get_element_by_id("carte")
    assert " ".join(form[0].text_content().split()) == "Montant à payer : 3,80 €"
    assert [label.text for label in form.xpath(".//label[@for] | .//legend")] == [
        "Type de carte",
        "N° de carte",
        "Date de fin de validité",
        "Cryptogramme Visuel",
    ]


@pytest.mark.parametrize(
    ("scenario", "presses", "code", "heard"),
    [
        ("pay", ["valider"], "00000", 1),
        ("refuse", ["valider"], "01100", 1),
        ("pay", ["abandonner"], "02319", 1),
        ("abandon", ["valider"], "02319", 1),
        ("expire", ["valider"], "02306", 0),
        ("wait", ["valider"], "02000", 1),
        ("abandon_then_pay", ["valider"], "02319", 1),
        ("abandon_then_pay", ["valider", "reprendre", "valider"], "00000", 2),
        ("pay_3ds", ["valider", "abandonner"], "03022", 1),
    ],
)
def test_each_path_leads_to_its_code(sim, payline_service, merchant, scenario, presses, code, heard):
    token = payline_service.open()
    buyer = Buyer(sim, token)
    buyer.press(presses[0], scenario=scenario)
    for button in presses[1:]:
        buyer.press(button)
    sim.wait_notifications()
    assert payline_service.details(token).code == code
    assert buyer.result == ("" if code == "02306" else code)
    assert buyer.has("reprendre") == (code in {"02319", "03022"})
    assert [call.fields["token"] for call in merchant.heard_at("/notif")] == [token] * heard


@pytest.mark.parametrize(
    ("codes", "code"),
    [([SECURE], "00000"), (["000000", SECURE], "00000"), (["1", "2", "3"], "01131")],
)
def test_strong_authentication_allows_three_tries(sim, payline_service, codes, code):
    token = payline_service.open()
    buyer = Buyer(sim, token, scenario="pay_3ds")
    buyer.pay()
    for typed in codes:
        buyer.press("valider", code=typed)
    sim.wait_notifications()
    details = payline_service.details(token)
    assert (details.code, details.text("transaction/threeDSecure")) == (code, "Y")


def test_a_code_of_the_bank_may_be_chosen(sim, payline_service):
    token = payline_service.open()
    buyer = Buyer(sim, token)
    buyer.pay(outcome="01208")
    assert buyer.text("resultat") == "Paiement refusé : carte perdue"
    assert payline_service.details(token).result == ("01208", "REFUSED")


@pytest.mark.parametrize(
    ("cents", "code"),
    [
        ("33300", "00000"),
        ("33305", "01100"),
        ("33360", "01103"),
        ("33302", "01108"),
        ("33303", "01109"),
        ("33351", "01116"),
        ("33355", "01117"),
        ("33357", "01119"),
        ("33334", "01202"),
        ("33338", "01206"),
        ("33391", "01907"),
        ("33396", "01909"),
    ],
)
def test_amounts_of_the_homologation_platform_force_their_result(sim, payline_service, cents, code):
    token = payline_service.open(payment__amount=cents, order__amount=cents)
    Buyer(sim, token).pay()
    assert payline_service.details(token).code == code


def test_a_page_may_be_opened_again_until_it_is_paid(sim, payline_service):
    token = payline_service.open()
    Buyer(sim, token)
    buyer = Buyer(sim, token)
    buyer.pay(number="4111 1111 1111 1111")
    assert buyer.text("erreur").startswith("Ce simulateur n’accepte que des cartes d’essai")
    buyer.pay()
    assert buyer.result == "00000"
    assert Buyer(sim, token).result == "00000"


@pytest.mark.parametrize(("button", "path"), [("valider", "/retour"), ("abandonner", "/annulation")])
def test_the_browser_goes_back_with_the_token_in_the_address(sim, payline_service, merchant, button, path):
    token = payline_service.open()
    buyer = Buyer(sim, token)
    buyer.press(button, **CARD)
    assert buyer.go_back().headers["Location"] == merchant.address(f"{path}?token={token}")
    assert buyer.answer.headers["Refresh"].startswith("60; url=/banque/payline/")


def test_the_page_may_be_down(sim, payline_service):
    token = payline_service.open()
    sim.set_fault("payline.page", "http_status", times=1)
    assert [Buyer(sim, token).answer.status_code for _ in range(2)] == [502, 200]


def test_the_home_page_shows_the_payment_and_the_journal_its_calls(sim, payline_service, payline):
    token = payline_service.open()
    payline.decide(token, "01116")
    home = requests.get(f"{sim.base_url}/", timeout=10).text
    assert ("Payline (Monext)" in home, "12345678901234-1234567" in home, "refusée" in home) == (True, True, True)
    journal = requests.get(f"{sim.base_url}/sim/journal", params={"reference": token}, timeout=10).text
    assert "clé d’accès juste" in journal
