"""The public home page, what it promises, and the town's look."""

from datetime import UTC, datetime

import pytest

from preau.domain.town.models import TownService
from preau.domain.town.queries import logo_of
from preau.domain.town.services import set_logo
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from tests.support.factories import make_group, make_regie, make_town, picture_file
from tests.support.pages import main_words, words


@pytest.mark.row("S02")
def test_the_welcome_and_the_one_entry(db, client):
    make_town()
    response = client.get("/")
    assert "Accéder à mon espace personnel" in main_words(response)
    assert 'class="button button--primary" href="/accueil/"' in response.content.decode()
    assert client.get("/accueil/").status_code == 302


@pytest.mark.row("L09")
def test_name_motto_territory_and_colours_of_the_town(db, client):
    make_town(
        name="Le Lamentin", motto="Ville festive", territory="Martinique", primary_colour="#0d6647",
        secondary_colour="#d99a1f",
    )  # fmt: skip
    response = client.get("/")
    page = main_words(response)
    assert "Le Lamentin Ville festive, Martinique" in page
    assert "Portail Famille" in page
    assert '<link rel="stylesheet" href="/ville.css?v=0d6647-d99a1f">' in response.content.decode()

    css = client.get("/ville.css?v=0d6647-d99a1f")
    assert css["Content-Type"] == "text/css"
    assert css["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--town-1: #0d6647; --on-town-1: #ffffff;" in css.content.decode()
    assert "--town-2: #d99a1f; --on-town-2: #1d2647;" in css.content.decode()


@pytest.mark.row("L09")
def test_a_colour_on_which_nothing_can_be_read_is_replaced_by_the_nearest(db, client):
    make_town(primary_colour="#7a7a7a")
    css = client.get("/ville.css").content.decode()
    assert "--town-1: #7a7a7a" not in css
    assert "--on-town-1: #ffffff" in css


@pytest.mark.row("L09")
def test_the_logo_of_the_town(db, client):
    town = make_town()
    set_logo(town=town, content=picture_file(), by=SYSTEM)
    assert f'src="/ville/logo?v={town.logo.pk}"' in client.get("/").content.decode()
    response = client.get("/ville/logo")
    assert (response.content, response["Content-Type"]) == (logo_of(town), "image/png")
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_town_without_logo(db, client):
    make_town()
    assert client.get("/ville/logo").status_code == 404


@pytest.mark.row("S01")
@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Paris", "mercredi 7 octobre 2009, 15 h 35"), ("America/Martinique", "mercredi 7 octobre 2009, 9 h 35")],
)
def test_date_and_hour_of_the_town_in_french_words(db, client, zone, expected):
    make_town(time_zone=zone, website_url="https://www.saint-eloi.example/")
    with clock.frozen(datetime(2009, 10, 7, 13, 35, tzinfo=UTC)):
        response = client.get("/")
    assert expected in main_words(response)
    assert expected.capitalize() in words(response)
    assert '<a href="https://www.saint-eloi.example/">Site de la ville</a>' in response.content.decode()


@pytest.mark.row("A02")
def test_the_three_public_entries(db, client):
    make_town()
    html = client.get("/").content.decode()
    for address, label in (("/connexion/", "Connexion"), ("/accessibilite/", "Accessibilité"), ("/aide/", "Aide")):
        assert f'href="{address}"' in html
        assert label in html
    assert "Déclaration" not in main_words(client.get("/aide/"))
    assert "RGAA 4.1" in main_words(client.get("/accessibilite/"))
    assert "Se connecter" in main_words(client.get("/aide/"))


@pytest.mark.row("S04")
def test_the_list_of_what_one_can_do_follows_the_settings(db, client):
    make_town(history_months=24)
    before = main_words(client.get("/"))
    assert "Dans cet espace vous pouvez :" in before
    assert "Payer vos factures en ligne" not in before
    assert "Retrouver vos factures des 24 derniers mois" in before

    group = make_group()
    make_regie(label="Crèche", group=group, allows_part_payment=True)
    make_regie(label="Cantine", group=group, uses_payment_windows=True)
    make_regie(label="Sans contrat", group=group, contract=False)
    make_regie(label="Fermée", group=group, is_active=False)
    make_town(history_months=36)
    after = main_words(client.get("/"))
    assert "Payer vos factures en ligne, à toute heure : Crèche." in after
    assert "Payer vos factures en ligne pendant les périodes de paiement : Cantine." in after
    assert "Payer une facture en plusieurs fois" in after
    assert "Retrouver vos factures des 36 derniers mois" in after
    assert "Sans contrat" not in after
    assert "Fermée" not in after


@pytest.mark.row("V30")
def test_services_with_their_opening_hours(db, client):
    make_town()
    make_regie(label="Cantine")
    TownService.objects.create(
        name="Petite enfance", address="3 rue du Parc", phone="03 53 01 12 46", opening_hours="Lundi, 9 h – 12 h"
    )
    page = main_words(client.get("/contact/"))
    assert "Petite enfance Téléphone 03 53 01 12 46 Adresse 3 rue du Parc Horaires Lundi, 9 h – 12 h" in page
    assert "Cantine Organisme Caisse des écoles" in page
    assert 'href="tel:0353011246"' in client.get("/contact/").content.decode()


@pytest.mark.parametrize(
    ("address", "queries"), [("/", 5), ("/contact/", 3), ("/periodes-de-paiement/", 3), ("/aide/", 4)]
)
def test_public_pages_ask_little(db, client, django_assert_num_queries, address, queries):
    make_town()
    for number in range(3):
        make_regie(label=f"Régie {number}")
    with django_assert_num_queries(queries):
        client.get(address)
