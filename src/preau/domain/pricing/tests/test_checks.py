"""What an agent types that cannot be a tariff, and the words that say it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from preau.domain.families.models import SchoolLevel
from preau.domain.pricing.rules import Basis, Grid, Line, grid_faults, overlaps
from preau.domain.pricing.tests.tariffs import plain

ALL = Line(price_cents=560)
EFFORT = Line(basis=Basis.EFFORT, rate=Decimal("0.0052"), floor_cents=100, ceiling_cents=600)


def told(*lines, **values):
    faults = grid_faults(Grid(lines=lines, **values))
    return [(fault.field, fault.line, *plain(fault.message)) for fault in faults]


@pytest.mark.parametrize(
    ("line", "field", "sentence"),
    [
        (Line(), "price_cents", "Écrivez un prix comme 3,20, ou un taux comme 0,52 %."),
        (Line(price_cents=-1), "price_cents", "Écrivez un montant entre 0 et 1 000 000,00 €."),
        (Line(price_cents=100_000_001), "price_cents", "Écrivez un montant entre 0 et 1 000 000,00 €."),
        (Line(price_cents=1, floor_cents=1), "floor_cents", "Un prix fixe n’a ni plancher ni plafond."),
        (replace(EFFORT, price_cents=1), "price_cents", "Une ligne a un prix ou un taux, pas les deux."),
        (replace(EFFORT, rate=None), "rate", "Écrivez un taux entre 0 et 100 %."),
        (replace(EFFORT, rate=Decimal(0)), "rate", "Écrivez un taux entre 0 et 100 %."),
        (replace(EFFORT, rate=Decimal("1.0000001")), "rate", "Écrivez un taux entre 0 et 100 %."),
        (replace(EFFORT, rate=Decimal("0.00520001")), "rate", "Écrivez un taux de cinq décimales au plus."),
        (replace(EFFORT, floor_cents=None), "floor_cents", "Un taux d’effort a un plancher (0 s’il n’y en a pas)."),
        (replace(EFFORT, ceiling_cents=None), "ceiling_cents", "Un taux d’effort a un plafond."),
        (replace(EFFORT, floor_cents=601), "ceiling_cents", "Le plafond est au moins le plancher."),
        (
            replace(ALL, quotient_from_cents=50_000, quotient_to_cents=50_000),
            "quotient_to_cents",
            "La tranche finit avant de commencer : écrivez plus que 500,00 €.",
        ),
        (
            replace(ALL, quotient_to_cents=0),
            "quotient_to_cents",
            "La tranche finit avant de commencer : écrivez plus que 0,00 €.",
        ),
        (replace(ALL, rank_from=0), "rank_from", "Écrivez un rang entre 1 et 20."),
        (replace(ALL, rank_from=21), "rank_from", "Écrivez un rang entre 1 et 20."),
        (replace(ALL, town_links=("moon",)), "town_links", "Choisissez dans la liste."),
        (replace(ALL, levels=("CP", "CP")), "levels", "Choisissez dans la liste."),
        (replace(ALL, day_kinds=("sunday",)), "day_kinds", "Choisissez dans la liste."),
    ],
)
def test_each_fault_of_a_line_is_told_at_its_field(line, field, sentence):
    assert told(line, ALL) == [(field, 1, sentence)]


@pytest.mark.parametrize(
    ("line", "field"), [(Line(price_cents=511), "price_cents"), (replace(EFFORT, ceiling_cents=511), "ceiling_cents")]
)
def test_a_price_above_the_legal_cap_is_refused(line, field):
    assert told(line, cap_cents=510) == [(field, 1, "C’est plus que le plafond légal, 5,10 €.")]
    assert told(line, cap_cents=511) == []


def test_a_tariff_has_lines_and_not_too_many():
    assert told() == [("", None, "Écrivez au moins une ligne.")]
    assert told(*[ALL] * 61) == [("", None, "Une grille a 60 lignes au plus.")]


@pytest.mark.parametrize(
    ("lines", "left_out"),
    [
        ([replace(ALL, quotient_to_cents=80_000)], "quotient de 800,00 € et plus"),
        (
            [replace(ALL, quotient_to_cents=50_000), replace(ALL, quotient_from_cents=50_001)],
            "quotient de 500,00 € à moins de 500,01 €",
        ),
        ([replace(ALL, quotient_from_cents=1)], "quotient en dessous de 0,01 €"),
        ([replace(ALL, town_links=("resident", "schooled", "working"))], "hors commune"),
        ([replace(ALL, rank_from=2)], "1er enfant"),
        ([replace(ALL, levels=tuple(SchoolLevel.values))], "classe inconnue ou que la grille ne nomme pas"),
        (
            [replace(ALL, day_kinds=("school",)), replace(ALL, town_links=("resident",))],
            (
                "scolarisé dans la commune, mercredi d’école ; scolarisé dans la commune, jour de vacances ; "
                "un parent y travaille, mercredi d’école ; …"
            ),
        ),
        (
            [replace(ALL, town_links=("none",)), replace(ALL, quotient_to_cents=50_000)],
            (
                "quotient de 500,00 € et plus, habite la commune ; quotient de 500,00 € et plus, scolarisé "
                "dans la commune ; quotient de 500,00 € et plus, un parent y travaille"
            ),
        ),
    ],
)
def test_whoever_has_no_price_is_named(lines, left_out):
    sentence = f"Ces familles n’ont pas de prix : {left_out}. Terminez la grille par une ligne sans condition."
    assert told(*lines) == [("", None, sentence)]


def test_a_line_that_serves_nobody_is_told_at_its_place():
    useless = "Cette ligne ne sert jamais : les lignes d’avant prennent déjà tous ceux qu’elle vise."
    assert told(replace(ALL, quotient_to_cents=50_000), ALL, ALL) == [("", 3, useless)]
    both = [replace(ALL, quotient_to_cents=50_000), replace(ALL, quotient_from_cents=50_000)]
    assert told(*both, replace(ALL, town_links=("none",))) == [("", 3, useless)]


def test_a_specific_line_before_a_general_one_is_the_rule_and_not_an_overlap():
    lines = [replace(ALL, quotient_to_cents=50_000, town_links=("resident",)), replace(ALL, town_links=("resident",))]
    assert overlaps([*lines, ALL]) == []


def test_brackets_that_cross_say_which_line_decides():
    lines = [
        replace(ALL, quotient_to_cents=50_000),
        replace(ALL, quotient_from_cents=40_000, quotient_to_cents=80_000),
        replace(ALL, town_links=("none",)),
        ALL,
    ]
    assert plain(*overlaps(lines)) == (
        "Lignes 1 et 2 : pour « quotient de 400,00 € à moins de 500,00 € », c’est la ligne 1 qui vaut.",
        "Lignes 1 et 3 : pour « quotient en dessous de 500,00 €, hors commune », c’est la ligne 1 qui vaut.",
        "Lignes 2 et 3 : pour « quotient de 400,00 € à moins de 800,00 €, hors commune », c’est la ligne 2 qui vaut.",
    )


def test_lines_for_different_people_share_nobody():
    assert overlaps([replace(ALL, town_links=("none",)), replace(ALL, town_links=("working",))]) == []
    assert overlaps([replace(ALL, quotient_to_cents=10), replace(ALL, quotient_from_cents=10)]) == []
