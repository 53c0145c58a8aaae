"""« Mon compte »: identity, password, address, terms (A05, S11, S15, V28, C19)."""

import re

import pytest
from django.test import Client

from preau.domain.accounts.models import User
from preau.domain.accounts.services import require_new_password
from preau.domain.families.models import Guardian
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.portal.access.tests.conftest import NEW_PASSWORD, mailed_path, sign_in, text_of
from tests.support.factories import PASSWORD, make_user


def change(client, **values):
    given = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "again": NEW_PASSWORD, **values}
    return client.post("/mon-compte/mot-de-passe/", given)


@pytest.mark.row("A05")
@pytest.mark.parametrize(
    "path", ["/mon-compte/", "/mon-compte/appareils/", "/mon-compte/mot-de-passe/", "/connexion/x/", "/deconnexion/"]
)
def test_every_page_names_the_file_and_holds_the_way_out(entered, path):
    response = entered.get(path)
    assert "Mon compte : [BERGER38]" in text_of(response)
    assert re.search(r'<form action="/deconnexion/" method="post">', response.content.decode())
    assert "Déconnexion" in text_of(response)


@pytest.mark.row("A05")
def test_the_account_says_who_i_am(entered, user, household):
    text = text_of(entered.get("/mon-compte/"))
    for fact in (
        "Nom Amélie Berger",
        f"Dossier {household}",
        f"Code d’accès {user.access_code[:4]}-{user.access_code[4:]}",
        f"E-mail {user.email}",
    ):
        assert fact in text


def test_a_person_without_family_has_an_account_too(client, town):
    sign_in(client, make_user(display_name="Agent Martin", must_change_password=False))
    response = client.get("/mon-compte/")
    assert (response.status_code, "Nom Agent Martin" in text_of(response)) == (200, True)


@pytest.mark.row("A05", "S12", "V27")
def test_going_out_closes_the_session_and_asks_the_browser_to_forget(entered, user):
    number = entered.cookies["preau_session"].value
    response = entered.post("/deconnexion/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert response["Clear-Site-Data"] == '"cache"'
    assert user.user_sessions.count() == 0
    entered.cookies["preau_session"] = number
    assert entered.get("/mon-compte/")["Location"] == "/connexion/?next=/mon-compte/"


def test_asking_for_the_way_out_changes_nothing(entered):
    """W8: a picture whose address is ours cannot log anybody out."""
    assert "Me déconnecter" in text_of(entered.get("/deconnexion/"))
    assert entered.get("/mon-compte/").status_code == 200


@pytest.mark.row("S15", "V28")
def test_changing_the_password_asks_the_current_one_and_closes_the_other_devices(entered, user):
    other = Client()
    sign_in(other, user)
    before = entered.cookies["preau_session"].value
    response = change(entered)
    assert (response.status_code, response["Location"]) == (302, "/mon-compte/")
    assert entered.cookies["preau_session"].value != before
    assert user.user_sessions.get().session_key == entered.cookies["preau_session"].value
    assert "Votre mot de passe est changé." in text_of(entered.get("/mon-compte/"))
    assert other.get("/mon-compte/").status_code == 302
    assert sign_in(Client(), user, NEW_PASSWORD).status_code == 302
    mail = OutgoingMail.objects.get(kind="password_changed")
    assert (mail.recipient, mail.subject) == (user.email, "Votre mot de passe a changé")


@pytest.mark.row("S15")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"current_password": "faux"}, "Ce n’est pas votre mot de passe actuel."),
        ({"current_password": ""}, "Écrivez votre mot de passe actuel."),
        ({"new_password": PASSWORD, "again": PASSWORD}, "C’est déjà votre mot de passe."),
        ({"new_password": "123456789012", "again": "123456789012"}, "Ce mot de passe se devine trop vite."),
    ],
)
def test_a_refused_change_says_why_and_changes_nothing(entered, user, wrong, sentence):
    response = change(entered, **wrong)
    assert (response.status_code, sentence in text_of(response)) == (422, True)
    assert User.objects.get().check_password(PASSWORD)
    assert OutgoingMail.objects.count() == 0


def test_guessing_the_current_password_is_slowed(entered, frozen_clock):
    for _ in range(5):
        change(entered, current_password="faux")
    response = change(entered)
    assert (response.status_code, "Trop d’essais." in text_of(response)) == (429, True)


