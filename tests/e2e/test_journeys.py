"""Ways to the receipt that are not the straight one: the keyboard alone, no script, a change of mind, a refused card.

Real programs, real browser, the imitated DGFiP; `windows` fails a test whose pages say an error in the console.
"""

import re

import pytest

pytestmark = [pytest.mark.process, pytest.mark.browser]

#: What the parent reads of what has the focus, and whether it is seen: outlined, on the screen, under nothing.
_FOCUSED = """() => {
    const it = document.activeElement, box = it.getBoundingClientRect();
    const above = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, innerHeight) / 2);
    return {
        words: it.labels?.length ? it.labels[0].innerText : it.innerText,
        outlined: getComputedStyle(it).outlineStyle !== "none",
        seen: it.contains(above) || [...(it.labels ?? [])].some(label => label.contains(above)),
    };
}"""
_MOST_TABS = 60


@pytest.fixture
def town(installation):
    portal, made = installation("sqlite")
    portal.serve()
    return portal, made


def _tab_to(page, words: str) -> None:
    """Press Tab until what has the focus says `words`; everything on the way can be seen."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        assert focused["outlined"], focused
        assert focused["seen"], focused
        if words in (focused["words"] or ""):
            return
    pytest.fail(f"« {words} » is out of reach of the keyboard at {page.url}")


def _sign_in(page, portal, made, path: str) -> None:
    page.goto(portal.url + path)
    page.get_by_label("Mon identifiant").fill(made["login"])
    page.get_by_label("Mon mot de passe").fill(made["password"])
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url(f"**{path}")


def _choose_the_first(page) -> None:
    """The first invoice alone, in the basket."""
    page.locator("input[name=facture]").last.uncheck()
    page.get_by_role("button", name="Ajouter au panier").click()
    page.wait_for_url("**/panier/")


def _to_the_bank(page) -> None:
    page.get_by_role("button", name="Procéder au paiement").click()
    page.wait_for_selector("#payer-carte")


def _by_card(page, scenario: str) -> None:
    page.locator(f"#scenario-{scenario}").check()
    page.locator("#payer-carte").click()
    page.locator("#valider").click()
    page.locator("#retour").click()


def _title(page, words: str) -> None:
    page.wait_for_function("words => document.querySelector('h1').innerText.includes(words)", arg=words)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.row("S21", "S26", "V19")
def test_from_signing_in_to_the_receipt_with_the_keyboard_alone(town, phone):
    portal, made = town
    phone.goto(f"{portal.url}/connexion/")
    _tab_to(phone, "Mon identifiant")
    phone.keyboard.type(made["login"])
    _tab_to(phone, "Mon mot de passe")
    phone.keyboard.type(made["password"])
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/accueil/")
    _tab_to(phone, "Voir et payer")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/factures/")
    _tab_to(phone, "Aller au contenu")
    phone.keyboard.press("Enter")
    assert phone.evaluate("document.activeElement.id") == "contenu"
    _tab_to(phone, "Halte-garderie")
    phone.keyboard.press("Space")
    assert _flat(phone.locator("#total").inner_text()) == "58,80 €"
    _tab_to(phone, "Ajouter au panier")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/panier/")
    _tab_to(phone, "Procéder au paiement")
    phone.keyboard.press("Enter")
    for place, words in (("#payer-carte", "Payer par carte"), ("#valider", "VALIDER"), ("#retour", "Retour")):
        phone.wait_for_selector(place)
        _tab_to(phone, words)
        phone.keyboard.press("Enter")
    phone.wait_for_url("**/paiement/resultat/**")
    _title(phone, "payés")
    _tab_to(phone, "Télécharger le reçu")
    with phone.expect_response("**/recus/*/pdf/") as answered:
        phone.keyboard.press("Enter")
    assert answered.value.headers["content-type"] == "application/pdf"


@pytest.mark.row("S32", "A21", "A22")
def test_changing_ones_mind_twice_and_a_refused_card_lose_nothing(town, phone):
    portal, made = town
    _sign_in(phone, portal, made, "/factures/")
    _choose_the_first(phone)

    _to_the_bank(phone)
    phone.go_back()
    phone.reload()
    phone.get_by_role("link", name="Suivre ce paiement").click()
    _title(phone, "Un paiement est en cours")
    phone.get_by_role("button", name="Annuler et recommencer").click()
    phone.wait_for_url("**/panier/")
    assert "Le paiement est annulé." in phone.locator("main").inner_text()

    _to_the_bank(phone)
    phone.locator("#annuler").click()
    phone.locator("#retour").click()
    _title(phone, "Paiement abandonné")
    phone.get_by_role("link", name="Revenir au panier").click()

    _to_the_bank(phone)
    _by_card(phone, "refuse")
    _title(phone, "Le paiement a été refusé")
    assert "Rien n’a été débité." in phone.locator("main").inner_text()
    phone.get_by_role("link", name="Réessayer").click()

    _to_the_bank(phone)
    _by_card(phone, "pay")
    _title(phone, "58,80\u202f€ payés")
    states = portal.rows("SELECT state, amount_cents FROM payments_paymentattempt ORDER BY id")
    assert states == [("abandoned", 5880), ("abandoned", 5880), ("refused", 5880), ("captured", 5880)]
    assert portal.rows("SELECT left_cents FROM billing_invoice ORDER BY id") == [(0,), (2520,)]
    assert portal.run("selfcheck").returncode == 0


@pytest.mark.row("A18", "S32")
def test_a_payment_from_end_to_end_without_script(town, windows):
    portal, made = town
    page = windows.open(javascript=False)
    _sign_in(page, portal, made, "/factures/")
    _choose_the_first(page)
    page.get_by_role("button", name="Procéder au paiement").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Préparation du paiement"
    page.get_by_role("button", name="Effectuer le paiement").click()
    _by_card(page, "pay")
    page.wait_for_url("**/paiement/resultat/**")
    assert _flat(page.get_by_role("heading", level=1).inner_text()) == "58,80 € payés. Merci !"
    assert page.get_by_role("button", name="Imprimer").count() == 0
    page.get_by_role("button", name="Déconnexion").click()
    assert "DELATTRE" not in page.content()
