"""The invented families of ../shared/data, in the three encodings a town may send (issue 2, point 3)."""

import csv
from dataclasses import asdict
from datetime import date

import pytest

from preau.plugins.imports.families.generic import read_families

FILES = ("familles-large-cp1252.csv", "familles-large-utf8-virgule.csv", "familles-large-tabulation-utf16.csv")


@pytest.fixture(params=FILES)
def report(request, shared_data):
    return read_families(shared_data / "rivals" / "generique" / request.param)


@pytest.fixture(scope="module")
def expected(shared_data):
    with (shared_data / "rivals" / "attendu.csv").open(encoding="utf-8") as handle:
        return {row["fichier"]: row for row in csv.DictReader(handle, delimiter=";")}


@pytest.fixture(scope="module")
def first(shared_data):
    return read_families(shared_data / "rivals" / "generique" / FILES[0])


def family(report, number):
    return next(one for one in report.households if one.file_number == number)


def told(report, line):
    return [str(fault).replace("\u202f", " ") for fault in report.faults if fault.line == line]


@pytest.mark.parametrize("name", FILES)
def test_the_counts_are_those_expected(shared_data, expected, name):
    report = read_families(shared_data / "rivals" / "generique" / name)
    row = expected[f"generique/{name}"]
    refused = [fault for fault in report.faults if fault.severity == "error"]
    assert report.rows_read == int(row["lignes_de_donnees"])
    assert len(report.households) + len(refused) == int(row["familles_brutes"])
    assert sum(len(one.children) for one in report.households) == int(row["enfants_bruts"])


def test_the_three_encodings_say_the_same(report, first):
    assert asdict(report) == asdict(first)


def test_the_empty_family_alone_is_refused(report):
    assert [str(fault).replace("\u202f", " ") for fault in report.faults if fault.severity == "error"] == [
        "Ligne 20 : la famille « 116 » n’a ni adulte ni enfant"
    ]
    numbers = " ".join(one.file_number for one in report.households)
    assert numbers == "101 102 103 104 105 106 107 108 208 109 110 111 112 113 114 115"


def test_twice_entered_family_and_child_of_two_homes_are_proposed_and_nothing_else(report):
    assert [(one.kind, one.lines) for one in report.proposals] == [
        ("shared_child", (9, 10)),
        ("duplicate_household", (11, 12)),
    ]
    assert [one.sentence.replace("\u202f", " ") for one in report.proposals] == [
        (
            "Tom BERNARD--MOREAU, né(e) le 27/11/2016, est dans les familles 106 (ligne 9) et 107 (ligne 10) : "
            "un seul enfant qui a deux foyers ?"
        ),
        (
            "Les familles 108 (ligne 11) et 208 (ligne 12) semblent être la même : "
            "même nom, même date de naissance, même e-mail, même téléphone."
        ),
    ]


def test_balances_and_unknown_columns_are_told_once(report):
    assert told(report, 0) == [
        "Fichier : colonnes non chargées : « Régime », « PAI », « Régime alimentaire », « Droit à l'image »",
        "Fichier, colonne « Solde » : soldes non chargés : ce qu’une famille doit vient de ses factures",
    ]


def test_clean_families_raise_no_remark(report):
    assert {line for line in range(2, 10) if told(report, line)} == set()
    assert [told(report, line) for line in (11, 12, 13, 16)] == [[], [], [], []]


def test_101_has_a_quotient_and_two_children(report):
    one = family(report, "101")
    assert (one.quotient_familial_cents, one.quotient_familial_on) == (125000, date(2026, 1, 1))
    assert one.address_lines == ("12 rue des Flamboyants", "Rés. l'Allamanda bât. B")
    assert [child.first_name for child in one.children] == ["Léa", "Noé"]


def test_102_keeps_both_apostrophes_and_has_no_contact(report):
    one = family(report, "102")
    (guardian,) = one.guardians
    assert (guardian.last_name, one.children[0].last_name) == ("D'ALMEIDA", "D’ALMEIDA")
    assert (guardian.email, guardian.mobile_phone, guardian.home_phone) == ("", "", "")


def test_103_has_a_plain_space_in_its_town_and_a_french_number(report):
    one = family(report, "103")
    assert (one.city, one.quotient_familial_cents) == ("Morne Fleuri", 0)
    assert one.guardians[0].mobile_phone == "06 39 98 01 03"


