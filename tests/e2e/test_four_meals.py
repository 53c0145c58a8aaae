"""What parents do every week: on a phone, four meals for two children, paid by the imitated DGFiP.

Real programs, real browser; nothing here knows the portal from inside.
"""

import re

import pytest

pytestmark = [pytest.mark.process, pytest.mark.browser]


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.row("C15", "C33", "C34", "C35", "C36", "C37", "C38", "C39", "C46")
def test_four_meals_are_booked_and_paid_on_a_phone(canteen, phone):
    portal, made = canteen
    portal.serve()
    portal.work()
    phone.goto(f"{portal.url}/planning/?vue=semaine&jour={made['days'][0]}")
    phone.get_by_label("Mon identifiant").fill(made["login"])
    phone.get_by_label("Mon mot de passe").fill(made["password"])
    phone.get_by_role("button", name="Me connecter").click()
    phone.get_by_role("link", name="Modifier").click()
    for child, button in (("Chloé", "Valider et passer à Sarah"), ("Sarah", "Valider et terminer")):
        phone.get_by_role("heading", level=1, name=child).wait_for()
        for box in made["boxes"]:
            phone.locator(f'[name="{box}"]').check()
        assert _flat(phone.locator("[data-cost]").inner_text()) == "7,20 €"
        phone.get_by_role("button", name=button, exact=True).click()

    phone.get_by_role("heading", level=1, name="À payer").wait_for()
    assert _flat(phone.locator("h1").inner_text()) == "À payer : 14,40 €"
    lines = _flat(phone.locator("tbody").first.inner_text())
    assert lines.count("Cantine Les Lutins Gourmands – repas") == 4
    assert lines.count("à l’unité") == 4
    assert lines.count("3,60 €") == 4
    phone.get_by_role("button", name="Payer", exact=True).click()

    phone.wait_for_selector("#payer-carte")
    assert "14,40" in phone.locator("body").inner_text()
    phone.locator("#payer-carte").click()
    phone.locator("#valider").click()
    phone.locator("#retour").click()
    phone.wait_for_url("**/paiement/resultat/**")
    phone.get_by_role("heading", level=1, name="payés").wait_for()
    assert _flat(phone.locator("main").inner_text()).count("Cantine Les Lutins Gourmands 3,60 €") == 4

    phone.goto(f"{portal.url}/planning/?vue=semaine&jour={made['days'][0]}")
    for day in made["days"]:
        shown = phone.locator(f"#j{day[5:7]}{day[8:10]}")
        assert "réservé" in shown.text_content()
