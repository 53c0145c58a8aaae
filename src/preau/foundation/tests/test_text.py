"""Text cleaned on the way in (F5), harmless on the way out (F2)."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.foundation.text import clean, csv_safe, fold, opens_formula, quoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Anaïs  Lou ", "Anaïs Lou"),
        ("Morne\u00a0Fleuri", "Morne Fleuri"),
        ("12 rue\r\ndes Lilas", "12 rue des Lilas"),
        ("Zoe\u0301", "Zoé"),
        ("\u202eABC\u202c", "ABC"),
        ("a\u200bb\x00c\x07", "abc"),
        ("\ufeffDupont", "Dupont"),
        ("<b>Léa</b> 🙂", "<b>Léa</b> 🙂"),
        ("'=1+1", "=1+1"),
        ("'t Hooft", "'t Hooft"),
    ],
)
def test_text_is_one_clean_line(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("D’ALMEIDA", "d'almeida"),
        (" Martin ", "MARTIN"),
        ("Œuvrard", "oeuvrard"),
        ("Cædmon", "CAEDMON"),
        ("R. du Marché", "r du  marche"),
        ("BERNARD--MOREAU", "Bernard Moreau"),
        ("Zoe\u0301", "Zoé"),
        ("Straße", "STRASSE"),
    ],
)
def test_what_people_type_is_compared_by_its_letters(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('=HYPERLINK("http://exemple.invalid")', '\'=HYPERLINK("http://exemple.invalid")'),
        ("@SUM(1+1)", "'@SUM(1+1)"),
        ("+33639980101", "'+33639980101"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'=1"),
        ("\r\nDupont", "Dupont"),
        ("  =1", "'=1"),
        ("＝1", "'＝1"),
        ("-84,60", "-84,60"),
        ("84,60", "84,60"),
        ("Dupont", "Dupont"),
        ("", ""),
    ],
)
def test_exported_cells_run_nothing(cell, expected):
    assert csv_safe(cell) == expected


@given(st.text())
def test_no_exported_cell_opens_a_formula(text):
    cell = csv_safe(text)
    assert not opens_formula(cell) or cell.replace(",", ".").removeprefix("-").replace(".", "").isdecimal()
    assert not cell.startswith(("\t", "\r", "\n"))


@given(st.text())
def test_our_exports_read_back(text):
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerow([csv_safe(text), "end"])
    file.seek(0)
    cells = next(csv.reader(file, delimiter=";", strict=True))
    assert clean(cells[0]) == clean(text)


@given(st.text())
def test_clean_text_is_stable(text):
    assert clean(clean(text)) == clean(text)


def test_quotes_stay_short():
    assert quoted("x" * 10_000) == f"«\u202f{'x' * 60}…\u202f»"
    assert quoted("31/02/2019\n") == "«\u202f31/02/2019\u202f»"
