"""Another family's things and things that do not exist get the same answer; names are text whatever they hold."""

import pytest
from django.test import Client

from preau.domain.families.models import Child, ChildHome
from preau.foundation.files.services import store
from preau.foundation.ids import public_id
from tests.support.factories import login_family, make_group, make_household, make_invoice, make_regie
from tests.support.pages import main_words

EVIL = "<script>alert(1)</script>\"'><img src=x>"
EVERY_PAGE = [
    "/accueil/", "/factures/", "/factures/historique/", "/factures/archives/", "/factures/prelevements/",
    "/comptes/", "/recus/", "/dossier/", "/inscriptions/", "/planning/",
]  # fmt: skip


@pytest.fixture
def stranger(town) -> Client:
    """Another family that has logged in."""
    client = Client()
    login_family(client, make_household())
    return client


@pytest.mark.parametrize("address", ["/factures/{}/", "/factures/{}/pdf/", "/recus/{}/pdf/"])
def test_another_familys_object_is_answered_like_a_missing_one(family, stranger, address):
    regie = make_regie()
    pdf = store(content=b"x", name="f.pdf", content_type="application/pdf")
    invoice = make_invoice(family.household, regie, pdf=pdf)
    receipt = family.pay(make_invoice(family.household, regie))
    key = receipt.code if "recus" in address else invoice.public_id
    mine = family.client.get(address.format(key))
    theirs, missing = stranger.get(address.format(key)), stranger.get(address.format(public_id()))
    assert mine.status_code == 200
    assert (theirs.status_code, missing.status_code) == (404, 404)
    assert main_words(theirs, status=404) == main_words(missing, status=404)


def test_a_regie_that_never_billed_the_family_and_is_closed_has_no_statement(family, stranger):
    regie = make_regie()
    make_invoice(family.household, regie)
    regie.is_active = False
    regie.save()
    address = f"/comptes/{regie.public_id}/releve/"
    assert family.client.get(address).status_code == 200
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_nobody_enters_without_logging_in(town, client, address):
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/connexion/?next=")


@pytest.mark.parametrize("key", ["../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "a%00b", "é" * 40, "x" * 3000])
def test_strange_identifiers_find_nothing(family, key):
    for address in (f"/factures/{key}/pdf/", f"/recus/{key}/pdf/", f"/factures/{key}/", f"/comptes/{key}/releve/"):
        assert family.client.get(address).status_code == 404
    for address in ("/factures/", "/factures/historique/", "/factures/archives/"):
        assert family.client.get(f"{address}?regie={key}").status_code == 404
        assert family.client.get(f"{address}?page={key}&depuis={key}").status_code == 200


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_names_are_shown_as_text(town, client, address):
    household = make_household(file_name=EVIL[:100], address=EVIL, city=EVIL[:100], children=0)
    household.guardians.update(first_name=EVIL, last_name="\u202eגדול" + "N" * 90, mobile_phone="<b>06</b>")
    child = Child.objects.create(first_name=EVIL, last_name="🦄" * 20, school=EVIL)
    ChildHome.objects.create(child=child, household=household, position=1)
    regie = make_regie(label=EVIL, group=make_group(EVIL))
    make_invoice(household, regie, label=EVIL, number=EVIL[:40])
    login_family(client, household)
    html = client.get(address).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "<b>06" not in html


def test_a_query_string_is_never_echoed_as_markup(family):
    for name in ("invoices", "history", "archives"):
        response = family.get(name, page=EVIL, depuis=EVIL)
        assert "<script>alert" not in response.content.decode()


def test_very_long_names_stay_whole(town, client):
    household = make_household(file_name="Delattre-Kouassi-Vanhoutteghem de la Rochefoucauld-Montmorency")
    regie = make_regie(label="Restauration scolaire, accueils périscolaires du matin et du soir, étude surveillée")
    make_invoice(household, regie, label="L" * 200)
    login_family(client, household)
    page = main_words(client.get("/factures/"))
    assert "L" * 200 in page
    assert regie.label in page


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_personal_pages_are_never_kept_by_the_browser(family, address):
    assert family.client.get(address)["Cache-Control"] == "no-store"
