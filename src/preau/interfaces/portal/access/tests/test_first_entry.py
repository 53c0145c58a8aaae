"""First entry: codes of the invoice, family file, mailed link; what is refused and what strangers learn (A04, V16)."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from preau.domain.accounts.models import ActivationCode, User
from preau.domain.families import services as families
from preau.domain.families.models import Guardian
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.portal.access.tests.conftest import NEW_PASSWORD, mailed_path, sign_in, text_of
from tests.support.factories import make_household

REFUSED = "Ces informations ne vont pas ensemble, ou le code n’est plus valable."
WRONG = "AAAAA-AAAAA-AAAAA"


@pytest.fixture
def family(town):
    """Amélie and Paul Berger, who have no login yet."""
    household = make_household(with_login=False, file_number="2310", file_name="BERGER38")
    Guardian.objects.create(household=household, position=2, first_name="Paul", last_name="Berger")
    return household


@pytest.fixture
def invitation(family):
    amelie = family.guardians.get(position=1)
    return families.invite_guardian(guardian=amelie, valid_for=timedelta(days=60), by=SYSTEM)


def password(**more):
    return {"new_password": NEW_PASSWORD, "again": NEW_PASSWORD, "terms": "on", "email": "", **more}


def claim(code: str, **more):
    return {"file_number": "2310", "file_name": "berger38", "code": code, **more}


def amelie() -> Guardian:
    return Guardian.objects.select_related("user").get(first_name="Amélie")


@pytest.mark.row("V16", "A04")
def test_the_two_codes_of_the_invoice_open_the_account(client, invitation):
    code = invitation.user.access_code
    typed = {"access_code": f"{code[:4]} {code[4:]}".lower(), "code": invitation.code.lower()}
    page = client.post("/premiere-connexion/", typed)
    assert page.status_code == 200
    carried = dict(re.findall(r'type="hidden" name="(access_code|code)" value="([^"]+)"', page.content.decode()))
    assert carried == typed
    response = client.post("/premiere-connexion/ouvrir/", {**carried, **password()})
    assert (response.status_code, response["Location"]) == (302, "/accueil/")
    assert client.session["_auth_user_id"] == str(invitation.user.pk)
    assert amelie().user.accepted_terms_version == "2026-09"
    assert sign_in(Client(), invitation.user, NEW_PASSWORD).status_code == 302


@pytest.mark.row("A04")
def test_the_family_file_opens_the_account_of_the_adult_chosen(client, invitation):
    first = client.get("/premiere-connexion/dossier/")
    for label in ("1 - Votre numéro de dossier", "2 - Votre nom de dossier", "3 - Votre code d’activation"):
        assert f"{label} * (obligatoire)" in text_of(first)
    page = client.post("/premiere-connexion/dossier/", claim(invitation.code))
    assert "Qui êtes-vous ? * (obligatoire) Amélie Berger Paul Berger" in text_of(page)
    paul = Guardian.objects.get(first_name="Paul")
    chosen = claim(invitation.code, guardian=paul.public_id, **password(email="paul@exemple.fr"))
    assert client.post("/premiere-connexion/dossier/ouvrir/", chosen)["Location"] == "/accueil/"
    paul.refresh_from_db()
    assert (paul.user.display_name, paul.user.is_activated) == ("Paul Berger", True)
    assert client.session["_auth_user_id"] == str(paul.user.pk)
    client.post(mailed_path("confirm_email"))
    assert User.objects.get(pk=paul.user.pk).email == "paul@exemple.fr"


@pytest.mark.row("A04")
def test_a_link_by_mail_opens_the_account(client, family):
    asked = {"file_number": "2310", "file_name": "BERGER38", "email": amelie().email}
    assert client.post("/premiere-connexion/lien/", asked)["Location"] == "/courriel-envoye/"
    path = mailed_path("entry_link")
    page = client.get(path)
    code = amelie().user.access_code
    assert f"Bonjour Amélie Berger. Votre code d’accès sera {code[:4]}-{code[4:]}" in text_of(page)
    assert client.post(path, password())["Location"] == "/accueil/"
    assert client.get(path).status_code == 410


@pytest.mark.row("A04")
@pytest.mark.parametrize("file_number", ["2310", "9999"], ids=["known", "unknown"])
def test_five_wrong_tries_block_for_a_time(client, invitation, file_number, frozen_clock):
    for _ in range(5):
        response = client.post("/premiere-connexion/dossier/", claim(WRONG, file_number=file_number))
        assert (response.status_code, REFUSED in text_of(response)) == (422, True)
    blocked = client.post("/premiere-connexion/dossier/", claim(invitation.code, file_number=file_number))
    assert blocked.status_code == 429
    assert "Trop d’essais. Réessayez dans 15 minutes." in text_of(blocked)
    assert blocked["Retry-After"] == "900"


@pytest.mark.row("A04")
def test_the_answer_about_a_link_is_always_the_same(client, family):
    """W1: right, wrong number, wrong name, unknown address."""
    right = {"file_number": "2310", "file_name": "BERGER38", "email": amelie().email}
    answers = [
        (response.status_code, response["Location"], response.content)
        for wrong in ({}, {"file_number": "1"}, {"file_name": "X"}, {"email": "x@exemple.fr"}, {"email": "pas une"})
        for response in [Client().post("/premiere-connexion/lien/", right | wrong)]
    ]
    assert answers == [(302, "/courriel-envoye/", b"")] * 5
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"file_number": "1"}, {"file_name": "X"}, {"code": WRONG}])
def test_a_wrong_claim_does_not_say_what_is_wrong(invitation, wrong):
    response = Client().post("/premiere-connexion/dossier/", claim(**{"code": invitation.code, **wrong}))
    assert (response.status_code, REFUSED in text_of(response)) == (422, True)


@pytest.mark.parametrize("access_code", ["known", "9ZZZZZZZ"])
def test_wrong_codes_get_one_answer(client, invitation, access_code):
    code = invitation.user.access_code if access_code == "known" else access_code
    response = client.post("/premiere-connexion/", {"access_code": code, "code": WRONG})
    assert (response.status_code, REFUSED in text_of(response)) == (422, True)


@pytest.mark.parametrize("ending", ["used", "old", "replaced"])
def test_a_code_serves_once_and_for_a_time(client, invitation, frozen_clock, ending):
    """W4: single use, dated, killed by the next one."""
    codes = {"access_code": invitation.user.access_code, "code": invitation.code}
    if ending == "used":
        Client().post("/premiere-connexion/ouvrir/", {**codes, **password()})
    elif ending == "old":
        frozen_clock.advance(days=61)
    else:
        families.invite_guardian(guardian=invitation.guardian, valid_for=timedelta(days=60), by=SYSTEM)
    response = client.post("/premiere-connexion/ouvrir/", {**codes, **password(new_password="x" * 20)})
    assert response.status_code == 422
    assert client.post("/premiere-connexion/", codes).status_code == 422
    assert "preau_session" not in client.cookies


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"terms": ""}, "Pour ouvrir votre compte, acceptez les conditions générales."),
        ({"new_password": "court", "again": "court"}, "Il faut au moins 12 caractères."),
        ({"again": "autre"}, "Les deux mots de passe ne sont pas les mêmes."),
        ({"email": "pas une adresse"}, "Cette adresse e-mail n’est pas complète."),
        ({"guardian": "quelqu-un"}, "Dites qui vous êtes."),
        ({"guardian": ""}, "Dites qui vous êtes."),
    ],
)
def test_what_is_missing_is_told_and_the_code_still_lives(client, invitation, wrong, sentence):
    whole = claim(invitation.code, guardian=amelie().public_id, **password())
    response = client.post("/premiere-connexion/dossier/ouvrir/", whole | wrong)
    assert (response.status_code, sentence in text_of(response)) == (422, True)
    assert ActivationCode.objects.get().used_at is None
    assert client.post("/premiere-connexion/dossier/ouvrir/", whole).status_code == 302


def test_an_adult_of_another_family_cannot_be_chosen(client, invitation):
    stranger = make_household(with_login=False).guardians.get()
    response = client.post(
        "/premiere-connexion/dossier/ouvrir/", claim(invitation.code, guardian=stranger.public_id, **password())
    )
    assert response.status_code == 422
    assert not User.objects.filter(guardian=stranger).exists()


def test_empty_forms_are_answered_field_by_field(client, town):
    for path, sentences in (
        ("/premiere-connexion/", ["code d’accès", "code d’activation"]),
        ("/premiere-connexion/dossier/", ["numéro de dossier", "nom de dossier", "code d’activation"]),
        ("/premiere-connexion/lien/", ["numéro de dossier", "nom de dossier"]),
    ):
        response = client.post(path, {})
        assert response.status_code == 422
        for words in sentences:
            assert f"Écrivez votre {words}." in text_of(response)


@pytest.mark.parametrize("path", ["/premiere-connexion/ouvrir/", "/premiere-connexion/dossier/ouvrir/"])
def test_the_second_page_alone_leads_back_to_the_first(client, town, path):
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, path.removesuffix("ouvrir/"))


def test_a_code_of_the_town_opens_only_the_account_it_was_given_for(client, family):
    """Amélie logs in already: the code that the town gave her in person does not open Paul's account."""
    given = families.invite_guardian(guardian=amelie(), valid_for=timedelta(days=60), by=SYSTEM)
    given.user.set_password(NEW_PASSWORD)
    given.user.save()
    page = client.post("/premiere-connexion/dossier/", claim(given.code))
    assert "Paul Berger" not in text_of(page)
