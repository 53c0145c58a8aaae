"""Closed by default: every view declares who may open it, and only these may (design 4.10)."""

import pytest

from tests.security.urlmap import PORTAL, walk
from tests.support.pages import words

PERSONAL = ["BERGER38", "Amélie Berger", "@example.org", "RP-2026"]
#: Addresses outside the portal and the desk (test_desk): the banks' notices, the demo's letter box and gallery
#: (never in production), set-up.
OTHERS = {"webhooks", "mailbox", "ui", "admin", ""}


def test_every_view_of_the_portal_declares_a_right():
    assert [address.name for address in PORTAL if address.right not in {"public", "member", "family"}] == []


def test_every_other_address_is_known():
    assert {address.space for address in walk()} - {"portal", "desk"} <= OTHERS


def test_the_public_pages_are_these():
    """A page that becomes public by mistake shows here."""
    assert {address.name.removeprefix("portal:") for address in PORTAL if address.right == "public"} == {
        "public_home", "help", "help_payment", "windows", "accessibility", "terms", "privacy", "contact", "verify",
        "verify_code", "receipt_anchors", "receipt_verifier", "town_css", "groups_css", "town_logo", "healthz",
        "menus", "menus_file", "dishes_file",
        "login", "identifiers", "mail_sent", "reset",
        "first_access", "first_access_open", "claim", "claim_open", "claim_mail", "claim_link",
        "payment_return", "payment_result", "payment_status", "logout",
    }  # fmt: skip


def test_every_address_with_a_name_in_it_is_tried_here(world):
    assert {address.name for address in PORTAL if address.parameters} == set(world.ids)
    assert {len(address.parameters) for address in PORTAL} == {0, 1}


def test_nobody_enters_without_logging_in(world, client_without_session):
    for address in (a for a in PORTAL if a.right != "public"):
        path = world.path(address)
        # What a form sends cannot be opened as a page: its way back is the page that held it, else home.
        for ask, onward in ((client_without_session.get, path), (client_without_session.post, "/accueil/")):
            answer = ask(path)
            assert (answer.status_code, answer["Location"]) == (302, f"/connexion/?next={onward}")
            assert answer.content == b""


#: Whoever holds the mail is told whom it was for.
FROM_A_MAIL = {"portal:claim_link", "portal:reset"}


def test_public_pages_name_nobody(world, client_without_session):
    for address in (a for a in PORTAL if a.right == "public" and a.name not in FROM_A_MAIL):
        answer = client_without_session.get(world.path(address), follow=address.name != "portal:payment_return")
        if answer["Content-Type"].startswith("text/html") and answer.content:
            shown = words(answer, status=answer.status_code)
            assert [piece for piece in PERSONAL if piece in shown] == [], address.name


def test_somebody_without_household_finds_no_page_of_a_family(world):
    for address in (a for a in PORTAL if a.right == "family"):
        for ask in (world.agent.get, world.agent.post):
            assert ask(world.path(address)).status_code in {404, 405}, address.name


SET_UP = ["/bureau/reglages/", "/bureau/reglages/accounts/user/", "/bureau/reglages/login/"]


@pytest.mark.parametrize("path", SET_UP)
def test_families_never_meet_the_set_up_pages(world, path):
    """Neither the pages nor an endless way round them."""
    answer = world.mine.client.get(path, follow=True)
    assert "Cette page n’existe pas" in words(answer, status=404)


@pytest.mark.parametrize("path", SET_UP)
def test_the_set_up_pages_are_behind_the_portals_own_login(world, client_without_session, path):
    answer = client_without_session.get(path, follow=True)
    assert answer.request["PATH_INFO"] == "/connexion/"
    assert "Mon identifiant" in words(answer)
    assert world.agent.get(path, follow=True).request["PATH_INFO"] in SET_UP[:2]
