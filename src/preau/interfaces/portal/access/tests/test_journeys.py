"""Coming in and out in a real browser: by keyboard alone, without script, and when nobody answers."""

import pytest
from playwright.sync_api import expect

from preau.domain.families.models import Household
from tests.support.factories import PASSWORD, make_household, make_town, user_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_FOCUSED = "document.activeElement.name || document.activeElement.textContent.trim()"


@pytest.fixture
def portal(live_server):
    """The address of a portal where a mother may log in."""
    make_town()
    make_household(file_name="BERGER38")
    return live_server.url


@pytest.fixture
def user(portal):
    return user_of(Household.objects.get())


def tab_to(page, name: str) -> None:
    """Press Tab until this field or these words have the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(_FOCUSED) == name:
            return
    pytest.fail(f"the keyboard never reaches {name}")


def come_in(page, portal: str, user, *, path: str = "/mon-compte/") -> None:
    page.goto(f"{portal}{path}")
    page.get_by_label("Mon identifiant").fill(user.access_code)
    page.get_by_label("Mon mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Me connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")


@pytest.mark.row("L10", "L11", "A05", "V27")
def test_a_phone_is_enough_and_so_is_a_keyboard(portal, user, phone):
    phone.goto(f"{portal}/mon-compte/")
    tab_to(phone, "identifier")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Écrivez votre identifiant.").last).to_be_visible()
    assert phone.evaluate(_FOCUSED) == "identifier"
    phone.keyboard.type(user.access_code)
    phone.keyboard.press("Tab")
    phone.keyboard.type(PASSWORD)
    tab_to(phone, "remember")
    tab_to(phone, "Me connecter")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Mon compte")
    assert phone.url == f"{portal}/mon-compte/"
    tab_to(phone, "Déconnexion")
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(f"{portal}/")
    phone.go_back()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Connexion")
    assert "BERGER38" not in phone.content()


def test_pages_never_scroll_sideways(portal, user, windows):
    page = windows.open(viewport={"width": 320, "height": 640})
    come_in(page, portal, user)
    for path in ("/mon-compte/", "/mon-compte/appareils/", "/mon-compte/mot-de-passe/", "/premiere-connexion/dossier/"):
        page.goto(f"{portal}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


def test_everything_works_without_script(portal, user, windows):
    page = windows.open(javascript=False)
    come_in(page, portal, user)
    page.goto(f"{portal}/mon-compte/mot-de-passe/")
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Nouveau mot de passe").fill("mouette cabane violon")
    page.get_by_label("Le même, encore une fois").fill("mouette cabane violon")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Votre mot de passe est changé.")).to_be_visible()


@pytest.mark.row("V27")
def test_the_warning_comes_before_the_end_and_can_be_answered(portal, user, phone):
    phone.clock.install()
    come_in(phone, portal, user)
    dialog = phone.get_by_role("dialog", name="Êtes-vous toujours là")
    phone.clock.fast_forward("27:00")
    expect(dialog).to_be_hidden()
    phone.clock.fast_forward("01:30")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Rester connecté").click()
    expect(dialog).to_be_hidden()
    phone.clock.fast_forward("27:00")
    expect(dialog).to_be_hidden()
    assert phone.url == f"{portal}/mon-compte/"
