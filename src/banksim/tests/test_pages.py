"""The payer's pages, walked with plain HTTP as a browser without JavaScript."""

import re
import threading

import pytest
import requests
from lxml import html

pytestmark = pytest.mark.process

CARD = {"number": "4970 1000 0000 0000", "month": "12", "year": "2030", "code": "123"}
SECURE = "123456"


class Payer:
    """A browser: keeps the page it is on, follows redirects of the bank, not those to the merchant."""

    def __init__(self, sim, idop, **scenario):
        self._sim, self._scenario = sim, scenario
        self.show(requests.get(sim.page_url, params={"idop": idop}, timeout=10))

    def show(self, answer):
        self.answer, self.page = answer, html.fromstring(answer.text)
        self.page.make_links_absolute(answer.url)

    def text(self, identifier):
        return " ".join(self.page.get_element_by_id(identifier).text_content().split())

    def has(self, identifier):
        return self.page.get_element_by_id(identifier, None) is not None

    def press(self, identifier, **fields):
        """Press a button of a form: what is filled in already is sent with it."""
        button = self.page.get_element_by_id(identifier)
        form = next(button.iterancestors("form"))
        sent = {**dict(form.form_values()), **fields}
        if button.get("name"):
            sent[button.get("name")] = button.get("value")
        self.show(requests.post(form.action or self.answer.url, data=sent, timeout=10))

    def choose(self, identifier):
        self.press(identifier, **self._scenario)

    def go_back(self):
        link = self.page.get_element_by_id("retour")
        return requests.get(link.get("href"), timeout=10, allow_redirects=False)

    @property
    def result(self):
        return self.page.get_element_by_id("resultat").get("data-result")


def _result(sim, service, idop):
    sim.wait_notifications()
    detail = service.detail(idop)
    return detail.code or detail.fields["resultrans"]


@pytest.mark.row("C42")
def test_both_pages_show_what_was_sent(sim, service):
    payer = Payer(sim, service.open(montant="380", objet="Cantine octobre"))
    assert "La solution de paiement de la Direction Générale des Finances Publiques" in payer.answer.text
    assert [heading.text for heading in payer.page.iter("h1", "h2")] == [
        "Informations sur la dette",
        "Choix du mode de paiement",
    ]
    assert (payer.text("reference"), payer.text("montant"), payer.text("mel")) == (
        "F2025000123A1",
        "3,80 €",
        "parent@example.org",
    )
    payer.choose("payer-carte")
    assert "impots.gouv.fr" in payer.answer.text
    assert "Expire fin mois année" in payer.answer.text
    shown = ("collectivite", "comptable", "reference", "mel", "montant", "valider")
    assert {name: payer.text(name) for name in shown} == {
        "collectivite": "Commune d’Arbreuil",
        "comptable": "SGC de Lantagne – CANTINE-GARDERIE",
        "reference": "F2025000123A1",
        "mel": "parent@example.org",
        "montant": "3,80 EUR",
        "valider": "VALIDER",
    }


@pytest.mark.row("C41")
@pytest.mark.parametrize(
    ("means", "scenario", "presses", "result"),
    [
        ("payer-carte", "pay", ["valider"], "P"),
        ("payer-carte", "refuse", ["valider"], "R"),
        ("payer-carte", "pay", ["abandonner"], "A"),
        ("payer-carte", "abandon", ["valider"], "A"),
        ("payer-carte", "expire", ["valider"], "P5"),
        ("payer-carte", "abandon_then_pay", ["valider"], "A"),
        ("payer-carte", "abandon_then_pay", ["valider", "reprendre", "valider"], "P"),
        ("payer-prelevement", "pay", ["valider"], "V"),
        ("payer-prelevement", "pay_3ds", ["valider"], "V"),
        ("payer-prelevement", "refuse", ["valider"], "Z"),
        ("payer-prelevement", "pay", ["abandonner"], "A"),
        ("annuler", "pay", [], "A"),
    ],
)
def test_each_path_leads_to_its_result(sim, service, merchant, means, scenario, presses, result):
    idop = service.open()
    payer = Payer(sim, idop, scenario=scenario)
    payer.choose(means)
    for button in presses:
        payer.press(button)
    assert _result(sim, service, idop) == result
    assert payer.result == ("" if result == "P5" else result)
    assert payer.has("reprendre") == (result == "A")
    notified = [heard.fields for heard in merchant.heard_at("/notif")]
    assert notified == [{"idop": idop}] * {"P5": 0}.get(result, 2 if "reprendre" in presses else 1)


@pytest.mark.parametrize(
    ("codes", "result"),
    [([SECURE], "P"), (["000000", SECURE], "P"), (["1", "2", SECURE], "P"), (["1", "2", "3"], "R"), ([], "A")],
)
def test_strong_authentication_allows_three_tries(sim, service, codes, result):
    idop = service.open()
    payer = Payer(sim, idop, scenario="pay_3ds")
    payer.choose("payer-carte")
    payer.press("valider", **CARD)
    for code in codes:
        payer.press("valider", code=code)
    if not codes:
        payer.press("abandonner")
    assert _result(sim, service, idop) == result


