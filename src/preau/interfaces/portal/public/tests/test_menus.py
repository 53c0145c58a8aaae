"""Menus that anybody reads, and the public files."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from preau.domain.activities.models import Menu, MenuDish
from preau.domain.activities.services.menus import save_publisher
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from tests.support.activities import make_site
from tests.support.factories import make_town
from tests.support.pages import main_words, words

pytestmark = pytest.mark.django_db

#: The Thursday of most tests is of this week.
MONDAY, AT = date(2026, 10, 5), datetime(2026, 9, 1, tzinfo=UTC)


def serve(site, day, name, **values) -> Menu:
    menu, _ = Menu.objects.get_or_create(
        site=site, day=day, meal=values.pop("meal", "déjeuner"), defaults={"published_at": AT}
    )
    MenuDish.objects.create(
        menu=menu, position=menu.dishes.count() + 1, course=values.pop("course", "plat principal"), name=name, **values
    )
    return menu


@pytest.fixture
def ferry(frozen_clock):
    make_town()
    return make_site()


@pytest.mark.row("V18")
def test_the_menus_are_read_from_the_home_page_without_login(ferry, client):
    serve(ferry, MONDAY, "Omelette", diets=["végétarien"], allergens=["oeufs", "lait"], labels="fait maison")
    serve(ferry, MONDAY, "Concombre", course="entrée", quality=["agriculture biologique"])
    assert 'href="/menus/"' in client.get("/").content.decode()
    page = main_words(client.get("/menus/"))
    assert "Menus : École Jules-Ferry Semaine du 5 octobre 2026 au 11 octobre 2026." in page
    assert (
        "Lundi 5 octobre Concombre bio Omelette végétarien fait maison Allergènes : œufs, lait Mardi 6 octobre" in page
    )
    assert "Mardi 6 octobre Pas de menu ce jour-là." in page
    assert "Samedi" not in page
    assert "projet d’accueil individualisé" in page


@pytest.mark.row("V18")
def test_weeks_and_sites_are_in_the_address(ferry, client):
    other = make_site("Crèche des Briques")
    serve(ferry, date(2026, 10, 12), "Rôti")
    serve(other, date(2026, 10, 17), "Purée")
    page = client.get(f"/menus/?semaine=2026-W42&lieu={other.public_id}")
    assert "Samedi 17 octobre Purée" in main_words(page)
    assert "Rôti" not in main_words(page)
    text = page.content.decode()
    for week in ("2026-W41", "2026-W43"):
        assert f'href="?semaine={week}&amp;lieu={other.public_id}"' in text
    assert f'href="?semaine=2026-W42&amp;lieu={ferry.public_id}"' in text
    assert "Imprimer" in text


def test_an_empty_week_says_so(ferry, client):
    serve(ferry, MONDAY, "Rôti")
    page = client.get("/menus/?semaine=2026-W50").content.decode()
    assert "Aucun menu n’est encore publié pour cette semaine." in page
    assert "Imprimer" not in page


def test_before_any_menu_the_page_says_so(ferry, client):
    assert "Aucun menu n’est encore publié" in words(client.get("/menus/"))


def test_the_site_that_serves_the_most_comes_first(ferry, client):
    other = make_site("Accueil de loisirs")
    serve(other, MONDAY, "Pain et chocolat", meal="goûter")
    for day in (5, 6):
        serve(ferry, date(2026, 10, day), "Rôti")
    assert "Menus : École Jules-Ferry" in main_words(client.get("/menus/"))
    page = main_words(client.get(f"/menus/?lieu={other.public_id}"))
    assert "Goûter Pain et chocolat" in page


def test_from_saturday_on_the_next_week_is_shown(ferry, client):
    serve(ferry, date(2026, 10, 12), "Rôti")
    for at, week in [(datetime(2026, 10, 9, 21, 59, tzinfo=UTC), "5"), (datetime(2026, 10, 9, 22, tzinfo=UTC), "12")]:
        with clock.frozen(at):
            assert f"Semaine du {week} octobre 2026" in main_words(client.get("/menus/"))


@pytest.mark.parametrize("asked", ["2026-W54", "2026-W00", "1026-W41", "9999-W52", "x", "\x00", "2026-W41-1", ""])
def test_a_week_that_is_none_shows_the_present_one(ferry, client, asked):
    page = main_words(client.get("/menus/", {"semaine": asked, "lieu": asked}))
    assert "Semaine du 5 octobre 2026" in page


def test_the_53rd_week_is_one(ferry, client):
    page = client.get("/menus/?semaine=2026-W53").content.decode()
    assert "28\u00a0décembre 2026" in page
    assert "?semaine=2027-W01" in page


def test_the_page_costs_the_same_whatever_it_shows(ferry, client, django_assert_num_queries):
    serve(ferry, MONDAY, "Rôti")
    client.get("/menus/")
    with django_assert_num_queries(6):
        client.get("/menus/")
    for rank in range(3):
        site = make_site(f"École {rank}")
        for day in range(5, 10):
            for name in ("Rôti", "Riz", "Pomme"):
                serve(site, date(2026, 10, day), name)
    with django_assert_num_queries(6):
        client.get("/menus/")


def test_the_public_files_wait_for_somebody_to_answer_for_them(ferry, client):
    for name in ("menus-collectifs", "plats-menus-collectifs"):
        assert client.get(f"/menus/{name}.csv").status_code == 404
    assert "Données ouvertes" not in words(client.get("/menus/"))


def test_the_public_files_hold_what_is_shown(ferry, client):
    save_publisher(town_siret="21972999300010", kitchen_name="Cuisine", kitchen_siret="", by=SYSTEM)
    serve(ferry, MONDAY, "=1+1", allergens=["lait"])
    assert "Données ouvertes" in words(client.get("/menus/"))
    answer = client.get("/menus/menus-collectifs.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="menus-collectifs.csv"'
    [row] = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["menuCollNom"], row["menuCollSiret"]) == ("Saint-Éloi-sur-Lys", "21972999300010")
    assert (row["menuDate"], row["menuPlatNom"], row["menuPlatAllergene"]) == ("2026-10-05", "'=1+1", '["lait"]')
    assert client.get("/menus/plats-menus-collectifs.csv").content.decode().startswith("platCollNom,platCollSiret,")
