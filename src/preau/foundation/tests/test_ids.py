"""Identifiers that nobody guesses, and that a hand can copy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.foundation import ids


def test_public_ids_are_long_and_differ():
    made = {ids.public_id() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(one) for one in made} == {22}


@pytest.mark.parametrize(("bits", "length"), [(1, 1), (5, 1), (6, 2), (64, 13), (80, 16), (128, 26)])
def test_a_code_has_enough_characters_for_its_bits(bits, length):
    code = ids.base32(bits)
    assert len(code) == length
    assert set(code) <= set(ids.BASE32)


def test_no_letter_of_a_code_looks_like_another():
    assert len(set(ids.BASE32)) == 32
    assert not set("ILOU") & set(ids.BASE32)


def test_every_character_is_drawn():
    assert set("".join(ids.base32(80) for _ in range(200))) == set(ids.BASE32)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("k7qf-3mxr", "K7QF3MXR"),
        (" K7QF 3MXR ", "K7QF3MXR"),
        ("KOIL-O0I1", "K01100" + "11"),
        ("", ""),
        ("é'\x00;--", "É"),
    ],
)
def test_a_code_is_read_as_people_copy_it(typed, read):
    assert ids.ungrouped(typed) == read


@given(st.text(alphabet=ids.BASE32, min_size=1, max_size=32), st.integers(1, 8))
def test_a_code_cut_for_the_eye_reads_back(code, size):
    assert ids.ungrouped(ids.grouped(code, size).lower()) == code
