"""The comforts of the script, in a real browser; each page also works without it."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.urls("preau.ui.tests.urls")]


def test_the_total_follows_what_is_ticked(portal, phone):
    phone.goto(f"{portal}/galerie/")
    total, count = phone.locator("#total"), phone.locator("#total-count")
    assert (total.inner_text(), count.inner_text()) == ("84,00\u202f€", "2 factures choisies")
    phone.get_by_label("Halte-garderie").uncheck()
    assert (total.inner_text(), count.inner_text()) == ("58,80\u202f€", "1 facture choisie")
    phone.get_by_label("Octobre 2026").first.uncheck()
    assert (total.inner_text(), count.inner_text()) == ("0,00\u202f€", "Aucune facture choisie")
    assert phone.get_by_role("button", name="Ajouter au panier").get_attribute("aria-disabled") == "true"


def test_a_password_is_shown_and_hidden(portal, phone):
    phone.goto(f"{portal}/page/login/")
    field = phone.locator("input[name=password]")
    phone.get_by_role("button", name="Afficher le mot de passe").click()
    assert field.get_attribute("type") == "text"
    phone.get_by_role("button", name="Masquer le mot de passe").click()
    assert field.get_attribute("type") == "password"


def test_without_script_no_button_is_dead(portal, windows):
    page = windows.open(javascript=False)
    page.goto(f"{portal}/page/login/")
    assert page.get_by_role("button").all_inner_texts() == ["Déconnexion", "Me connecter"]


def test_a_code_is_copied(portal, windows):
    page = windows.open(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{portal}/galerie/")
    page.get_by_role("button", name="Copier").click()
    page.get_by_role("button", name="Copié").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "7KQM-4TXA-92PD"


def test_the_page_is_printed(portal, windows):
    page = windows.open()
    page.add_init_script("window.print = () => { window.asked = true; }")
    page.goto(f"{portal}/galerie/")
    page.get_by_role("button", name="Imprimer").click()
    assert page.evaluate("window.asked")


def test_a_menu_wider_than_the_phone_shows_the_page_it_is_on(portal, phone):
    phone.goto(f"{portal}/galerie/")
    phone.evaluate("""() => {
        const links = document.querySelectorAll(".side-nav a");
        links.forEach(link => link.removeAttribute("aria-current"));
        links[links.length - 1].setAttribute("aria-current", "page");
    }""")
    phone.add_script_tag(url="/static/preau/preau.js")
    box = phone.locator(".side-nav [aria-current]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_a_dialog_opens_and_closes(portal, phone):
    phone.goto(f"{portal}/galerie/")
    phone.get_by_role("button", name="Ma session se termine").click()
    dialog = phone.get_by_role("dialog", name="Êtes-vous toujours là")
    dialog.wait_for()
    dialog.get_by_role("button", name="Rester connecté").click()
    dialog.wait_for(state="hidden")


def test_the_preparation_is_sent_by_itself_and_leaves_no_way_back(portal, phone):
    phone.goto(f"{portal}/page/plain/")
    phone.goto(f"{portal}/page/preparation/")
    phone.get_by_text("POST basket").wait_for()
    phone.go_back()
    assert phone.url == f"{portal}/page/plain/"


def test_the_preparation_is_sent_once_and_then_waits_for_its_button(portal, phone):
    sent = []
    phone.route("**/basket/", lambda route: (sent.append(route.request.method), route.fulfill(status=204)))
    with phone.expect_response("**/basket/"):
        phone.goto(f"{portal}/page/preparation/", wait_until="commit")
    phone.wait_for_load_state("networkidle")
    phone.reload(wait_until="networkidle")
    assert sent == ["POST"]
    with phone.expect_response("**/basket/"):
        phone.get_by_role("button", name="Effectuer le paiement").click()
    assert sent == ["POST", "POST"]


def test_the_answer_of_the_bank_is_asked_every_two_seconds_for_a_minute(portal, phone):
    asked = []

    def still_waiting(route):
        asked.append(route.request.url)
        route.fulfill(body=f"<p>Demande {len(asked)}</p>")

    phone.route("**/fragment/", still_waiting)
    phone.clock.install()
    phone.goto(f"{portal}/page/waiting/")
    for number in range(1, 31):
        phone.clock.run_for(2_000)
        phone.get_by_text(f"Demande {number}", exact=True).wait_for()
    phone.clock.run_for(10_000)
    phone.evaluate("fetch('/healthz/').then(answer => answer.text())")  # goes after whatever was still to be asked
    assert len(asked) == 30


def test_the_page_is_drawn_again_when_there_is_something_new(portal, phone):
    asked, drawn = [], []
    phone.on("framenavigated", lambda frame: drawn.append(frame.url))
    phone.route("**/fragment/", lambda route: (asked.append(1), route.fulfill(status=205)))
    phone.clock.install()
    phone.goto(f"{portal}/page/waiting/")
    with phone.expect_navigation():
        phone.clock.run_for(2_000)
    assert (len(asked), len(drawn)) == (1, 2)


def test_the_end_of_the_session_is_announced_and_can_be_put_off(portal, phone):
    phone.clock.install()
    phone.goto(f"{portal}/page/plain/?ends_in=1800")
    dialog = phone.get_by_role("dialog", name="Êtes-vous toujours là")
    phone.clock.run_for(27 * 60_000)
    assert not dialog.is_visible()
    phone.clock.run_for(65_000)
    assert "dans 2 minutes" in dialog.inner_text()
    with phone.expect_response("**/session_extend/"):
        dialog.get_by_role("button", name="Rester connecté").click()
    dialog.wait_for(state="hidden")
    phone.clock.run_for(27 * 60_000)
    assert not dialog.is_visible()
    phone.clock.run_for(4 * 60_000)
    phone.wait_for_url(f"{portal}/login/")