@pytest.mark.row("S11", "V28")
def test_a_first_login_forces_a_new_password(client, user):
    require_new_password(user=user, by=SYSTEM)
    sign_in(client, user)
    asked = client.get("/factures/")
    assert asked["Location"] == "/mon-compte/mot-de-passe/?suite=%2Ffactures%2F"
    page = client.get(asked["Location"])
    assert "C’est votre première connexion." in text_of(page)
    assert client.get("/mon-compte/")["Location"].startswith("/mon-compte/mot-de-passe/")
    assert change(client, suite="/factures/")["Location"] == "/factures/"
    assert client.get("/mon-compte/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://exemple.invalid/", "//exemple.invalid"])
def test_a_change_of_password_never_leads_elsewhere(entered, elsewhere):
    assert change(entered, suite=elsewhere)["Location"] == "/mon-compte/"


def test_changing_the_address_waits_for_the_reader_of_the_new_one(entered, user):
    asked = {"email": "Neuve@exemple.fr", "current_password": PASSWORD}
    assert entered.post("/mon-compte/courriel/", asked)["Location"] == "/courriel-envoye/"
    assert User.objects.get().email == user.email
    assert OutgoingMail.objects.get(kind="email_change_asked").recipient == user.email
    path = mailed_path("confirm_email")
    assert "neuve@exemple.fr" in text_of(entered.get(path))
    assert User.objects.get().email == user.email
    assert entered.post(path)["Location"] == "/mon-compte/"
    assert User.objects.get().email == "neuve@exemple.fr"
    assert OutgoingMail.objects.get(kind="email_changed").recipient == user.email
    assert entered.post(path).status_code == 410


def test_the_stranger_who_reads_an_address_typed_wrong_gets_nothing(entered, user):
    """Neither without an account nor with one: the account would be theirs from « Identifiants oubliés »."""
    entered.post("/mon-compte/courriel/", {"email": "coquille@exemple.fr", "current_password": PASSWORD})
    path = mailed_path("confirm_email")
    stranger = Client()
    assert stranger.get(path)["Location"] == f"/connexion/?next={path}"
    assert stranger.post(path)["Location"].startswith("/connexion/")
    stranger.force_login(make_user(email="inconnue@exemple.fr"))
    assert [ask(path).status_code for ask in (stranger.get, stranger.post)] == [410, 410]
    assert User.objects.get(pk=user.pk).email == user.email


def test_the_address_of_somebody_else_gets_the_same_answer(entered, town):
    """W1: only its owner learns, by mail, that it already serves."""
    taken = make_user(email="prise@exemple.fr")
    answers = [
        entered.post("/mon-compte/courriel/", {"email": email, "current_password": PASSWORD})
        for email in (taken.email, "libre@exemple.fr")
    ]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/courriel-envoye/")] * 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"email": "pas une adresse", "current_password": PASSWORD}, "Cette adresse e-mail n’est pas complète."),
        ({"email": "neuve@exemple.fr", "current_password": "faux"}, "Ce n’est pas votre mot de passe actuel."),
        ({"email": "", "current_password": ""}, "Écrivez votre adresse e-mail."),
    ],
)
def test_a_refused_address_says_why(entered, given, sentence):
    response = entered.post("/mon-compte/courriel/", given)
    assert (response.status_code, sentence in text_of(response)) == (422, True)
    assert OutgoingMail.objects.count() == 0


@pytest.mark.row("C19")
def test_the_terms_are_versioned_and_their_acceptance_dated(entered, user, town, frozen_clock):
    assert "La version 2026-09 est en vigueur." in text_of(entered.get("/mon-compte/"))
    assert 'href="/conditions/"' in entered.get("/mon-compte/").content.decode()
    assert entered.post("/mon-compte/conditions/")["Location"] == "/mon-compte/"
    user.refresh_from_db()
    assert (user.accepted_terms_version, user.accepted_terms_at) == ("2026-09", clock.now())
    assert "le 8 octobre 2026" in text_of(entered.get("/mon-compte/"))
    town.terms_version = "2027-01"
    town.save()
    text = text_of(entered.get("/mon-compte/"))
    assert "Vous avez accepté la version 2026-09" in text
    assert "La version 2027-01 est en vigueur." in text
    assert AuditEvent.objects.get(action="terms_accepted").details == {"version": "2026-09"}


@pytest.mark.row("C19")
def test_somebody_who_accepted_older_terms_is_told_when_they_come_in(client, user):
    User.objects.filter(pk=user.pk).update(accepted_terms_version="2025-01", accepted_terms_at=clock.now())
    sign_in(client, user)
    assert "Les conditions générales ont changé" in text_of(client.get("/mon-compte/"))


def test_somebody_whose_family_is_gone_keeps_their_account_only(entered, household):
    Guardian.objects.filter(household=household).update(user=None)
    assert entered.get("/mon-compte/").status_code == 200
    assert entered.get("/factures/").status_code == 404
