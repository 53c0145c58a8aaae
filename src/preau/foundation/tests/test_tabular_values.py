"""Cells as French offices and their spreadsheets write them."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.foundation.tabular import (
    is_email,
    parse_date,
    parse_email,
    parse_key,
    parse_month,
    parse_phone,
    parse_postal_code,
    parse_quantity,
)

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def narrow(sentence):
    return sentence.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01/09/2026", date(2026, 9, 1)),
        ("1/9/2018", date(2018, 9, 1)),
        ("01-09-2018", date(2018, 9, 1)),
        ("01.09.2018", date(2018, 9, 1)),
        ("2026-09-01", date(2026, 9, 1)),
        ("2018-09-01 00:00:00", date(2018, 9, 1)),
        ("2018-09-01T08:30:00.000", date(2018, 9, 1)),
        ("01/09/2018 08:30", date(2018, 9, 1)),
        ("1er septembre 2026", date(2026, 9, 1)),
        ("5 août 2019", date(2019, 8, 5)),
        ("43344", date(2018, 9, 1)),
        ("43344,0", date(2018, 9, 1)),
        ("29/02/1984", date(1984, 2, 29)),
        ("05/03/19", date(2019, 3, 5)),
        ("05/03/26", date(2026, 3, 5)),
        ("05/03/27", date(1927, 3, 5)),
    ],
)
def test_dates_are_read(text, day):
    assert parse_date(text, last_year=2026) == day


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31/02/2019", "« 31/02/2019 » n’existe pas dans le calendrier"),
        ("32/10/2026", "« 32/10/2026 » n’existe pas dans le calendrier"),
        ("29/02/2026", "« 29/02/2026 » n’existe pas dans le calendrier"),
        ("12/31/2026", "« 12/31/2026 » n’existe pas dans le calendrier"),
        ("00/00/0000", "« 00/00/0000 » n’existe pas dans le calendrier"),
        ("01/01/1806", "« 01/01/1806 » : année hors de 1900-2100"),
        ("??/??/????", "« ??/??/???? » n’est pas une date (jj/mm/aaaa attendu)"),
        ("2018", "« 2018 » n’est pas une date (jj/mm/aaaa attendu)"),
        ("1 brumaire 1999", "« 1 brumaire 1999 » n’est pas une date (jj/mm/aaaa attendu)"),
        ("01/09-2018 x", "« 01/09-2018 x » n’est pas une date (jj/mm/aaaa attendu)"),
    ],
)
def test_impossible_dates_are_refused(text, reason):
    with pytest.raises(ValueError) as refusal:
        parse_date(text, last_year=2026)
    assert narrow(str(refusal.value)) == reason


@given(DAYS)
def test_written_dates_read_back(day):
    french = f"{day.day:02}/{day.month:02}/{day.year}"
    serial = str((day - date(1899, 12, 30)) // timedelta(days=1))
    assert parse_date(french, last_year=2026) == day
    assert parse_date(day.isoformat(), last_year=2026) == day
    if len(serial) == 5:
        assert parse_date(serial, last_year=2026) == day


@given(DAYS, st.integers(1999, 2100))
def test_years_of_two_digits_never_pass_the_last_year(day, last_year):
    assert last_year - 100 < parse_date(f"01/02/{day.year % 100:02}", last_year=last_year).year <= last_year


@pytest.mark.parametrize(
    "text", ["09/2026", "9/2026", "2026-09", "septembre 2026", "Sept. 2026", "sept-26", "SEPTEMBRE 2026", "01/09/2026"]
)
def test_months_are_read(text):
    assert parse_month(text, last_year=2036) == date(2026, 9, 1)


@pytest.mark.parametrize("text", ["13/2026", "2026-00", "15/09/2026", "septembre", "brumaire 2026", "2026", "T3 2026"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match=r"n’est pas un mois|n’existe pas"):
        parse_month(text, last_year=2036)


@pytest.mark.parametrize("text", ["101", "2026-000123", "A 12/3", "AV_7.b"])
def test_numbers_that_name_something_are_kept(text):
    assert parse_key(text, limit=20) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("А101", "« А101 » : lettres sans accent, chiffres, espaces et « - / . _ » seulement"),
        ("１０１", "« １０１ » : lettres sans accent, chiffres, espaces et « - / . _ » seulement"),
        ("=101", "« =101 » : lettres sans accent, chiffres, espaces et « - / . _ » seulement"),
        ("2,026E+09", "« 2,026E+09 » : numéro abîmé par le tableur, mettez la colonne au format texte"),
        ("1" * 21, f"« {'1' * 21} » : 21 caractères, 20 au plus"),
    ],
)
def test_look_alikes_and_spoilt_numbers_are_refused(text, reason):
    with pytest.raises(ValueError) as refusal:
        parse_key(text, limit=20)
    assert narrow(str(refusal.value)) == reason


def test_quantities_are_exact():
    assert [parse_quantity(text) for text in ("3", "2,5", "1.25", "-1", "4,00")] == [
        Decimal(text) for text in ("3", "2.5", "1.25", "-1", "4.00")
    ]


@pytest.mark.parametrize("text", ["x", "1,234", "1e3", "12345678", "1 000"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="n’est pas une quantité"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "value", "remark"),
    [
        ("05 36 49 01 01", "05 36 49 01 01", ""),
        ("06.39.98.01.01", "06 39 98 01 01", ""),
        ("06-39-98-01-05", "06 39 98 01 05", ""),
        ("06/39/98/01/05", "06 39 98 01 05", ""),
        ("0639980114", "06 39 98 01 14", ""),
        ("+33639980103", "06 39 98 01 03", ""),
        ("+33 (0)6 39 98 01 03", "06 39 98 01 03", ""),
        ("0033639980103", "06 39 98 01 03", ""),
        ("'+33639980103", "06 39 98 01 03", ""),
        ("+596 596 49 01 01", "05 96 49 01 01", ""),
        ("+262 262 49 01 01", "02 62 49 01 01", ""),
        ("639980101", "06 39 98 01 01", "« 639980101 » lu « 06 39 98 01 01 » : le tableur a perdu le zéro"),
        ("-0639980114", "06 39 98 01 14", "« - » en tête retiré"),
        ("+34 600 000 113", "+34 600 000 113", "« +34 600 000 113 » : numéro étranger, gardé tel quel"),
        ("n° inconnu", "", "« n° inconnu » n’est pas un numéro de téléphone ; case laissée vide"),
        ("6,4E+08", "", "« 6,4E+08 » n’est pas un numéro de téléphone ; case laissée vide"),
        ("3949", "", "« 3949 » n’est pas un numéro de téléphone ; case laissée vide"),
        (
            "06 39 98 01 01 / 06 39 98 01 02",
            "06 39 98 01 01",
            "« 06 39 98 01 01 » seul gardé, sur « 06 39 98 01 01 / 06 39 98 01 02 »",
        ),
        (
            "inconnu\n06 39 98 01 02",
            "06 39 98 01 02",
            "« 06 39 98 01 02 » seul gardé, sur « inconnu 06 39 98 01 02 »",
        ),
    ],
)
def test_phones(text, value, remark):
    found = parse_phone(text)
    assert (found.value, narrow(found.remark)) == (value, remark)


@pytest.mark.parametrize(
    ("text", "value", "remark"),
    [
        ("amelie.dupont@exemple.invalid", "amelie.dupont@exemple.invalid", ""),
        (" Sophie.Martin@Exemple.invalid ", "sophie.martin@exemple.invalid", ""),
        ("a@x.invalid ; b@x.invalid", "a@x.invalid", "« a@x.invalid » seule gardée, sur « a@x.invalid ; b@x.invalid »"),
        ("Léa <lea@x.invalid>", "lea@x.invalid", "« lea@x.invalid » seule gardée, sur « Léa <lea@x.invalid> »"),
        (
            "a@x.invalid\r\nBcc: b@x.invalid",
            "a@x.invalid",
            "« a@x.invalid » seule gardée, sur « a@x.invalid Bcc: b@x.invalid »",
        ),
        ("pas de mail", "", "« pas de mail » n’est pas une adresse e-mail ; case laissée vide"),
        ("a@b", "", "« a@b » n’est pas une adresse e-mail ; case laissée vide"),
    ],
)
def test_emails(text, value, remark):
    found = parse_email(text)
    assert (found.value, narrow(found.remark)) == (value, remark)


@given(st.text())
def test_whatever_is_kept_as_an_email_is_one(text):
    value = parse_email(text).value
    assert not value or is_email(value)


@pytest.mark.parametrize(
    ("text", "abroad", "value", "remark"),
    [
        ("97299", False, "97299", ""),
        ("97 299", False, "97299", ""),
        ("1000", False, "01000", "« 1000 » lu « 01000 » : le tableur a perdu le zéro"),
        ("1000", True, "1000", ""),
        ("SW1A 1AA", False, "SW1A 1AA", "« SW1A 1AA » : code postal étranger, gardé tel quel"),
        ("=1+1", False, "", "« =1+1 » n’est pas un code postal ; case laissée vide"),
    ],
)
def test_postal_codes(text, abroad, value, remark):
    found = parse_postal_code(text, abroad=abroad)
    assert (found.value, narrow(found.remark)) == (value, remark)


@given(st.text())
def test_parsers_refuse_in_no_other_way_than_value_error(text):
    for parse in (
        lambda: parse_date(text, last_year=2026),
        lambda: parse_month(text, last_year=2026),
        lambda: parse_key(text, limit=20),
        lambda: parse_quantity(text),
        lambda: parse_phone(text),
        lambda: parse_postal_code(text),
    ):
        with suppress(ValueError):
            parse()
