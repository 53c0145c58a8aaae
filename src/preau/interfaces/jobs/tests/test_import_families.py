"""`preau import-families`: dry run, faults named by line and column, all or nothing, twice the same."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from preau.domain.families.models import Child, Guardian, Household
from preau.foundation.audit.models import AuditEvent
from tests.support.factories import make_town
from tests.support.places import ROOT, missing

HEADINGS = "N° famille;Nom;Prénom;E-mail;CP;Enfant - Nom;Enfant - Prénom;Enfant - Né(e) le"
ROUX = "101;ROUX;Lina;lina@exemple.fr;59000;ROUX;Zoé;09/03/2018"
PETIT = "102;PETIT;Marc;;59000;PETIT;Léo;30/02/2018"
NOBODY = "103;;;;59000;;;"


@pytest.fixture
def town(db):
    return make_town()


@pytest.fixture
def table(tmp_path):
    def write(*rows: str, encoding: str = "utf-8"):
        path = tmp_path / "familles.csv"
        path.write_text("\n".join([HEADINGS, *rows]), encoding=encoding)
        return path

    return write


def run(path, **options) -> tuple[str, int]:
    """What the command says, and its exit code."""
    out = StringIO()
    try:
        call_command("import_families", path, stdout=out, stderr=StringIO(), **options)
    except SystemExit as stop:
        return out.getvalue(), int(stop.code)
    return out.getvalue(), 0


def test_a_dry_run_tells_and_writes_nothing(town, table):
    said, code = run(table(ROUX))
    assert code == 0
    assert "1 ligne(s) lue(s) : 1 famille(s) à créer, 0 à mettre à jour, 0 déjà à jour, 0 refus." in said
    assert "Adultes ajoutés : 1, enfants ajoutés : 1." in said
    assert "Simulation : rien n’a été écrit." in said
    assert Household.objects.count() == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_applying_writes_whatever_the_encoding(town, table, encoding):
    assert run(table(ROUX, encoding=encoding), apply=True)[1] == 0
    assert str(Child.objects.get()) == "Zoé ROUX"
    assert AuditEvent.objects.get(action="families_imported").actor_kind == "system"


def test_the_same_file_twice_changes_nothing(town, table):
    run(table(ROUX), apply=True)
    said, _ = run(table(ROUX), apply=True)
    assert "0 famille(s) à créer, 0 à mettre à jour, 1 déjà à jour" in said
    assert (Household.objects.count(), Guardian.objects.count(), Child.objects.count()) == (1, 1, 1)


def test_a_refusal_names_its_line_and_stops_everything(town, table):
    said, code = run(table(ROUX, NOBODY), apply=True)
    assert code == 1
    assert "ligne 3 – refus : la famille «\u202f103\u202f» n’a ni adulte ni enfant" in said
    assert "Rien n’a été écrit" in said
    assert Household.objects.count() == 0


def test_a_doubtful_cell_is_named_by_line_and_column_and_does_not_stop(town, table):
    said, code = run(table(PETIT), apply=True)
    assert code == 0
    assert "ligne 2, colonne « Enfant - Né(e) le » – à vérifier : «\u202f30/02/2018\u202f» n’existe pas" in said
    assert Child.objects.get().birth_date is None


def test_refusals_that_are_accepted_leave_the_sound_families(town, table):
    assert run(table(ROUX, NOBODY), apply=True, accepter_les_refus=True)[1] == 0
    assert list(Household.objects.values_list("file_number", flat=True)) == ["101"]


def test_two_entries_of_one_family_are_proposed_never_merged(town, table):
    twice = ROUX.replace("101", "201").replace("Zoé", "Noé")
    said, _ = run(table(ROUX, twice), apply=True)
    assert "à décider (lignes 2, 3) : Les familles 101 (ligne 2) et 201 (ligne 3) semblent être la même" in said
    assert Household.objects.count() == 2


def test_a_file_that_is_not_there_is_said_so(town, tmp_path):
    with pytest.raises(CommandError, match="Fichier introuvable"):
        run(tmp_path / "absent.csv")


def test_an_installation_without_town_is_said_so(db, table):
    with pytest.raises(CommandError, match="n’a pas encore de commune"):
        run(table(ROUX))


def test_progress_is_shown_on_long_files(town, table):
    rows = [f"{number};N{number};Lina;;59000;N{number};Zoé;09/03/2018" for number in range(1, 1001)]
    err = StringIO()
    call_command("import_families", table(*rows), apply=True, stdout=StringIO(), stderr=err)
    assert "lecture : 1000 lignes" in err.getvalue()
    assert "écriture : 1000 sur 1000" in err.getvalue()


GENERIC = ROOT.parent / "shared" / "data" / "rivals" / "generique"


@pytest.mark.parametrize(
    "name",
    ["familles-large-cp1252.csv", "familles-large-tabulation-utf16.csv", "familles-large-utf8-virgule.csv"],
)
def test_the_exports_of_other_software_go_through_as_they_are(town, name):
    if not GENERIC.is_dir():
        missing("the shared sample files are not beside this clone")
    _, first = run(GENERIC / name, apply=True, accepter_les_refus=True)
    before = Household.objects.count()
    said, second = run(GENERIC / name, apply=True, accepter_les_refus=True)
    assert (first, second) == (0, 0)
    assert before > 0
    assert f"0 famille(s) à créer, 0 à mettre à jour, {before} déjà à jour" in said
