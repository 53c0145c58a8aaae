"""A session that ended under a form, and a form's target opened as a page: a parent always lands on a page."""

import pytest

from tests.support.factories import PASSWORD
from tests.support.pages import main_words

HELD_BY = {"HTTP_REFERER": "http://testserver/factures/?regie=x"}


@pytest.mark.row("V27")
def test_after_the_end_of_a_session_a_form_leads_back_to_its_page(client, user):
    asked = client.post("/panier/ajouter/", {"facture": "x"}, **HELD_BY)
    assert asked["Location"] == "/connexion/?next=/factures/%3Fregie%3Dx"
    keys = {"identifier": user.access_code, "password": PASSWORD}
    assert client.post(asked["Location"], keys)["Location"] == "/factures/?regie=x"


@pytest.mark.parametrize("referer", ["", "https://ailleurs.example/factures/", "http://testserver:99/factures/"])
def test_a_form_from_nowhere_leads_home(client, town, referer):
    asked = client.post("/panier/ajouter/", {"facture": "x"}, HTTP_REFERER=referer)
    assert asked["Location"] == "/connexion/?next=/accueil/"


def test_a_page_is_asked_again_whole(client, town):
    assert client.get("/factures/?regie=x")["Location"] == "/connexion/?next=/factures/%3Fregie%3Dx"


@pytest.mark.parametrize("path", ["/panier/payer/", "/mon-compte/conditions/"])
def test_the_target_of_a_form_opened_as_a_page_says_what_to_do(entered, path):
    answer = entered.get(path)
    page = main_words(answer, status=405)
    assert "Cette étape ne se rouvre pas" in page
    assert "Mon panier" in page
    assert answer["Allow"] == "POST"
