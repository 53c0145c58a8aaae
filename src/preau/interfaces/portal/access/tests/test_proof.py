"""The password asked again in a remembered session, before what matters (C06)."""

import pytest
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_POST

from preau.domain.accounts.models import UserSession
from preau.interfaces.portal.access.proof import password_proved
from preau.interfaces.portal.access.tests.conftest import sign_in, text_of
from preau.interfaces.portal.rights import family
from tests.support.factories import PASSWORD


@family
@password_proved
def guarded(request):
    return HttpResponse(f"{request.method} {sorted(request.POST.lists())} {request.household.file_name}")


@family
@password_proved
@require_POST
def guarded_post(request):
    return HttpResponse("fait")


# What a view of the portal is, wherever this file is read from.
guarded.__module__ = guarded_post.__module__ = "preau.interfaces.portal.access.tests.test_proof"
urlpatterns = [
    path("", include("preau.config.urls")),
    path("essai/", guarded),
    path("essai/envoi/", guarded_post),
]


@pytest.fixture
def remembered(client, user, settings, frozen_clock):
    """A browser that came in half an hour ago and is remembered."""
    settings.ROOT_URLCONF = __name__
    sign_in(client, user, remember="on")
    frozen_clock.advance(minutes=31)
    return client


@pytest.mark.row("C06")
def test_a_remembered_session_gives_its_password_again_then_goes_on(remembered):
    asked = remembered.get("/essai/?page=2")
    assert asked["Location"] == "/mon-compte/confirmer/?suite=%2Fessai%2F%3Fpage%3D2"
    assert "Cet appareil se souvient de vous." in text_of(remembered.get(asked["Location"]))
    answer = remembered.post(asked["Location"], {"current_password": PASSWORD, "suite": "/essai/?page=2", "proof": "1"})
    assert answer["Location"] == "/essai/?page=2"
    assert remembered.get("/essai/?page=2").content == b"GET [] BERGER38"


@pytest.mark.row("C06")
def test_what_was_sent_is_kept_while_the_password_is_asked(remembered):
    page = remembered.post("/essai/", {"facture": ["a", "b <c>"], "montant": "12,00"})
    html = page.content.decode()
    assert page.status_code == 200
    assert html.count('type="hidden" name="facture"') == 2
    assert 'name="facture" value="b &lt;c&gt;"' in html
    assert 'action="/essai/"' in html
    again = {"facture": ["a", "b <c>"], "montant": "12,00", "proof": "1"}
    wrong = remembered.post("/essai/", {**again, "current_password": "faux"})
    assert (wrong.status_code, "Ce n’est pas votre mot de passe actuel." in text_of(wrong)) == (422, True)
    assert 'name="facture" value="a"' in wrong.content.decode()
    right = remembered.post("/essai/", {**again, "current_password": PASSWORD})
    assert right.content.startswith(b"POST [")
    assert b"'montant', ['12,00']" in right.content


def test_the_proof_holds_for_half_an_hour(remembered, frozen_clock):
    remembered.post("/mon-compte/confirmer/", {"current_password": PASSWORD})
    frozen_clock.advance(minutes=30)
    assert remembered.post("/essai/envoi/").content == b"fait"
    frozen_clock.advance(minutes=1)
    assert b"fait" not in remembered.post("/essai/envoi/").content


def test_a_session_that_is_not_remembered_is_its_own_proof(client, user, settings, frozen_clock):
    settings.ROOT_URLCONF = __name__
    sign_in(client, user)
    frozen_clock.advance(minutes=29)
    client.get("/essai/")
    frozen_clock.advance(minutes=29)
    assert client.post("/essai/envoi/").content == b"fait"


def test_a_session_nobody_recorded_is_no_proof(client, user, settings):
    settings.ROOT_URLCONF = __name__
    client.force_login(user)
    assert UserSession.objects.count() == 0
    assert client.get("/essai/")["Location"].startswith("/mon-compte/confirmer/")


def test_guessing_the_password_is_slowed(remembered):
    for _ in range(5):
        remembered.post("/essai/", {"proof": "1", "current_password": "faux"})
    page = remembered.post("/essai/", {"proof": "1", "current_password": PASSWORD})
    assert (page.status_code, "Trop d’essais." in text_of(page)) == (429, True)


@pytest.mark.parametrize("elsewhere", ["https://exemple.invalid/", "//exemple.invalid"])
def test_the_question_never_leads_elsewhere(remembered, elsewhere):
    """W17."""
    answer = remembered.post("/mon-compte/confirmer/", {"current_password": PASSWORD, "suite": elsewhere})
    assert answer["Location"] == "/mon-compte/"
