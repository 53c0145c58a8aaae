"""The choice of invoices as a hand or a keyboard makes it, in a real browser on a phone."""

from datetime import date

import pytest
from django.conf import settings

from tests.support.factories import login_family, make_household, make_invoice, make_regie, make_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(frozen_clock, live_server, client):
    """A family that owes 58,80 € to the canteen and 25,20 € to the nursery; how to open a page as it."""
    make_town()
    household = make_household(children=0)
    canteen, nursery = make_regie(label="Cantine"), make_regie(label="Crèche")
    make_invoice(household, canteen, cents=5880, due_on=date(2026, 10, 30))
    make_invoice(household, nursery, cents=2520, due_on=date(2026, 10, 31))
    login_family(client, household)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value

    def go(page, address: str):
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + address)
        return page

    return go


def _bar(page) -> str:
    return " ".join(page.locator(".pay-bar").inner_text().split())


@pytest.mark.row("L29", "S26", "S27", "V21")
def test_the_total_follows_the_boxes_and_nothing_chosen_cannot_be_sent(scene, phone):
    page = scene(phone, "/factures/")
    add = page.get_by_role("button", name="Ajouter au panier")
    first, second = page.get_by_role("checkbox").all()
    assert _bar(page) == "2 factures choisies 84,00 € Ajouter au panier"

    first.uncheck()
    assert _bar(page) == "1 facture choisie 25,20 € Ajouter au panier"

    second.focus()
    page.keyboard.press("Space")
    assert _bar(page) == "Aucune facture choisie 0,00 € Ajouter au panier"
    assert add.get_attribute("aria-disabled") == "true"
    add.click(force=True)
    assert page.url.endswith("/factures/")

    first.check()
    assert _bar(page) == "1 facture choisie 58,80 € Ajouter au panier"
    add.click()
    page.wait_for_url("**/panier/")


@pytest.mark.row("L29")
def test_the_running_total_is_read_out(scene, phone):
    """An `output` is a polite live region: what changes in it is said without moving the focus."""
    page = scene(phone, "/factures/")
    assert page.get_by_role("status").filter(has_text="84,00").count() == 1


@pytest.mark.row("S27")
def test_without_script_nothing_chosen_is_answered_by_the_server(scene, windows):
    page = scene(windows.open(javascript=False), "/factures/")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Ajouter au panier").click()
    assert page.url.endswith("/factures/")
    assert "Cochez d’abord au moins une facture à payer." in page.locator("main").inner_text()


@pytest.mark.row("V20")
def test_the_magnifier_opens_in_place(scene, phone):
    page = scene(phone, "/factures/")
    table = page.get_by_role("table", name="Détail de la facture", include_hidden=True).first
    assert not table.is_visible()
    page.get_by_text("Voir le détail").first.click()
    assert table.is_visible()
    assert page.url.endswith("/factures/")


@pytest.mark.row("S21")
def test_an_account_is_chosen_and_opened_with_the_keyboard(scene, desk):
    page = scene(desk, "/comptes/")
    page.get_by_role("radio", name="Cantine").focus()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("radio", name="Crèche").is_checked()
    page.keyboard.press("Enter")
    page.wait_for_url("**/factures/?**")
    assert page.get_by_role("heading", level=2, name="Crèche").is_visible()
    assert page.get_by_role("checkbox").count() == 1


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("address", ["/accueil/", "/factures/", "/factures/historique/", "/comptes/", "/"])
def test_no_page_scrolls_sideways(scene, windows, address, width):
    page = scene(windows.open(viewport={"width": width, "height": 740}), address)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.row("V19")
def test_amount_and_next_action_are_in_sight_on_a_phone(scene, phone):
    page = scene(phone, "/accueil/")
    for part in (page.get_by_role("heading", level=1), page.get_by_role("link", name="Voir et payer")):
        box = part.bounding_box()
        assert box["y"] + box["height"] < 740
