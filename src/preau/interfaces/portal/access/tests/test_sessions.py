"""« Mes appareils connectés », and the end of silent sessions (C06, V27, W7, W11)."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from preau.domain.accounts.models import UserSession
from preau.domain.regies.models import RegieMember
from preau.interfaces.portal.access.tests.conftest import sign_in, text_of
from tests.support.factories import make_regie, make_user


def browsers(user, count: int) -> list[Client]:
    opened = [Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) Safari/605"}) for _ in range(count)]
    for browser in opened:
        sign_in(browser, user)
    return opened


def session_of(client) -> UserSession:
    return UserSession.objects.get(session_key=client.cookies["preau_session"].value)


@pytest.mark.row("C06")
def test_the_person_sees_and_ends_their_sessions(entered, user):
    (phone,) = browsers(user, 1)
    text = text_of(entered.get("/mon-compte/appareils/"))
    assert "Safari sur iPhone" in text
    assert "cet appareil" in text
    path = f"/mon-compte/appareils/{session_of(phone).public_id}/terminer/"
    assert entered.post(path)["Location"] == "/mon-compte/appareils/"
    assert "L’appareil est déconnecté." in text_of(entered.get("/mon-compte/appareils/"))
    assert phone.get("/mon-compte/").status_code == 302
    assert entered.get("/mon-compte/").status_code == 200


@pytest.mark.parametrize("is_agent", [False, True])
def test_a_device_is_remembered_for_families_alone(client, user, is_agent):
    """W14: an agent left a browser open at the town hall; half an hour of silence ends it, whatever was ticked."""
    if is_agent:
        RegieMember.objects.create(regie=make_regie(), user=user, post="regisseur")
    sign_in(client, user, remember="on")
    assert session_of(client).remembered is not is_agent


@pytest.mark.row("C06")
def test_all_the_other_devices_end_at_once(entered, user):
    others = browsers(user, 3)
    assert entered.post("/mon-compte/appareils/terminer/").status_code == 302
    assert [other.get("/mon-compte/").status_code for other in others] == [302, 302, 302]
    assert entered.get("/mon-compte/").status_code == 200


def test_ending_the_session_at_hand_goes_out(entered):
    response = entered.post(f"/mon-compte/appareils/{session_of(entered).public_id}/terminer/")
    assert response["Location"] == "/"
    assert entered.get("/mon-compte/").status_code == 302


@pytest.mark.parametrize("whose", ["somebody else", "nobody"])
def test_the_session_of_somebody_else_does_not_exist(entered, whose):
    """W11: the same answer, and nothing ends."""
    stranger = make_user()
    (phone,) = browsers(stranger, 1)
    name = session_of(phone).public_id if whose == "somebody else" else "jamais-vue"
    response = entered.post(f"/mon-compte/appareils/{name}/terminer/")
    assert response.status_code == 404
    assert phone.get("/mon-compte/").status_code == 200


@pytest.mark.parametrize("count", [1, 10])
def test_the_list_asks_no_more_queries_with_more_devices(entered, user, count, django_assert_num_queries):
    browsers(user, count - 1)
    entered.get("/mon-compte/appareils/")
    with django_assert_num_queries(6):
        assert text_of(entered.get("/mon-compte/appareils/")).count("Connecté le") == count


@pytest.mark.row("V27")
def test_half_an_hour_of_silence_ends_the_session(entered, frozen_clock, user):
    entered.get("/mon-compte/")
    frozen_clock.advance(minutes=29, seconds=59)
    assert entered.get("/mon-compte/").status_code == 200
    frozen_clock.advance(minutes=30)
    assert entered.get("/mon-compte/")["Location"] == "/connexion/?next=/mon-compte/"
    assert "Votre session est terminée. Pour continuer, connectez-vous" in text_of(entered.get("/connexion/"))
    assert Session.objects.filter(session_key=entered.cookies["preau_session"].value).count() == 0


def test_what_the_program_writes_in_a_session_is_no_sign_of_life(entered, frozen_clock):
    """The end announced on the page holds: whoever is led to the login at that instant is out."""
    entered.get("/mon-compte/")
    frozen_clock.advance(minutes=20)
    session = entered.session
    session["basket"] = "changed"
    session.save()
    frozen_clock.advance(minutes=10, seconds=1)
    assert Session.objects.filter(expire_date__gt=frozen_clock.now()).count() == 1
    assert entered.get("/connexion/").status_code == 200
    assert Session.objects.count() == 0


@pytest.mark.row("V27")
def test_the_page_warns_before_the_end_and_the_session_can_be_extended(entered, frozen_clock):
    html = entered.get("/mon-compte/").content.decode()
    assert 'data-session-ends-in="1802"' in html
    assert '<form action="/session/prolonger/" method="post">' in html
    assert "Rester connecté" in html
    frozen_clock.advance(minutes=29)
    answer = entered.post("/session/prolonger/", headers={"Sec-Fetch-Dest": "empty"})
    assert answer.json() == {"ends_in": 1802}
    frozen_clock.advance(minutes=29)
    assert entered.get("/mon-compte/").status_code == 200


@pytest.mark.row("V27")
def test_extending_works_without_script(entered):
    assert entered.post("/session/prolonger/")["Location"] == "/accueil/"


def test_a_session_that_is_over_cannot_be_extended(entered, frozen_clock):
    frozen_clock.advance(minutes=31)
    answer = entered.post("/session/prolonger/", headers={"Sec-Fetch-Dest": "empty"})
    assert answer["Location"] == "/connexion/?next=/accueil/"


def test_the_countdown_is_true_between_two_signs_of_life(entered, frozen_clock):
    """A sign of life is written once a minute: the page counts from the last one written."""
    entered.get("/mon-compte/")
    frozen_clock.advance(seconds=50)
    assert 'data-session-ends-in="1752"' in entered.get("/mon-compte/").content.decode()
    frozen_clock.advance(seconds=10)
    assert 'data-session-ends-in="1802"' in entered.get("/mon-compte/").content.decode()


def test_the_list_shows_when_a_device_was_last_seen(entered, frozen_clock):
    before = session_of(entered).last_seen_at
    frozen_clock.advance(minutes=6)
    entered.get("/mon-compte/")
    assert session_of(entered).last_seen_at > before


def test_a_visitor_without_session_costs_no_query_for_it(client, town, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/connexion/")
