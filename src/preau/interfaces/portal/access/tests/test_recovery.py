"""Forgotten code or password: the mail, its link, and what strangers learn (L13, S05, C07, V17)."""

import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail as sent_mails
from django.test import Client

from preau.domain.accounts.models import MailedLink
from preau.foundation import clock
from preau.foundation.mail.models import OutgoingMail
from preau.foundation.mail.services import send_due
from preau.interfaces.portal.access.tests.conftest import NEW_PASSWORD, mailed_path, sign_in, text_of
from tests.support.factories import PASSWORD

pytestmark = pytest.mark.usefixtures("town")


def ask(client, email: str, **headers):
    return client.post("/identifiants-oublies/", {"email": email}, headers=headers)


def choose(client, path: str, password: str = NEW_PASSWORD):
    return client.post(path, {"new_password": password, "again": password})


@pytest.mark.row("L13", "S05", "V17", "C07")
def test_a_known_email_gets_its_code_and_a_link_of_one_hour(client, user, frozen_clock):
    page = client.get("/identifiants-oublies/")
    assert "Recevoir mes identifiants" in text_of(page)
    assert "Votre e-mail * (obligatoire)" in text_of(page)
    assert ask(client, user.email)["Location"] == "/courriel-envoye/"
    asked_at, path = clock.now(), mailed_path("identifiers")
    assert send_due() == 1
    (message,) = sent_mails.outbox
    assert OutgoingMail.objects.get().sent_at - asked_at < timedelta(minutes=2)
    assert (message.to, message.subject) == ([user.email], "Vos identifiants du portail famille")
    assert f"{user.access_code[:4]}-{user.access_code[4:]}" in message.body
    assert path in message.body
    assert PASSWORD not in message.body
    frozen_clock.advance(minutes=59)
    assert client.get(path).status_code == 200
    response = choose(client, path)
    assert (response.status_code, response["Location"]) == (302, "/accueil/")
    assert sign_in(Client(), user, NEW_PASSWORD).status_code == 302
    assert sign_in(Client(), user, PASSWORD).status_code == 422


@pytest.mark.row("L13")
def test_an_unknown_email_gets_the_same_answer_and_no_mail(client, user):
    known, unknown = ask(Client(), user.email), ask(Client(), "personne@exemple.fr")
    assert (unknown.status_code, unknown["Location"]) == (known.status_code, known["Location"])
    assert [mail.recipient for mail in OutgoingMail.objects.all()] == [user.email]


@pytest.mark.row("V17")
def test_one_page_serves_for_the_code_and_for_the_password(client):
    assert 'href="/identifiants-oublies/"' in client.get("/connexion/").content.decode()
    assert "Mot de passe ou code oublié" in text_of(client.get("/identifiants-oublies/"))


def test_an_empty_email_is_refused(client):
    response = ask(client, "")
    assert (response.status_code, "Écrivez votre adresse e-mail." in text_of(response)) == (422, True)


@pytest.mark.parametrize("ending", ["used", "old", "withdrawn", "unknown"])
def test_a_dead_link_leads_to_another_one(client, user, frozen_clock, ending):
    """W6: once, within the hour, and never after the password has changed."""
    ask(client, user.email)
    path = mailed_path("identifiers")
    if ending == "used":
        choose(Client(), path)
    elif ending == "old":
        frozen_clock.advance(minutes=61)
    elif ending == "withdrawn":
        ask(client, user.email)
        choose(Client(), mailed_path("identifiers"))
    else:
        path = "/mot-de-passe/jamais-vu/"
    for response in (client.get(path), choose(client, path, "mouette cabane tambour")):
        assert response.status_code == 410
        assert "Ce lien a déjà servi ou date de plus d’une heure." in text_of(response)
    assert "preau_session" not in client.cookies


def test_opening_the_page_does_not_use_the_link(client, user):
    ask(client, user.email)
    for _ in range(3):
        client.get(mailed_path("identifiers"))
    assert MailedLink.objects.get().used_at is None


def test_the_address_of_the_link_never_leaves_in_a_referer(client, user):
    """W6: only the name of the site may leave, which checks of forms need."""
    ask(client, user.email)
    assert client.get(mailed_path("identifiers"))["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host"])
def test_links_are_built_from_the_settings_alone(client, user, header):
    """W5: a forged host changes nothing in the mail, or the request is refused."""
    response = ask(client, user.email, **{header: "exemple.invalid"})
    if header == "Host":
        assert response.status_code == 400
        assert OutgoingMail.objects.count() == 0
    else:
        assert "http://testserver/mot-de-passe/" in OutgoingMail.objects.get().text
        assert "exemple.invalid" not in OutgoingMail.objects.get().text


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("court", "court", "Il faut au moins 12 caractères. Le vôtre en a 5."),
        (NEW_PASSWORD, NEW_PASSWORD + "x", "Les deux mots de passe ne sont pas les mêmes."),
        ("", "", "Choisissez un mot de passe."),
        ("amelie berger 38", "amelie berger 38", "N’y mettez ni votre nom"),
    ],
)
def test_a_poor_password_is_refused_and_the_link_still_lives(client, user, first, second, sentence):
    ask(client, user.email)
    path = mailed_path("identifiers")
    response = client.post(path, {"new_password": first, "again": second})
    assert (response.status_code, sentence in text_of(response)) == (422, True)
    assert choose(client, path).status_code == 302


def test_a_new_password_disconnects_the_other_devices(client, user):
    other = Client()
    sign_in(other, user)
    ask(client, user.email)
    choose(client, mailed_path("identifiers"))
    assert other.get("/mon-compte/").status_code == 302
    assert client.get("/mon-compte/").status_code == 200


def test_a_link_that_lives_is_never_whole_in_the_logs(client, user):
    """W21: what a form refused is logged with its address, whose key is cut."""
    ask(client, user.email)
    path = mailed_path("identifiers")
    (handler,) = [one for one in logging.getLogger().handlers if one.filters and type(one) is logging.StreamHandler]
    written, handler.stream = handler.stream, StringIO()
    try:
        assert client.post(path, {}).status_code == 422
        logged = handler.stream.getvalue()
    finally:
        handler.stream = written
    assert f"Unprocessable Entity: {path[:18]}…/" in logged
    assert path not in logged
