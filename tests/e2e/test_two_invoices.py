"""What the product is for: on a phone, a parent pays two invoices of two régies and finds the tickets in the mail.

Real programs, real browser, the imitated DGFiP; nothing here knows the portal from inside.
"""

import re

import pytest

from tests.support.parent import Parent

pytestmark = [pytest.mark.process, pytest.mark.browser]

#: The card that the simulator offers: it may be found nowhere on our side (L32).
TEST_CARD = "4970100000000000"


@pytest.fixture
def town(installation):
    portal, made = installation("sqlite")
    portal.serve()
    portal.work()
    return portal, made


def _sign_in(page, portal, made, path: str) -> None:
    page.goto(portal.url + path)
    page.get_by_label("Mon identifiant").fill(made["login"])
    page.get_by_label("Mon mot de passe").fill(made["password"])
    page.get_by_role("button", name="Me connecter").click()


def _pay_by_card(page) -> None:
    """The DGFiP's two pages, then its ticket."""
    page.wait_for_selector("#payer-carte")
    page.locator("#payer-carte").click()
    page.wait_for_selector("#valider")
    page.locator("#valider").click()
    page.wait_for_selector("#retour")
    page.locator("#retour").click()
    page.wait_for_url("**/paiement/resultat/**")


def _wait_paid(page, amount: str) -> None:
    said = "words => words.every(word => document.querySelector('h1').innerText.includes(word))"
    page.wait_for_function(said, arg=[amount, "payés"])


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.row("L29", "L30", "L34", "C40", "C41", "C42", "V04", "V15", "V21", "V22", "V23", "V24", "V26", "A17")
def test_two_invoices_of_two_regies_are_paid_on_a_phone(town, phone):
    portal, made = town
    screens = []
    phone.on("framenavigated", lambda frame: screens.append(frame.url) if frame == phone.main_frame else None)
    _sign_in(phone, portal, made, "/factures/")
    phone.wait_for_url("**/factures/")
    for box in phone.locator("input[name=facture]").all():
        box.check()
    assert _flat(phone.locator("#total").inner_text()) == "84,00 €"
    phone.get_by_role("button", name="Ajouter au panier").click()
    phone.wait_for_url("**/panier/")
    assert "84,00 €" in _flat(phone.locator("h1").inner_text())
    assert phone.get_by_label("Adresse e-mail pour le reçu").input_value() == made["login"]
    phone.get_by_label("Adresse e-mail pour le reçu").fill("autre.adresse@example.org")
    phone.get_by_role("button", name="Procéder au paiement").click()

    phone.wait_for_selector("#payer-carte")
    ours = [url for url in screens if url.startswith(portal.url)]
    assert len(ours) <= 6
    offered = _flat(phone.locator("body").inner_text())
    assert "La solution de paiement de la Direction Générale des Finances Publiques" in offered
    assert "58,80" in offered
    assert "autre.adresse@example.org" in offered
    _pay_by_card(phone)
    _wait_paid(phone, "58,80")

    phone.get_by_role("button", name="Continuer").click()
    _pay_by_card(phone)
    _wait_paid(phone, "25,20")

    phone.goto(portal.url + "/boite-aux-lettres/")
    phone.wait_for_function(
        "() => { const n = document.querySelectorAll('main li').length; if (n < 2) location.reload(); return n >= 2; }",
    )
    box = _flat(phone.locator("main").inner_text())
    assert "Votre reçu de paiement : 58,80 €" in box
    assert "Votre reçu de paiement : 25,20 €" in box
    assert box.count("autre.adresse@example.org") == 2
    phone.get_by_role("link", name="Votre reçu de paiement : 58,80").click()
    ticket = phone.locator("main a[href*='/piece/']").get_attribute("href")
    assert phone.request.get(portal.url + ticket).body().startswith(b"%PDF-")
    assert portal.rows("SELECT amount_cents FROM payments_capture ORDER BY id") == [(5880,), (2520,)]
    assert portal.run("selfcheck").returncode == 0


