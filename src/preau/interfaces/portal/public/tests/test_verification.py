"""Anybody checks a receipt from its code."""

import pytest

from preau.foundation import ids
from preau.interfaces.portal.billing.tests.conftest import Family
from tests.support.factories import login_family, make_household, make_invoice, make_regie, make_town
from tests.support.pages import main_words, words


@pytest.fixture
def receipt(db, frozen_clock, client, bank):
    make_town()
    household = make_household(file_name="DUPOND-SECRET", address="12 rue du Secret")
    login_family(client, household)
    regie = make_regie(label="Cantine", issuer_name="Caisse des écoles")
    invoice = make_invoice(household, regie, cents=1850, number="SECRET-18")
    receipt = Family(household, client, bank).pay(invoice)
    client.logout()
    return receipt


@pytest.mark.row("P07")
def test_a_true_receipt_shows_issuer_regie_number_date_amount_and_nobody(receipt, client):
    response = client.get(f"/verifier/{receipt.code}/")
    page = main_words(response)
    assert "Ce reçu est authentique" in page
    assert "Émetteur Caisse des écoles Régie Cantine Numéro 2026-000001" in page
    assert "Payé le 8 octobre 2026, 15 h 35 Montant 18,50 €" in page
    for personal in ("DUPOND", "SECRET", "Amélie", "Berger", "parent", "@example.org", "Enfant1"):
        assert personal not in words(response)


@pytest.mark.row("P07")
def test_the_code_is_found_however_it_is_copied(receipt, client):
    grouped = ids.grouped(receipt.code).lower().replace("0", "o").replace("1", "l")
    response = client.get("/verifier/", {"code": f" {grouped.replace('-', ' ')} "})
    assert (response.status_code, response["Location"]) == (302, f"/verifier/{receipt.code}/")
    assert "Ce reçu est authentique" in main_words(client.get(f"/verifier/{grouped}/"))


@pytest.mark.row("P07")
def test_an_unknown_code_is_answered_clearly(receipt, client):
    page = main_words(client.get("/verifier/AAAA-BBBB-CCCC-DDDD/"), status=404)
    assert "Ce code ne correspond à aucun reçu" in page
    assert "le document n’a pas été délivré par ce portail" in page


def test_an_empty_form_says_what_is_missing(receipt, client):
    for typed in ("", "  ", "---"):
        response = client.get("/verifier/", {"code": typed})
        assert "Tapez le code imprimé sur le reçu." in main_words(response)
        assert 'aria-invalid="true" aria-describedby="code-erreur"' in response.content.decode()
    assert "Tapez le code imprimé sur le reçu." not in main_words(client.get("/verifier/"))


@pytest.mark.parametrize("code", ["x" * 5000, "%00", "<script>", "é"])
def test_a_strange_code_finds_nothing(receipt, client, code):
    response = client.get(f"/verifier/{code}/")
    assert "Ce code ne correspond à aucun reçu" in main_words(response, status=404)
    assert "<script>" not in response.content.decode().split("<main")[1]


def test_the_page_asks_one_receipt_only(receipt, client, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(f"/verifier/{receipt.code}/")
