"""Menus handed over by an agent, the weeks known, and who publishes them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from preau.domain.activities.models import Menu, MenuPublisher
from tests.support.activities import make_site
from tests.support.pages import main_words, words

pytestmark = pytest.mark.django_db

HOME, IMPORT = "/bureau/menus/", "/bureau/menus/importer/"
FILE = (
    "lieu;date;service;plat;allergènes;régimes\n"
    'École Jules-Ferry;2026-10-06;plat principal;Omelette;"[""oeufs""]";"[""végétarien""]"\n'
    "Tous;2026-10-13;plat principal;Rôti;;\n"
)


def give(agent, text: str):
    file = SimpleUploadedFile("menus.csv", text.encode(), content_type="text/csv")
    return agent.client.post(IMPORT, {"file": file}, follow=True)


def test_a_file_is_taken_and_twice_changes_nothing(payer, nadege):
    make_site()
    assert "Menus : 2 de plus, 0 changés, 0 déjà connus." in words(give(nadege, FILE))
    assert "Menus : 0 de plus, 0 changés, 2 déjà connus." in words(give(nadege, FILE))
    page = main_words(nadege.get(HOME))
    assert "du 12 octobre 2026 Tous les lieux 1 Aucun" in page
    assert "du 5 octobre 2026 École Jules-Ferry 1 Une fois au moins" in page


def test_what_was_left_aside_is_said(payer, nadege):
    make_site()
    assert "1 remarque : Ligne 4, colonne « plat »" in words(give(nadege, FILE + FILE.splitlines()[2] + "\n"))


def test_all_faults_are_told_by_line_and_nothing_is_written(payer, nadege):
    page = words(give(nadege, FILE + "Tous;13/10/2026;Dessert;;lait;\n"), status=422)
    assert "Rien n’a été pris" in page
    assert "Ligne 2 colonne « lieu » : « École Jules-Ferry » n’est pas un lieu connu" in page
    for told in ("colonne « date »", "colonne « service »", "colonne « plat » : case vide", "colonne « allergènes »"):
        assert f"Ligne 4 {told}" in page
    assert not Menu.objects.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Ce fichier est vide."),
        (b"x" * 5_000_001, "Ce fichier dépasse 5 Mo : découpez-le."),
        (b"PK\x03\x04" + b"x" * 100, "un classeur Excel"),
        (b"%PDF-1.7", "un document PDF"),
    ],
    ids=["empty", "large", "excel", "pdf"],
)
def test_a_file_that_is_no_table_is_refused(payer, nadege, content, told):
    answer = nadege.client.post(IMPORT, {"file": SimpleUploadedFile("menus.csv", content)})
    assert told in words(answer, status=422)


def test_without_a_file_one_is_asked(payer, nadege):
    assert "Choisissez un fichier." in words(nadege.client.post(IMPORT, {"x": "1"}), status=422)


def test_the_publisher_is_asked_then_the_files_are_public(payer, nadege):
    assert "il manque le SIRET de la commune" in main_words(nadege.get(HOME))
    path = f"{HOME}editeur/"
    typed = {"town_siret": "219 729 993 00010", "kitchen_name": "Cuisine centrale", "kitchen_siret": ""}
    for wrong in ("123", "21972999300011"):
        answer = nadege.client.post(path, {**typed, "town_siret": wrong})
        assert "n’est pas un SIRET" in words(answer, status=422)
    assert not MenuPublisher.objects.exists()
    nadege.client.post(path, typed)
    assert MenuPublisher.objects.get().town_siret == "21972999300010"
    assert "Publiés par Cuisine centrale : changer" in main_words(nadege.get(HOME))
    assert 'value="21972999300010"' in nadege.get(path).content.decode()


def test_nothing_known_says_what_to_do(payer, nadege):
    assert "Importez le fichier de la cuisine" in main_words(nadege.get(HOME))


def test_the_list_costs_the_same_whatever_it_holds(payer, nadege, django_assert_num_queries):
    make_site()
    give(nadege, FILE)
    nadege.get(HOME)
    with django_assert_num_queries(9):
        nadege.get(HOME)
    make_site("Crèche")
    give(nadege, FILE + "".join(f"Crèche;2026-10-{day:02d};dessert;Riz;;\n" for day in range(1, 29)))
    with django_assert_num_queries(9):
        nadege.get(HOME)
