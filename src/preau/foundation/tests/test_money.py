"""Amounts as people write them, to cents and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.foundation.money import format_cents, parse_cents

A_MILLION_MILLION_EUROS = 10**14


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("24,00 €", 2400),
        ("24,00\u00a0€", 2400),
        ("24.00", 2400),
        ("24", 2400),
        ("24,5", 2450),
        ("1 234,50", 123450),
        ("1\u202f234,50\u202f€", 123450),
        ("1.234,56", 123456),
        ("1.234.567,8", 123456780),
        ("1234.56", 123456),
        ("-4,70", -470),
        ("−4,70", -470),
        ("- 4,70 €", -470),
        ("+5", 500),
        ("(15,00)", -1500),
        ("(15,00 €)", -1500),
        ("(15,00) €", -1500),
        ("17,05EUR", 1705),
        ("12 euros", 1200),
        ("0", 0),
    ],
)
def test_french_amounts_are_read(text, cents):
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "",
        "€",
        "-",
        "NC",
        "12,345",
        "1.234",
        "12 34",
        "1,234.56",
        "(-5)",
        "-(5)",
        "1e3",
        "١٢",
        "12 13",
        "9" * 13,
        "9" * 5000,
    ],
)
def test_what_is_not_one_amount_is_refused_in_french(text):
    with pytest.raises(ValueError, match="n’est pas un montant") as refusal:
        parse_cents(text)
    assert len(str(refusal.value)) < 100


@pytest.mark.parametrize(
    ("cents", "text"),
    [(123450, "1\u202f234,50\u202f€"), (-470, "−4,70\u202f€"), (0, "0,00\u202f€"), (5, "0,05\u202f€")],
)
def test_amounts_are_written_the_french_way(cents, text):
    assert format_cents(cents) == text


@given(st.integers(min_value=1 - A_MILLION_MILLION_EUROS, max_value=A_MILLION_MILLION_EUROS - 1))
def test_an_amount_written_reads_back(cents):
    assert parse_cents(format_cents(cents)) == cents


@given(st.text())
def test_any_text_is_an_amount_or_a_refusal(text):
    try:
        cents = parse_cents(text)
    except ValueError:
        return
    assert abs(cents) < A_MILLION_MILLION_EUROS
