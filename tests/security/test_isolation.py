"""What belongs to another family, and what does not exist: the same answer to the byte (W11, I27)."""

import string

import pytest
from django.test import Client

from preau.domain.families.models import Guardian
from tests.security.answers import fingerprint
from tests.security.urlmap import PORTAL
from tests.support.factories import make_invoice

#: Whoever holds one of these was given it: a mail, a printed receipt, the address that the bank sends back to.
GIVEN = {"verify_code", "reset", "claim_link", "payment_return", "payment_result", "payment_status"}
#: A régie is the town's: whoever has a file reads his own statement and credit there.
SHARED = {"statement", "credit"}
OWNED = [a for a in PORTAL if a.parameters and a.name.removeprefix("portal:") not in GIVEN | SHARED]
#: What belongs to a person, whatever the family.
ONES_OWN = {"portal:session_end", "portal:email_confirm"}
OTHERS = ["another family", "an agent without household", "nobody", "an ended session", "somebody who left the family"]


def missing_like(key: str) -> str:
    """An identifier of the same shape that nothing bears."""
    letters = string.ascii_uppercase + string.digits
    return "".join(letters[(letters.index(c) + 1) % len(letters)] if c in letters else c for c in key)[::-1]


@pytest.fixture
def browser_of(world, frozen_clock):
    """The browser of a person who is not the owner."""

    def find(who: str) -> Client:
        if who == "another family":
            return world.other.client
        if who == "an agent without household":
            return world.agent
        if who == "nobody":
            return Client()
        if who == "an ended session":
            frozen_clock.advance(minutes=31)
        else:
            Guardian.objects.filter(user=world.mine.user).update(user=None)
        return world.mine.client

    return find


@pytest.mark.parametrize("who", OTHERS)
def test_what_is_not_theirs_is_answered_like_what_does_not_exist(world, browser_of, who):
    browser = browser_of(who)
    browser.get("/accueil/")  # a first visit may have something to tell: the end of a session is said once
    for address in OWNED:
        if address.name in ONES_OWN and who == OTHERS[-1]:
            continue
        key = world.ids[address.name]
        nowhere = missing_like(key)
        for ask in (browser.get, browser.post):
            theirs = fingerprint(ask(world.path(address)), key)
            missing = fingerprint(ask(world.path(address, key=nowhere)), nowhere)
            assert theirs == missing, address.name
            assert theirs[0] in {302, 404, 405, 410}, address.name


def test_its_owner_finds_it(world):
    """Without this, a page closed to everybody would pass for a page well kept."""
    for address in sorted(OWNED, key=lambda a: a.name == "portal:session_end"):  # the last one logs out
        answer = world.mine.get(world.path(address))
        if answer.status_code == 405:
            answer = world.mine.client.post(world.path(address))
        assert answer.status_code in {200, 302, 303}, address.name
        assert not answer.get("Location", "").startswith("/connexion/"), address.name


def test_a_statement_is_ones_own(world):
    mine = make_invoice(world.mine.household, world.mine.regie, label="Séjour à la neige")
    path = next(world.path(a) for a in PORTAL if a.name == "portal:statement")
    assert mine.number in world.mine.get(path).content.decode()
    assert mine.number not in world.other.get(path).content.decode()


@pytest.mark.parametrize("path", ["/panier/ajouter/", "/panier/retirer/", "/panier/montant/"])
def test_an_invoice_named_in_a_form_is_only_ever_ones_own(world, path):
    theirs, nowhere = world.ids["portal:invoice"], "x" * 22
    world.other.get("/panier/")  # the first visit of a session says that it lives
    asked = [world.other.client.post(path, {"facture": key, "montant": "1"}) for key in (theirs, nowhere)]
    assert fingerprint(asked[0], theirs) == fingerprint(asked[1], nowhere)
    world.mine.get("/panier/")
    assert world.mine.get("/panier/").content.decode().count('name="facture"') == 2


@pytest.mark.parametrize("path", ["/factures/", "/factures/historique/", "/factures/archives/"])
def test_a_regie_named_in_an_address_shows_only_ones_own_invoices(world, path):
    mine = make_invoice(world.mine.household, world.mine.regie, label="Séjour à la neige")
    page = world.other.get(f"{path}?regie={world.mine.regie.public_id}").content.decode()
    assert mine.label not in page
    assert mine.number not in page


ODD = [
    "%00",
    "a%00b",
    "..",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%252e%252e",
    "é" * 22,
    "x" * 4000,
    "'--",
    "%0d%0aX:1",
    "<b>",
]


@pytest.mark.parametrize("key", ODD)
def test_an_odd_name_is_never_a_breakdown(world, key):
    """F3: no path, no NUL, no endless text goes further than the address; 410 is a link that serves no more."""
    for address in (a for a in PORTAL if a.parameters):
        path = world.path(address, key="SLOT").replace("SLOT", key)
        for browser in (world.mine.client, Client()):
            assert browser.get(path).status_code in {200, 301, 302, 303, 404, 405, 410}, address.name
            assert browser.post(path).status_code in {301, 302, 303, 404, 405, 410, 422}, address.name


@pytest.mark.parametrize("value", ["\x00", "-1", "9" * 30, "é" * 500, "' OR 1=1 --", "[]", "%", "\u202e"])
def test_an_odd_query_is_never_a_breakdown(world, value):
    names = ["recherche", "page", "regie", "depuis", "suite", "next", "proof", "enfant", "vue", "jour", "saisie"]
    query = dict.fromkeys([*names, "activite", "unite"], value)
    for address in PORTAL:
        if address.right == "family" and not address.parameters:
            answer = world.mine.client.get(world.path(address), query)
            assert answer.status_code in {200, 302, 404, 405}, address.name
    assert Client().get("/connexion/", query).status_code == 200
