"""`preau import-menus`: dry run by default, all or nothing, twice the same changes nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from preau.domain.activities.models import DishProduct, Menu
from tests.support.activities import make_site

pytestmark = pytest.mark.django_db

FILE = 'lieu;date;service;plat;allergènes\nÉcole Jules-Ferry;2026-10-06;entrée;Œuf dur;"[""oeufs""]"\n'
DISHES = (
    "platCode;platNom;platProduitNom;platPublicationDate;platModificationDate\n"
    "P1;Omelette;oeufs;2026-09-01T10:00:00Z;2026-09-01T10:00:00Z\n"
)


@pytest.fixture
def path(tmp_path):
    make_site()
    return tmp_path / "menus.csv"


def run(path, text: str | bytes, **options) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = StringIO()
    call_command("import_menus", str(path), stdout=out, **options)
    return out.getvalue()


def test_a_dry_run_writes_nothing(path):
    said = run(path, FILE)
    assert "1 ligne(s) lue(s) : 1 menu(s) à créer, 0 à changer, 0 déjà à jour, 0 refus." in said
    assert "Simulation : rien n’a été écrit." in said
    assert not Menu.objects.exists()


def test_the_file_is_taken_then_changes_nothing(path):
    assert "Le fichier est pris." in run(path, FILE, apply=True)
    assert "0 menu(s) à créer, 0 à changer, 1 déjà à jour" in run(path, FILE, apply=True)
    assert Menu.objects.count() == 1


def test_dishes_are_taken_too(path):
    assert "1 plat(s) à créer" in run(path, DISHES, apply=True)
    assert DishProduct.objects.count() == 1


def test_faults_are_told_by_line_and_nothing_is_written(path, capsys):
    out = StringIO()
    path.write_text(FILE + "Ailleurs;hier;entrée;Riz;\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        call_command("import_menus", str(path), stdout=out, apply=True)
    assert ended.value.code == 1
    said = out.getvalue()
    assert "ligne 3, colonne « date » – refus : «\u202fhier\u202f» n’est pas une date" in said
    assert "ligne 3, colonne « lieu » – refus" in said
    assert "Rien n’a été écrit : corrigez le fichier." in said
    assert not Menu.objects.exists()


def test_a_file_that_is_not_there_or_too_large_is_refused(path):
    with pytest.raises(CommandError, match="Fichier introuvable"):
        call_command("import_menus", str(path))
    with pytest.raises(CommandError, match="dépasse 5 Mo"):
        run(path, b"x" * 5_000_001)
