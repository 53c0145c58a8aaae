"""Help, terms, privacy, accessibility; errors; the state of the service."""

import pytest
from django.db import DatabaseError, connection
from django.template.loader import render_to_string
from django.test import Client

from tests.support.factories import login_family, make_household, make_regie, make_town
from tests.support.pages import main_words, words

PUBLIC = [
    "/", "/aide/", "/aide/paiement/", "/periodes-de-paiement/", "/accessibilite/", "/conditions/",
    "/donnees-personnelles/", "/contact/", "/verifier/",
]  # fmt: skip


@pytest.mark.row("C43")
def test_the_official_page_is_named_after_the_contracts(db, client):
    make_town()
    make_regie(label="Cantine")
    response = client.get("/aide/paiement/")
    page = main_words(response)
    assert "Banque d’essai L’adresse commence par https://banque.example/ , avec un cadenas fermé." in page.replace(
        "/, avec", "/ , avec"
    )
    assert "Organisme Essai Pour Cantine" in page


@pytest.mark.row("C43")
def test_without_contract_no_page_is_official(db, client):
    make_town()
    make_regie(contract=False)
    assert "aucune page de paiement n’est officielle" in main_words(client.get("/aide/paiement/"))


@pytest.mark.row("L21")
def test_the_notice_leads_to_a_page_about_strong_authentication(db, client):
    make_town(payment_notice="Le paiement s’effectue par carte, sécurisé par un code envoyé par SMS.")
    make_regie()
    home = client.get("/")
    assert "Le paiement s’effectue par carte, sécurisé par un code envoyé par SMS." in main_words(home)
    assert 'href="/aide/paiement/"' in home.content.decode()
    page = main_words(client.get("/aide/paiement/"))
    assert "L’authentification forte." in page
    assert "un code reçu par SMS, ou une validation dans son application" in page


@pytest.mark.row("V08")
def test_help_tells_the_delays_of_debit_of_the_gateways_in_use(db, client):
    make_town()
    make_regie()
    assert "Carte bancaire en ligne : 2 à 4 jours ouvrés." in main_words(client.get("/aide/"))


def test_help_without_on_line_payment_does_not_explain_it(db, client):
    make_town(login_help="Demandez vos codes à la mairie.")
    page = main_words(client.get("/aide/"))
    assert "Demandez vos codes à la mairie." in page
    assert "Payer une facture" not in page


@pytest.mark.row("A02")
def test_the_accessibility_page_states_how_to_report(db, client):
    make_town()
    page = main_words(client.get("/accessibilite/"))
    assert "Signaler un problème" in page
    assert "mairie@saint-eloi.example" in page
    assert "Défenseur des droits" in page


@pytest.mark.row("C19")
@pytest.mark.parametrize("address", PUBLIC)
def test_every_page_leads_home_and_to_the_terms(db, client, address):
    make_town()
    html = client.get(address).content.decode()
    footer = html[html.index("<footer") :]
    assert '<a href="/">Accueil</a>' in footer
    assert '<a href="/conditions/">Conditions générales d’utilisation</a>' in footer


@pytest.mark.row("C19")
def test_terms_bear_their_version_and_the_towns_own_text(db, client):
    make_town(terms_version="2026-09", terms_text="Article 1.\n\nLe <b>portail</b>.")
    response = client.get("/conditions/")
    assert "Version 2026-09. Conditions Article 1. Le <b>portail</b>." in main_words(response)
    make_town(terms_text="")
    assert "Ce portail" not in main_words(client.get("/conditions/"))
    assert "Gardez votre mot de passe pour vous" in main_words(client.get("/conditions/"))


@pytest.mark.row("S16")
@pytest.mark.parametrize("address", PUBLIC)
def test_the_data_protection_notice_is_on_every_page(db, client, address):
    town = make_town()
    assert town.data_protection_notice in words(client.get(address))


@pytest.mark.row("S16")
def test_privacy_names_the_rights_and_the_officer(db, client):
    make_town(data_protection_email="dpo@saint-eloi.example")
    page = main_words(client.get("/donnees-personnelles/"))
    assert "droit d’accès, de rectification, d’effacement, de limitation, de portabilité et d’opposition" in page
    assert "dpo@saint-eloi.example" in page
    make_town(data_protection_email="", email="mairie@saint-eloi.example")
    assert "Écrivez à la mairie : mairie@saint-eloi.example" in main_words(client.get("/donnees-personnelles/"))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_work_for_somebody_who_logged_in(db, client, address):
    make_town()
    login_family(client, make_household())
    assert client.get(address).status_code == 200


def test_a_missing_page_says_so(db, client):
    make_town()
    assert "Cette page n’existe pas" in main_words(client.get("/nulle-part/"), status=404)


def test_a_form_without_its_token_changes_nothing_and_says_so(db):
    make_town()
    visitor = Client(enforce_csrf_checks=True)
    page = main_words(visitor.post("/panier/ajouter/", {"facture": "x"}), status=403)
    assert "Cette page est restée ouverte trop longtemps" in page
    assert "rien n’a été envoyé" in page


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "csrf", "no_town"])
def test_pages_of_what_goes_wrong_need_no_database(name):
    """No `db` here: a query would fail the test."""
    html = render_to_string(f"portal/errors/{name}.html")
    assert "<h1>" in html
    assert 'lang="fr"' in html


def test_a_breakdown_is_answered_without_the_database(db, settings, monkeypatch):
    make_town()
    client = Client(raise_request_exception=False)
    login_family(client, make_household())

    def broken(*args, **kwargs):
        raise DatabaseError("down")

    monkeypatch.setattr("preau.interfaces.portal.billing.views.home.overview", broken)
    response = client.get("/accueil/")
    page = words(response, status=500)
    assert "Une panne nous empêche de répondre" in page
    assert "BERGER" not in page
    assert "Traceback" not in page


def test_before_the_town_is_set_up(db, client):
    page = words(client.get("/"), status=503)
    assert "Ce portail n’est pas encore prêt" in page
    assert "preau init-town" in page


def test_the_state_of_the_service_needs_no_town(db, client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/sante/")
    assert (response.status_code, response.content.decode()) == (200, "en service\n")


def test_the_state_of_the_service_when_the_database_is_down(db, client):
    def refuse(execute, sql, params, many, context):
        raise DatabaseError("down")

    with connection.execute_wrapper(refuse):
        response = client.get("/sante/")
    assert (response.status_code, response.content.decode()) == (503, "base de données injoignable\n")


@pytest.mark.row("C43")
def test_addresses_are_kept_to_https_where_the_town_has_it(db, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    client = Client()
    make_town()
    response = client.get("/aide/")
    assert (response.status_code, response["Location"]) == (301, "https://testserver/aide/")
    assert client.get("/aide/", secure=True)["Strict-Transport-Security"] == "max-age=31536000"
