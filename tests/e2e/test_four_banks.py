"""On a phone, one basket is paid at four banks, one after the other, strong authentication included (V06)."""

import re

import pytest

pytestmark = [pytest.mark.process, pytest.mark.browser]


@pytest.fixture
def town(four_banks):
    portal, made = four_banks
    portal.serve()
    portal.work()
    return portal, made


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def sign_in(page, portal, made, path: str) -> None:
    page.goto(portal.url + path)
    page.get_by_label("Mon identifiant").fill(made["login"])
    page.get_by_label("Mon mot de passe").fill(made["password"])
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url(f"**{path}")


def at_the_bank(page, scenario: str) -> str:
    """The bank's page, whichever it is: what it says; then what the payer does."""
    page.wait_for_selector("#payer-carte, #numero-carte")
    told = flat(page.locator("body").inner_text())
    page.check(f"#scenario-{scenario}")
    if page.locator("#payer-carte").count():
        page.locator("#payer-carte").click()
        page.wait_for_selector("#numero-carte")
    page.locator("#valider").click()
    if scenario == "pay_3ds":
        page.wait_for_selector("#code-3ds")
        page.locator("#code-3ds").fill("123456")
        page.locator("#valider").click()
    page.wait_for_selector("#retour")
    page.locator("#retour").click()
    page.wait_for_url("**/paiement/resultat/**")
    return told


def wait_title(page, *words: str) -> None:
    said = "words => words.every(word => document.querySelector('h1').innerText.includes(word))"
    page.wait_for_function(said, arg=list(words))


@pytest.mark.row("V06", "A26", "L31", "L33", "S28", "V25", "P01")
def test_one_basket_is_paid_at_four_banks(town, phone):
    portal, made = town
    sign_in(phone, portal, made, "/factures/")
    phone.get_by_role("button", name="Ajouter au panier").click()
    phone.wait_for_url("**/panier/")
    assert "115,70" in flat(phone.locator("h1").inner_text())
    phone.get_by_role("button", name="Procéder au paiement").click()

    assert "Direction Générale des Finances Publiques" in at_the_bank(phone, "pay_3ds")
    wait_title(phone, "58,80", "payés")
    phone.get_by_role("button", name="Continuer").click()

    asked = at_the_bank(phone, "refuse")
    assert "serveur de paiement sécurisé de Verifone" in asked
    assert "Paiement de 30.00 EUR" in asked
    assert "Caisse des écoles" in asked
    wait_title(phone, "refusé")
    phone.get_by_role("link", name="Réessayer").click()
    phone.get_by_role("button", name="Procéder au paiement").click()
    at_the_bank(phone, "pay_3ds")
    wait_title(phone, "30,00", "payés")
    phone.get_by_role("button", name="Continuer").click()

    asked = at_the_bank(phone, "pay_3ds")
    assert "Petite enfance" in asked
    assert "Montant 5,60 Euro" in asked
    assert "Paiement comptant" in asked
    wait_title(phone, "5,60", "payés")
    phone.get_by_role("button", name="Continuer").click()

    asked = at_the_bank(phone, "pay_3ds").lower()
    assert ["type de carte" in asked, "date de fin de validité" in asked, "cryptogramme visuel" in asked] == [True] * 3
    wait_title(phone, "21,30", "payés")
    assert "4 paiements sur 4, total payé 115,70 €" in flat(phone.locator("main").inner_text())
    assert portal.rows("SELECT amount_cents FROM payments_capture ORDER BY id") == [(5880,), (3000,), (560,), (2130,)]
    assert portal.run("selfcheck").returncode == 0


@pytest.mark.row("A18", "A19")
def test_without_script_a_button_leads_to_the_bank_that_takes_a_form(town, windows):
    portal, made = town
    page = windows.open(javascript=False)
    sign_in(page, portal, made, "/factures/")
    page.locator("input[name=facture]").first.uncheck()
    page.get_by_role("button", name="Ajouter au panier").click()
    page.get_by_role("button", name="Procéder au paiement").click()
    page.get_by_role("button", name="Effectuer le paiement").click()
    page.get_by_role("button", name="Continuer vers la banque").click()
    page.wait_for_selector("#numero-carte")
    assert "Paiement de 30.00 EUR" in flat(page.locator("body").inner_text())
