"""The login page: who comes in, what is told to those who do not, where one lands (L10–L12, C05, S03, V15)."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from preau.domain.accounts import passwords
from preau.domain.accounts.models import KnownDevice, Tally, User, UserSession
from preau.interfaces.portal.access.tests.conftest import sign_in, text_of
from tests.support.factories import PASSWORD, make_user

pytestmark = pytest.mark.usefixtures("town")

REFUSED = "L’identifiant ou le mot de passe n’est pas le bon. Vérifiez-les et recommencez."


def field_of(html: str, name: str) -> str:
    """The input of this name, as written."""
    return re.search(rf'<input[^>]*name="{name}"[^>]*>', html)[0]


def errors_of(html: str) -> list[str]:
    return re.findall(r'class="field__error"[^>]*>.*?<span>(.*?)</span>', html, re.DOTALL)


@pytest.mark.row("L10", "A02")
def test_the_form_says_which_fields_are_required(client):
    response = client.get("/connexion/")
    html = response.content.decode()
    assert response.status_code == 200
    assert "Mon identifiant * (obligatoire)" in text_of(response)
    assert "Mon mot de passe * (obligatoire)" in text_of(response)
    assert "* champs obligatoires" in text_of(response)
    assert " required" in field_of(html, "identifier")
    assert " required" in field_of(html, "password")
    for entry in ("/connexion/", "/accessibilite/", "/aide/"):
        assert f'href="{entry}"' in html


@pytest.mark.row("L10")
def test_an_empty_form_is_answered_field_by_field_and_takes_the_focus_to_the_first(client):
    html = client.post("/connexion/", {"identifier": "", "password": ""}).content.decode()
    assert errors_of(html) == ["Écrivez votre identifiant.", "Écrivez votre mot de passe."]
    assert " autofocus" in field_of(html, "identifier")
    assert " autofocus" not in field_of(html, "password")
    assert 'aria-invalid="true"' in field_of(html, "identifier")
    assert 'aria-describedby="id_identifier-aide id_identifier-erreur"' in field_of(html, "identifier")


def test_the_focus_goes_to_the_password_when_it_alone_is_missing(client):
    html = client.post("/connexion/", {"identifier": "abc", "password": ""}).content.decode()
    assert errors_of(html) == ["Écrivez votre mot de passe."]
    assert " autofocus" in field_of(html, "password")


@pytest.mark.row("L11")
def test_going_back_leaves_no_session(client):
    html = client.get("/connexion/").content.decode()
    assert re.search(r'<a href="/">Retour</a>', html)
    client.get("/")
    assert "preau_session" not in client.cookies
    assert Session.objects.count() == 0


@pytest.mark.row("L11", "S03", "V16")
@pytest.mark.parametrize("written", [str, str.lower, lambda code: f" {code[:4]}-{code[4:]} "])
def test_the_access_code_of_the_invoice_lets_in(client, user, written):
    response = client.post("/connexion/", {"identifier": written(user.access_code), "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/accueil/")
    assert "Me connecter" in text_of(Client().get("/connexion/"))


@pytest.mark.row("C05")
@pytest.mark.parametrize("identifier", ["berger.a", "Berger.A", "amelie@exemple.fr", "AMELIE@exemple.fr"])
def test_the_user_name_and_the_email_let_in(client, user, identifier):
    User.objects.filter(pk=user.pk).update(username="berger.a", email="amelie@exemple.fr")
    assert client.post("/connexion/", {"identifier": identifier, "password": PASSWORD}).status_code == 302


@pytest.mark.row("L12")
def test_the_town_writes_the_help_beside_the_form(client, town):
    town.login_help = "Vos codes sont sur la facture <verte>."
    town.save()
    html = client.get("/connexion/").content.decode()
    assert "Vos codes sont sur la facture &lt;verte&gt;." in html


def test_a_wrong_password_keeps_the_identifier_only(client, user):
    response = sign_in(client, user, "faux mot de passe")
    html = response.content.decode()
    assert response.status_code == 422
    assert REFUSED in text_of(response)
    assert f'value="{user.access_code}"' in field_of(html, "identifier")
    assert "value=" not in field_of(html, "password")
    assert "faux mot de passe" not in html


def _without_tokens(response, typed: str) -> str:
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())
    return re.sub(r"nonce-?[^\"' ]*", "", html).replace(typed, "X")


def test_an_unknown_and_a_known_identifier_get_the_same_page(user, frozen_clock):
    """W1: same status, same words, as many times as one likes."""
    for _ in range(6):
        known = Client().post("/connexion/", {"identifier": user.access_code, "password": "x"})
        unknown = Client().post("/connexion/", {"identifier": "9ZZZZZZZ", "password": "x"})
        assert unknown.status_code == known.status_code
        assert _without_tokens(unknown, "9ZZZZZZZ") == _without_tokens(known, user.access_code)
    assert known.status_code == 429


def test_a_closed_account_is_told_what_everybody_is(client, user):
    User.objects.filter(pk=user.pk).update(is_active=False)
    response = sign_in(client, user)
    assert (response.status_code, REFUSED in text_of(response)) == (422, True)


def test_the_waiting_time_is_told(client, user, frozen_clock):
    for _ in range(5):
        sign_in(client, user, "faux")
    response = sign_in(client, user)
    assert response.status_code == 429
    assert "Trop d’essais. Réessayez dans 1 minute." in text_of(response)
    assert response["Retry-After"] == "60"
    frozen_clock.advance(seconds=61)
    assert sign_in(client, user).status_code == 302


def test_a_known_browser_is_not_slowed_by_strangers(client, user, frozen_clock):
    """W3: the mark of the browser is kept a year, out of reach of scripts."""
    sign_in(client, user)
    cookie = client.cookies["preau_device"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 365 * 24 * 3600)
    client.post("/deconnexion/")
    for _ in range(6):
        sign_in(Client(), user, "faux")
    assert sign_in(Client(), user).status_code == 429
    assert sign_in(client, user).status_code == 302
    assert KnownDevice.objects.count() == 1


def test_the_page_says_when_the_machine_is_busy(client, settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["preau.domain.accounts.passwords.BoundedArgon2Hasher"]
    monkeypatch.setattr(passwords, "SLOT_WAIT_SECONDS", 0.0)
    for _ in range(settings.PREAU_HASHING_SLOTS):
        passwords._slots.acquire()
    try:
        response = client.post("/connexion/", {"identifier": "9ZZZZZZZ", "password": "x"})
    finally:
        passwords._slots.release(settings.PREAU_HASHING_SLOTS)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "Beaucoup de familles se connectent en ce moment." in text_of(response)
    assert set(Tally.objects.values_list("failures", flat=True)) == {0}


@pytest.mark.row("V15")
def test_a_deep_link_opens_the_login_then_its_page(client, user):
    asked = client.get("/factures/?etat=a-payer")
    assert asked["Location"] == "/connexion/?next=/factures/%3Fetat%3Da-payer"
    html = client.get(asked["Location"]).content.decode()
    onward = re.search(r'name="suite" value="([^"]+)"', html)[1]
    assert onward == "/factures/?etat=a-payer"
    assert sign_in(client, user, suite=onward)["Location"] == "/factures/?etat=a-payer"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://exemple.invalid/",
        "//exemple.invalid/factures/",
        "/\\exemple.invalid",
        "http:factures",
        "javascript:alert(1)",
        "factures/",
        "///exemple.invalid",
    ],
)
def test_a_login_never_leads_to_another_site(client, user, elsewhere):
    """W17: an address of another site is forgotten."""
    html = client.get("/connexion/", {"next": elsewhere}).content.decode()
    assert 'name="suite"' not in html
    assert sign_in(client, user, suite=elsewhere)["Location"] == "/accueil/"


def test_somebody_already_inside_goes_on(entered):
    assert entered.get("/connexion/", {"next": "/factures/"})["Location"] == "/factures/"


def test_entering_gives_a_new_session_number(client, user):
    """W7: whatever session a stranger planted in the browser is worth nothing."""
    client.force_login(make_user())
    planted = client.cookies["preau_session"].value
    sign_in(client, user)
    assert client.cookies["preau_session"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()
    assert UserSession.objects.get().session_key == client.cookies["preau_session"].value


def test_the_session_is_recorded_with_its_device(client, user):
    client.post(
        "/connexion/",
        {"identifier": user.access_code, "password": PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Android 14) Firefox/130.0"},
    )
    session = UserSession.objects.get()
    assert (session.user, session.label, session.remembered) == (user, "Firefox sur Android", False)
    assert session.session_key == client.cookies["preau_session"].value


@pytest.mark.row("C06")
def test_a_remembered_session_lasts_as_long_as_the_town_says(client, user, town, frozen_clock):
    assert "30 jours sur cet appareil" in text_of(client.get("/connexion/"))
    sign_in(client, user, remember="on")
    assert client.cookies["preau_session"]["max-age"] == timedelta(days=30).total_seconds()
    frozen_clock.advance(days=29, hours=23)
    assert client.get("/mon-compte/").status_code == 200
    frozen_clock.advance(hours=2)
    assert client.get("/mon-compte/")["Location"] == "/connexion/?next=/mon-compte/"


def test_a_session_not_remembered_ends_with_the_browser(client, user):
    sign_in(client, user)
    assert client.cookies["preau_session"]["max-age"] == ""


def test_pages_are_never_kept_by_the_browser(client, entered):
    assert Client().get("/connexion/")["Cache-Control"] == "no-store"
    assert entered.get("/mon-compte/")["Cache-Control"] == "no-store"