def test_strong_authentication_says_how_many_tries_are_left(sim, service):
    payer = Payer(sim, service.open(), scenario="pay_3ds")
    payer.choose("payer-carte")
    payer.press("valider", **CARD)
    payer.press("valider", code="000000")
    assert payer.text("erreur") == "Ce code n’est pas le bon. Il reste 2 essais."
    payer.press("valider", code="000000")
    assert payer.text("erreur") == "Ce code n’est pas le bon. Il reste 1 essai."


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "4111 1111 1111 1111"},
        {"number": "4970 1000 0000"},
        {"number": ""},
        {"month": "1", "year": "2020"},
        {"month": "12", "year": "douze"},
        {"code": "12"},
    ],
)
def test_only_a_test_card_still_valid_is_accepted(sim, service, wrong):
    idop = service.open()
    payer = Payer(sim, idop)
    payer.choose("payer-carte")
    payer.press("valider", **{**CARD, **wrong})
    assert payer.has("erreur")
    assert _result(sim, service, idop) == "P5"


def test_no_card_number_is_written_anywhere(sim, service, tmp_path_factory):
    idop = service.open()
    payer = Payer(sim, idop)
    payer.choose("payer-carte")
    payer.press("valider", **{**CARD, "number": "4111 2222 3333 4444"})
    payer.press("valider", **{**CARD, "number": "4970100000000789"})
    assert payer.result == "P"
    files = [file for file in tmp_path_factory.getbasetemp().rglob("banksim*") if file.is_file()]
    assert {file.suffix for file in files} >= {".sqlite3", ".log"}
    for file in files:
        content = file.read_bytes().replace(b" ", b"").replace(b"+", b"")
        assert b"4111222233334444" not in content
        assert b"4970100000000789" not in content
    assert "4970" not in payer.answer.text


def test_every_page_says_it_is_a_simulator(sim, service):
    payer = Payer(sim, service.open(), scenario="pay_3ds")
    seen = [payer.text("simulateur")]
    for press in (lambda: payer.choose("payer-carte"), lambda: payer.press("valider")):
        press()
        seen.append(payer.text("simulateur"))
    payer.press("valider", code=SECURE)
    seen.append(payer.text("simulateur"))
    for path in ("/", "/sim/journal", "/tpa/paiementws.web?idop=x"):
        payer.show(requests.get(sim.base_url + path, timeout=10))
        seen.append(payer.text("simulateur"))
    assert seen == ["SIMULATEUR – aucun paiement réel"] * 7


def _paid(sim, service, **controls):
    idop = service.open()
    payer = Payer(sim, idop, **controls)
    payer.choose("payer-carte")
    payer.press("valider", **CARD)
    return idop, payer


def test_the_browser_goes_back_with_the_operation_in_the_address(sim, service, merchant):
    idop, payer = _paid(sim, service)
    back = payer.go_back()
    assert back.headers["Location"] == merchant.address(f"/retour?idop={idop}")
    assert payer.answer.headers["Refresh"].startswith("60; url=/tpa/paiement/")


def test_the_return_keeps_the_query_of_the_merchant(sim, service, merchant):
    idop = service.open(urlredirect=merchant.address("/retour?essai=7#bas"))
    payer = Payer(sim, idop)
    payer.choose("annuler")
    assert payer.go_back().headers["Location"] == merchant.address(f"/retour?essai=7&idop={idop}#bas")


def test_the_return_may_be_a_post(sim, service, merchant):
    idop, payer = _paid(sim, service, retour="post")
    sim.wait_notifications()
    merchant.heard.clear()
    form = next(payer.page.get_element_by_id("retour").iterancestors("form"))
    requests.post(form.action, data=dict(form.form_values()), timeout=10)
    assert [(heard.method, heard.path, heard.fields) for heard in merchant.heard] == [
        ("POST", "/retour", {"idop": idop})
    ]


def test_the_return_may_be_missing_doubled_or_altered(sim, service, merchant):
    _, payer = _paid(sim, service, retour="none")
    assert (payer.has("retour"), payer.has("sans-retour")) == (False, True)
    idop, payer = _paid(sim, service, retour="duplicated")
    payer.go_back()
    sim.wait_notifications()
    assert [heard.fields for heard in merchant.heard_at("/retour")] == [{"idop": idop}]
    idop, payer = _paid(sim, service, retour="altered")
    assert re.search(r"resultrans=P&montant=100$", payer.go_back().headers["Location"])
    assert idop not in payer.go_back().headers["Location"]


def test_a_notification_may_wait_for_the_browser(sim, service, merchant):
    sim.set_defaults(notify={"when": "after_return"})
    idop, payer = _paid(sim, service)
    sim.wait_notifications()
    assert merchant.heard == []
    payer.go_back()
    payer.go_back()
    sim.wait_notifications()
    assert [heard.fields for heard in merchant.heard] == [{"idop": idop}]


def test_a_notification_may_come_before_the_ticket_is_shown(sim, service, merchant):
    idop, _ = _paid(sim, service, notification="before_return")
    assert [heard.fields for heard in merchant.heard] == [{"idop": idop}]


def test_validating_twice_at_the_same_instant_pays_once(sim, service, merchant):
    idop = service.open()
    payer = Payer(sim, idop)
    payer.choose("payer-carte")
    presses = [
        threading.Thread(target=requests.post, args=(payer.answer.url,), kwargs={"data": CARD, "timeout": 20})
        for _ in range(8)
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    sim.wait_notifications()
    assert [heard.fields for heard in merchant.heard] == [{"idop": idop}]
    payer.press("valider", **CARD)
    assert payer.result == "P"


def test_a_page_that_was_never_opened_cannot_be_walked(sim, service):
    idop = service.open()
    key = sim.payment(idop)["page_key"]
    for step in ("carte", "prelevement", "3ds", "ticket", "retour"):
        assert requests.get(f"{sim.base_url}/tpa/paiement/{key}/{step}", timeout=10).status_code == 404