@pytest.mark.row("L32")
def test_no_card_number_reaches_us(town, phone):
    portal, made = town
    _sign_in(phone, portal, made, "/factures/")
    phone.wait_for_url("**/factures/")
    phone.locator("input[name=facture]").first.check()
    phone.get_by_role("button", name="Ajouter au panier").click()
    phone.get_by_role("button", name="Procéder au paiement").click()
    _pay_by_card(phone)
    _wait_paid(phone, "58,80")
    phone.wait_for_load_state("networkidle")
    searched = 0
    for path in portal.folder.rglob("*"):
        if path.is_file():
            assert TEST_CARD.encode() not in path.read_bytes(), path
            searched += 1
    assert searched > 3


@pytest.mark.row("A18", "A19")
def test_without_script_the_button_does_the_same_once(town, windows):
    portal, made = town
    page = windows.open(javascript=False)
    _sign_in(page, portal, made, "/factures/")
    page.wait_for_url("**/factures/")
    page.locator("input[name=facture]").first.check()
    page.get_by_role("button", name="Ajouter au panier").click()
    page.get_by_role("button", name="Procéder au paiement").click()
    page.get_by_role("button", name="Effectuer le paiement").click()
    page.wait_for_selector("#payer-carte")
    assert len(page.context.pages) == 1
    assert portal.rows("SELECT count(*) FROM payments_paymentattempt") == [(1,)]


@pytest.mark.row("L33")
@pytest.mark.parametrize(
    ("codes", "title", "left"),
    [(["123456"], "payés", 0), (["000000"] * 3, "refusé", 5880), (None, "abandonné", 5880)],
)
def test_strong_authentication_leads_to_the_right_state(town, phone, banksim, codes, title, left):
    portal, made = town
    banksim.set_defaults(scenario="pay_3ds")
    _sign_in(phone, portal, made, "/factures/")
    phone.wait_for_url("**/factures/")
    phone.locator("input[name=facture]").first.check()
    phone.get_by_role("button", name="Ajouter au panier").click()
    phone.get_by_role("button", name="Procéder au paiement").click()
    phone.locator("#payer-carte").click()
    phone.locator("#valider").click()
    phone.wait_for_selector("#code-3ds")
    if codes is None:
        phone.locator("#abandonner").click()
    for code in codes or []:
        phone.locator("#code-3ds").fill(code)
        phone.locator("#valider").click()
    phone.wait_for_selector("#retour")
    phone.locator("#retour").click()
    phone.wait_for_url("**/paiement/resultat/**")
    phone.wait_for_function("text => document.querySelector('h1').innerText.includes(text)", arg=title)
    assert portal.rows("SELECT left_cents FROM billing_invoice WHERE total_cents = 5880") == [(left,)]


@pytest.mark.row("A05")
def test_after_leaving_the_back_button_shows_nothing(town, phone):
    portal, made = town
    _sign_in(phone, portal, made, "/factures/")
    phone.wait_for_url("**/factures/")
    assert "DELATTRE" in phone.locator("header").first.inner_text()
    phone.get_by_role("button", name="Déconnexion").click()
    phone.wait_for_load_state()
    phone.go_back()
    phone.wait_for_load_state()
    assert "DELATTRE" not in phone.content()


@pytest.mark.row("P03", "A20", "A21")
def test_a_second_browser_sees_the_payment_under_way(town, phone):
    portal, made = town
    other = Parent(portal.url, made["login"], made["password"])
    other.sign_in()
    _sign_in(phone, portal, made, "/factures/")
    phone.wait_for_url("**/factures/")
    phone.locator("input[name=facture]").first.check()
    phone.get_by_role("button", name="Ajouter au panier").click()
    phone.get_by_role("button", name="Procéder au paiement").click()
    phone.wait_for_selector("#payer-carte")
    seen = _flat(re.sub(r"<[^>]+>", " ", other.get("/factures/").text))
    assert re.search(r"[Pp]aiement en cours, libérée à \d+ h \d\d", seen), seen[:3000]
