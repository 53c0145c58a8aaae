"""Recognising people: pure computations, no database."""

from datetime import date

import pytest

from preau.domain.families.rules import news, pair_adults, pair_children, same_file_name
from preau.domain.families.tests.conftest import adult, child

BORN = date(2018, 3, 9)


def _nobody_is_free(_adult) -> bool:
    return False


def _pairs(known, told, is_free=_nobody_is_free):
    return [(pair.known, pair.rank) for pair in pair_adults(known, told, is_free=is_free)]


def test_news_are_the_filled_cells_that_differ():
    known = adult(email="lina@exemple.fr", mobile_phone="06 39 98 01 01")
    told = {"email": "", "mobile_phone": "06 39 98 01 02", "birth_date": None, "first_name": "Lina"}
    assert news(known, told) == {"mobile_phone": "06 39 98 01 02"}


@pytest.mark.parametrize(
    ("known", "told", "same"),
    [
        (child("Zoé", BORN), child("ZOE", BORN), True),
        (child("Zoé", BORN), child("Zoé", date(2018, 3, 10)), False),
        (child("Zoé", BORN), child("Léo", BORN), False),
        (child("Zoé", None), child("Zoé", BORN), True),
        (child("Zoé", BORN), child("Zoé", None), True),
    ],
)
def test_a_child_is_known_by_name_and_birth_date(known, told, same):
    assert pair_children([known], [told]) == [(told, known if same else None)]


def test_a_child_without_birth_date_is_nobody_when_two_have_its_name():
    twins = [child("Zoé", BORN), child("Zoé", date(2020, 1, 1))]
    told = child("Zoé", None)
    assert pair_children(twins, [told]) == [(told, None)]


def test_the_exact_birth_date_wins_over_the_unknown_one():
    known = [child("Zoé", None, school="A"), child("Zoé", BORN, school="B")]
    told = [child("Zoé", BORN), child("Zoé", date(2020, 1, 1))]
    assert pair_children(known, told) == [(told[0], known[1]), (told[1], known[0])]


def test_adults_are_known_by_name_whatever_their_order():
    lina, marc = adult("Roux", "Lina"), adult("Petit", "Marc")
    assert _pairs({1: lina, 2: marc}, [adult("PETIT", "Marc"), adult("ROUX", "Lina")]) == [(marc, None), (lina, None)]


@pytest.mark.parametrize(
    "told",
    [
        adult("Roux-Petit", "Lina"),
        adult("Durand", "Lisa", email="LINA@exemple.fr"),
        adult("Durand", "Lisa", birth_date=date(1990, 1, 1)),
    ],
)
def test_an_adult_who_keeps_something_is_the_same_person(told):
    lina = adult("Roux", "Lina", email="lina@exemple.fr", birth_date=date(1990, 1, 1))
    assert _pairs({1: lina}, [told]) == [(lina, None)]


def test_a_free_row_is_taken_over_by_somebody_else():
    lina = adult("Roux", "Lina")
    assert _pairs({1: lina}, [adult("Durand", "Paul")], is_free=lambda _: True) == [(lina, None)]


def test_a_login_never_passes_to_somebody_else():
    lina = adult("Roux", "Lina")
    assert _pairs({1: lina}, [adult("Durand", "Paul")]) == [(None, 2)]


def test_there_is_no_room_for_a_third_adult():
    known = {1: adult("Roux", "Lina"), 2: adult("Petit", "Marc")}
    assert _pairs(known, [adult("Durand", "Paul")]) == [(None, None)]


def test_new_adults_take_their_own_rank_first():
    known = {1: adult("Roux", "Lina")}
    assert _pairs(known, [adult("Roux", "Lina"), adult("Petit", "Marc")]) == [(known[1], None), (None, 2)]


@pytest.mark.parametrize("typed", ["Delattre", " DELATTRE ", "délattre", "DELATTRE."])
def test_a_file_name_is_read_as_it_is_copied(typed):
    assert same_file_name("DELATTRE", typed)


def test_another_file_name_is_another():
    assert not same_file_name("DELATTRE", "DELATTE")
