"""The family file, read only, and the pages of what is not open yet."""

from datetime import date

import pytest

from preau.domain.families.models import Child, ChildHome, Guardian
from tests.support.factories import login_family, make_household, make_invoice, make_regie
from tests.support.pages import main_words


def test_the_file_shows_adults_address_children_and_documents(family):
    Guardian.objects.create(
        household=family.household, position=2, civility="Monsieur", first_name="Pierre", last_name="Dupond"
    )
    family.pay(make_invoice(family.household, make_regie(label="Cantine")))
    page = main_words(family.get("file"))
    assert "Madame Amélie Berger Mobile 06 39 98 01 01" in page
    assert "Monsieur Pierre Dupond Mobile —" in page
    assert "Adresse de la famille 12 rue des Flamboyants 59000 Saint-Éloi-sur-Lys" in page
    assert "Enfant1 Berger Née le 1er mars 2018 CE1, École des Tilleuls" in page
    assert "Reçu n° 2026-000001 (PDF)" in page
    assert "Pour l’instant, vous pouvez uniquement le consulter ici." in page


def test_the_file_of_a_family_with_nothing(town, client):
    household = make_household(children=0, address="", postal_code="", city="")
    login_family(client, household)
    page = main_words(client.get("/dossier/"))
    assert "Aucun enfant dans ce dossier." in page
    assert "Aucun document pour le moment." in page


@pytest.mark.parametrize("children", [1, 6])
def test_queries_do_not_grow_with_children(family, children):
    for position in range(2, children + 1):
        child = Child.objects.create(first_name=f"Enfant{position}", last_name="Berger", birth_date=date(2019, 1, 1))
        ChildHome.objects.create(child=child, household=family.household, position=position)
    assert family.queries("file") == 9
    assert main_words(family.get("file")).count("Berger Né") == children
