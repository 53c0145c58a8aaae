"""Fields, amounts and names as they travel between us and banks (N7, N8)."""

import pytest

from preau.foundation.money import read_cents
from preau.foundation.text import ascii_only
from preau.foundation.wire import single_fields


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a=1&b=", {"a": "1", "b": ""}),
        ("a=%C3%A9+x", {"a": "é x"}),
        ("", {}),
        ("a=1&a=1", None),
        ("&".join(f"a{n}=1" for n in range(201)), None),
    ],
    ids=["blank kept", "decoded", "empty", "twice", "too many"],
)
def test_a_message_has_each_field_once(text, fields):
    assert single_fields(text) == fields


@pytest.mark.parametrize(
    ("digits", "cents"),
    [("4250", 4250), ("050", 50), ("0", 0), *((text, None) for text in ("", "42,50", "-1", "+1", " 1", "١", "1" * 13))],
)
def test_an_amount_is_digits_alone(digits, cents):
    assert read_cents(digits) == cents


@pytest.mark.parametrize(
    ("text", "longest", "bare"),
    [
        ("L’Haÿ-les-Roses", 50, "L Hay les Roses"),
        ("Œuf & Cie\n« Été »", 50, "OEuf Cie Ete"),
        ("李 明", 50, ""),
        ("un deux trois", 8, "un deux"),
    ],
)
def test_a_name_is_letters_and_digits(text, longest, bare):
    assert ascii_only(text, longest) == bare