def test_104_twins_have_one_birth_date_and_their_parent_a_leap_day(report):
    one = family(report, "104")
    assert [child.birth_date for child in one.children] == [date(2018, 9, 1)] * 2
    assert (one.guardians[0].birth_date, one.quotient_familial_cents) == (date(1984, 2, 29), None)


def test_105_keeps_its_ligature(report):
    one = family(report, "105")
    assert (one.address_lines, one.quotient_familial_cents) == (("4 rue Schœlcher",), 255000)


def test_107_has_no_quotient(report):
    assert family(report, "107").quotient_familial_cents is None
    assert told(report, 10) == ["Ligne 10, colonne « QF » : « NC » n’est pas un montant ; case laissée vide"]


def test_208_is_kept_as_it_was_typed(report):
    one = family(report, "208")
    assert (one.file_name, one.guardians[0].first_name, one.address_lines) == (
        "Martin",
        "SOPHIE",
        ("1", "R. du Marche"),
    )
    assert one.guardians[0].email == "sophie.martin@exemple.invalid"


def test_110_has_ligatures_and_neither_phone_nor_mail_nor_birth_date(report):
    one = family(report, "110")
    (guardian,) = one.guardians
    assert (guardian.last_name, guardian.first_name) == ("ŒUVRARD", "Cædmon")
    assert (guardian.mobile_phone, guardian.email, one.children[0].birth_date) == ("", "", None)
    assert told(report, 14) == [
        "Ligne 14, colonne « E-mail » : « pas de mail » n’est pas une adresse e-mail ; case laissée vide",
        "Ligne 14, colonne « Tél. mobile » : « n° inconnu » n’est pas un numéro de téléphone ; case laissée vide",
    ]


def test_111_keeps_its_long_name_one_address_and_no_impossible_date(report):
    one = family(report, "111")
    assert one.guardians[0].last_name == "RAKOTONDRAINIBE-ANDRIAMANANTENASOA"
    assert (one.guardians[0].email, one.children[0].birth_date) == ("hasina@exemple.invalid", None)
    assert told(report, 15) == [
        (
            "Ligne 15, colonne « E-mail » : « hasina@exemple.invalid » seule gardée, "
            "sur « hasina@exemple.invalid ; voahangy@exemple.invalid »"
        ),
        "Ligne 15, colonne « Enfant - Né(e) le » : « 31/02/2019 » n’existe pas dans le calendrier ; case laissée vide",
    ]


def test_112_keeps_a_name_with_dite(report):
    assert family(report, "112").guardians[0].last_name == "VICTOIRE dite TITINE"


def test_113_keeps_a_foreign_number_and_a_year_of_two_digits(report):
    one = family(report, "113")
    assert (one.guardians[0].mobile_phone, one.children[0].birth_date) == ("+34 600 000 113", date(2019, 3, 5))
    assert told(report, 17) == [
        "Ligne 17, colonne « Tél. mobile » : « +34 600 000 113 » : numéro étranger, gardé tel quel"
    ]


def test_114_runs_nothing_and_reads_the_date_of_excel(report):
    one = family(report, "114")
    (guardian,) = one.guardians
    assert guardian.last_name == '=HYPERLINK("http://exemple.invalid";"NOM")'
    assert (guardian.first_name, one.address_lines) == ("<b>Test</b>", ("@SUM(1+1)",))
    assert (one.children[0].last_name, one.children[0].birth_date) == ("+FORMULE", date(2018, 9, 1))
    assert guardian.mobile_phone == "06 39 98 01 14"
    assert sorted(told(report, 18)) == [
        "Ligne 18, colonne « Adresse 1 » : commence par « @ » : gardé comme un simple texte",
        "Ligne 18, colonne « Enfant - Nom » : commence par « + » : gardé comme un simple texte",
        "Ligne 18, colonne « Nom de naissance » : commence par « = » : gardé comme un simple texte",
        "Ligne 18, colonne « Tél. mobile » : « - » en tête retiré",
    ]


def test_115_gets_its_zero_back_and_drops_the_time(report):
    one = family(report, "115")
    assert (one.postal_code, one.children[0].birth_date) == ("01000", date(2018, 9, 1))
    assert told(report, 19) == ["Ligne 19, colonne « CP » : « 1000 » lu « 01000 » : le tableur a perdu le zéro"]
