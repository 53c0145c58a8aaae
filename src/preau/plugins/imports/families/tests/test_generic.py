"""The families table: what a well-filled file gives, and each thing that can be wrong in it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preau.domain.families.intake import READERS, ChildIntake, GuardianIntake, HouseholdIntake, register_reader
from preau.foundation import clock
from preau.plugins.imports.families import generic
from preau.plugins.imports.families.generic import MOST_CHILDREN, read_families

EXAMPLE = Path(generic.__file__).parent / "exemple-familles.csv"
HEADINGS = (
    "N° famille;Nom;Prénom;Date de naissance;E-mail;Ville;QF;Enfant - Nom;Enfant - Prénom;Enfant - Né(e) le;Classe"
)


@pytest.fixture(autouse=True)
def _autumn_2026():
    with clock.frozen(datetime(2026, 10, 4, 8, 0, tzinfo=UTC)):
        yield


def read(folder, *rows, headings=HEADINGS):
    file = folder / "familles.csv"
    file.write_text("\n".join((headings, *rows)), encoding="utf-8")
    return read_families(file)


def told(report, severity=None):
    return [
        str(fault).replace("\u202f", " ") for fault in report.faults if severity is None or fault.severity == severity
    ]


def test_the_reader_is_known_by_its_code():
    assert READERS["generique"] is read_families
    with pytest.raises(ValueError, match="already registered"):
        register_reader("generique", read)


def test_the_example_is_read_without_a_word():
    report = read_families(EXAMPLE)
    assert (report.faults, report.rows_read, len(report.households)) == ([], 7, 6)
    assert report.households[0] == HouseholdIntake(
        line=2,
        file_number="1001",
        file_name="VASSEUR",
        address_lines=("4 rue des Tilleuls",),
        postal_code="59299",
        city="SAINT-ÉLOI-SUR-LYS",
        country="",
        allowance_number="0710011",
        quotient_familial_cents=74250,
        quotient_familial_on=date(2026, 1, 1),
        guardians=(
            GuardianIntake(
                civility="Madame",
                last_name="VASSEUR",
                birth_name="LECLERCQ",
                first_name="Hélène",
                email="helene.vasseur@exemple.invalid",
                mobile_phone="06 39 98 10 01",
                home_phone="05 36 49 10 01",
                work_phone="",
                birth_date=date(1988, 2, 14),
            ),
            GuardianIntake(
                civility="Monsieur",
                last_name="VASSEUR",
                birth_name="",
                first_name="Karim",
                email="karim.vasseur@exemple.invalid",
                mobile_phone="06 39 98 10 02",
                home_phone="",
                work_phone="",
                birth_date=None,
            ),
        ),
        children=(
            ChildIntake("VASSEUR", "Lina", date(2018, 3, 9), "F", "École Jules-Ferry", "CE2"),
            ChildIntake("VASSEUR", "Adam", date(2020, 12, 21), "M", "Maternelle des Colibris", "GS"),
        ),
    )
    assert (report.households[5].postal_code, report.households[5].country) == ("8500", "Belgique")
    assert [(proposal.kind, proposal.lines) for proposal in report.proposals] == [("shared_child", (5, 6))]


def test_rows_of_a_family_may_be_apart(tmp_path):
    report = read(
        tmp_path,
        "1;ROUX;Lina;;;Lille;;ROUX;Zoé;09/03/2018;CE2",
        "2;BLANC;Paul;;;Lille;;BLANC;Max;01/01/2019;CP",
        "1;ROUX;Lina;;;Lille;;ROUX;Tom;21/12/2020;GS",
        "1;;;;;;;ROUX;Éva;21/12/2021;MS",
    )
    assert report.faults == []
    assert [(one.line, [child.first_name for child in one.children]) for one in report.households] == [
        (2, ["Zoé", "Tom", "Éva"]),
        (3, ["Max"]),
    ]


def test_a_family_without_a_file_name_takes_that_of_its_first_person(tmp_path):
    report = read(tmp_path, "1;ROUX;Lina;;;;;NOIR;Zoé;;", "2;;;;;;;NOIR;Max;;")
    assert [one.file_name for one in report.households] == ["ROUX", "NOIR"]


def test_a_name_of_birth_stands_for_a_missing_name_of_use(tmp_path):
    report = read(
        tmp_path, "1;Madame;LECLERCQ;;Hélène", headings="N° famille;Qualité;Nom de naissance;Nom d'usage;Prénom"
    )
    (guardian,) = report.households[0].guardians
    assert (guardian.last_name, guardian.birth_name, guardian.civility) == ("LECLERCQ", "LECLERCQ", "Madame")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";ROUX;Lina;;;;;;;;", "Ligne 2, colonne « N° famille » : case vide"),
        (
            "é1;ROUX;Lina;;;;;;;;",
            (
                "Ligne 2, colonne « N° famille » : "
                "« é1 » : lettres sans accent, chiffres, espaces et « - / . _ » seulement"
            ),
        ),
        ("116;;;;;;;;;;", "Ligne 2 : la famille « 116 » n’a ni adulte ni enfant"),
        ("1;;Lina;;;;;;;;", "Ligne 2, colonne « Prénom » : responsable sans nom"),
        ("1;ROUX;Lina;;;;;ROUX;;09/03/2018;", "Ligne 2, colonne « Enfant - Prénom » : case vide"),
        ("1;ROUX;Lina;;;;;;Zoé;;", "Ligne 2, colonne « Enfant - Nom » : case vide"),
        ("1;ROUX;Lina", "Ligne 2 : 3 cellules pour 11 colonnes : ligne coupée ?"),
    ],
)
def test_a_row_is_refused(tmp_path, row, said):
    report = read(tmp_path, row)
    assert (told(report), report.households) == ([said], [])
    assert [fault.severity for fault in report.faults] == ["error"]


def test_one_refused_row_refuses_the_whole_family(tmp_path):
    report = read(tmp_path, "1;ROUX;Lina;;;;;ROUX;Zoé;;", "2;NOIR;Max;;;;;;;;", "1;ROUX;Lina;;;;;ROUX;;;CP")
    assert [one.file_number for one in report.households] == ["2"]
    assert told(report) == ["Ligne 4, colonne « Enfant - Prénom » : case vide"]


def test_one_number_for_two_families_is_refused(tmp_path):
    report = read(tmp_path, "1;ROUX;Lina;;;;;ROUX;Zoé;;", "1;NOIR;Max;;;;;NOIR;Éva;;")
    assert report.households == []
    assert told(report) == [
        "Ligne 3, colonne « Nom » : la famille « 1 » a un autre responsable ligne 2",
        "Ligne 3, colonne « Prénom » : la famille « 1 » a un autre responsable ligne 2",
    ]


def test_numbers_that_differ_by_case_are_one_family(tmp_path):
    report = read(tmp_path, "a1;ROUX;Lina;;;;;ROUX;Zoé;;", "A1;Roux;LINA;;;;;ROUX;Tom;;")
    assert (len(report.households), len(report.households[0].children), report.faults) == (1, 2, [])


def test_rows_that_disagree_keep_the_first_value_and_say_so(tmp_path):
    report = read(tmp_path, "1;ROUX;Lina;;;Lille;;ROUX;Zoé;;", "1;ROUX;Lina;;l@x.invalid;Lens;;ROUX;Tom;;")
    assert report.households[0].city == "Lille"
    assert report.households[0].guardians[0].email == ""
    assert told(report, "warning") == [
        "Ligne 3, colonne « Ville » : autre valeur que ligne 2, qui est gardée",
        "Ligne 3, colonne « E-mail » : autre valeur que ligne 2, qui est gardée",
    ]


def test_a_repeated_child_counts_once(tmp_path):
    report = read(tmp_path, *["1;ROUX;Lina;;;;;ROUX;Zoé;09/03/2018;CE2"] * 2)
    assert len(report.households[0].children) == 1
    assert told(report, "warning") == ["Ligne 3 : répète l’enfant de la ligne 2, compté une fois"]


def test_a_repeated_family_without_child_counts_once(tmp_path):
    report = read(tmp_path, *["1;ROUX;Lina;;;;;;;;"] * 2)
    assert len(report.households) == 1
    assert told(report, "warning") == ["Ligne 3 : répète la ligne 2, comptée une fois"]


def test_one_child_described_in_two_ways_is_refused(tmp_path):
    report = read(tmp_path, "1;ROUX;Lina;;;;;ROUX;Zoé;09/03/2018;CE2", "1;ROUX;Lina;;;;;Roux;ZOE;09/03/2018;CE1")
    assert report.households == []
    assert told(report) == ["Ligne 3 : même enfant que ligne 2, avec d’autres renseignements"]


def test_a_family_has_a_believable_number_of_children(tmp_path):
    rows = [f"1;ROUX;Lina;;;;;ROUX;Enfant {number};;" for number in range(MOST_CHILDREN + 1)]
    report = read(tmp_path, *rows)
    assert told(report) == ["Ligne 32, colonne « N° famille » : plus de 30 enfants dans une famille"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "1;ROUX;Lina;31/02/1990;;;;;;;",
            (
                "Ligne 2, colonne « Date de naissance » : "
                "« 31/02/1990 » n’existe pas dans le calendrier ; case laissée vide"
            ),
        ),
        (
            "1;ROUX;Lina;05/10/2026;;;;;;;",
            "Ligne 2, colonne « Date de naissance » : « 05/10/2026 » est dans le futur ; case laissée vide",
        ),
        ("1;ROUX;Lina;;;;NC;;;;", "Ligne 2, colonne « QF » : « NC » n’est pas un montant ; case laissée vide"),
        (
            "1;ROUX;Lina;;;;-5;;;;",
            "Ligne 2, colonne « QF » : « -5 » : quotient hors de 0 à 99 999,99 ; case laissée vide",
        ),
    ],
)
def test_an_optional_value_that_cannot_be_read_is_left_empty(tmp_path, row, said):
    report = read(tmp_path, row)
    assert (told(report, "warning"), told(report, "error")) == ([said], [])
    household = report.households[0]
    assert (household.guardians[0].birth_date, household.quotient_familial_cents) == (None, None)


def test_sexes_and_civilities_are_known_or_left_empty(tmp_path):
    headings = "N° famille;Civilité;Nom;Enfant - Nom;Enfant - Prénom;Enfant - Sexe"
    report = read(tmp_path, "1;Mme;A;A;a;Fille", "2;M.;B;B;b;Garçon", "3;M. et Mme;C;C;c;X", headings=headings)
    assert [one.guardians[0].civility for one in report.households] == ["Madame", "Monsieur", ""]
    assert [one.children[0].sex for one in report.households] == ["F", "M", ""]
    assert told(report) == [
        "Ligne 4, colonne « Civilité » : « M. et Mme » inconnu (Madame ou Monsieur attendu) ; case laissée vide",
        "Ligne 4, colonne « Enfant - Sexe » : « X » inconnu (F ou M attendu) ; case laissée vide",
    ]


def test_contacts_without_a_name_are_told(tmp_path):
    report = read(tmp_path, "1;;;;l@x.invalid;;;ROUX;Zoé;;")
    assert report.households[0].guardians == ()
    assert told(report) == ["Ligne 2, colonne « Nom » : responsable sans nom, non chargé"]


def test_balances_are_not_loaded(tmp_path):
    report = read(tmp_path, "1;ROUX;-84,60", headings="N° famille;Nom;Solde")
    assert told(report) == [
        "Fichier, colonne « Solde » : soldes non chargés : ce qu’une famille doit vient de ses factures"
    ]


def test_a_missing_column_stops_the_reading(tmp_path):
    report = read(tmp_path, "ROUX;Lina", headings="Nom;Prénom")
    assert (report.households, report.rows_read) == ([], 0)
    assert told(report) == [
        (
            "Ligne 1, colonne « N° famille » : colonne absente ; titres reconnus : "
            "« N° famille », « Numéro famille », « N° dossier », « Numéro de dossier »"
        )
    ]


def test_one_family_entered_twice_is_proposed_with_its_reasons(tmp_path):
    report = read(
        tmp_path,
        "108;MARTIN;Sophie;05/05/1991;s@x.invalid;;;MARTIN;Emma;10/10/2019;",
        "208;Martin;SOPHIE;05/05/1991;;;;MARTIN;Emma;10/10/2019;",
        "308;Martin;Sophie;;s@x.invalid;;;;;;",
        "109;MARTIN;Sophie;17/12/1979;t@x.invalid;;;MARTIN;Emma;03/04/2015;",
    )
    (proposal,) = report.proposals
    assert (proposal.kind, proposal.lines) == ("duplicate_household", (2, 3, 4))
    assert proposal.sentence.replace("\u202f", " ") == (
        "Les familles 108 (ligne 2), 208 (ligne 3) et 308 (ligne 4) semblent être la même : "
        "même nom, même date de naissance, même e-mail."
    )
    assert len(report.households) == 4


def test_a_child_of_two_homes_is_proposed_on_name_and_birth_date(tmp_path):
    report = read(
        tmp_path,
        "1;MOREAU;Élodie;;;;;BERNARD-MOREAU;Tom;27/11/2016;",
        "2;BERNARD;Lucas;;;;;Bernard Moreau;TOM;27/11/2016;",
        "3;PETIT;Ana;;;;;BERNARD-MOREAU;Tom;;",
        "4;LONG;Ana;;;;;BERNARD-MOREAU;Tom;28/11/2016;",
        "5;BREF;Ana;;;;;BERNARD-MOREAU;Tom;;",
    )
    (proposal,) = report.proposals
    assert (proposal.kind, proposal.lines) == ("shared_child", (2, 3))
    assert proposal.sentence.replace("\u202f", " ") == (
        "Tom BERNARD-MOREAU, né(e) le 27/11/2016, est dans les familles 1 (ligne 2) et 2 (ligne 3) : "
        "un seul enfant qui a deux foyers ?"
    )
    assert sum(len(one.children) for one in report.households) == 5


def test_hostile_names_stay_text_and_too_long_ones_are_refused(tmp_path):
    report = read(
        tmp_path,
        "1;<script>alert(1)</script>;\u202eLina\x07;;;;;ROUX;🙂;;",
        f"2;NOIR;Max;;;;;{'x' * 10_000};Zoé;;",
    )
    (guardian,) = report.households[0].guardians
    assert (guardian.last_name, guardian.first_name) == ("<script>alert(1)</script>", "Lina")
    assert report.households[0].children[0].first_name == "🙂"
    assert len(report.households) == 1
    assert told(report) == [f"Ligne 3, colonne « Enfant - Nom » : « {'x' * 60}… » : 10000 caractères, 100 au plus"]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_report(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "octets.csv"
    file.write_bytes(HEADINGS.encode() + b"\n" + content)
    report = read_families(file)
    assert report.households or report.faults
