"""Prices at their edges, and the sentences that explain them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from preau.domain.pricing.rules import Basis, Circumstances, Grid, Line, Quotient, Rounding, price
from preau.domain.pricing.rules.sentences import duration
from preau.domain.pricing.tests.tariffs import plain

BRACKETS = [
    Line(price_cents=100, quotient_to_cents=50_000),
    Line(price_cents=200, quotient_from_cents=50_000, quotient_to_cents=80_000),
    Line(price_cents=300, quotient_from_cents=80_000),
]
EFFORT = Line(basis=Basis.EFFORT, rate=Decimal("0.0052"), floor_cents=100, ceiling_cents=600)
UNKNOWN = "Quotient familial inconnu : le prix le plus élevé s’applique, jusqu’à ce que le quotient soit donné."


def somebody(quotient_cents=71_200, **values) -> Circumstances:
    known = None if quotient_cents is None else Quotient(cents=quotient_cents, valid_on=date(2026, 1, 1))
    return Circumstances(
        **{"quotient": known, "town_link": "resident", "rank": 1, "level": "CP", "day_kind": "school", **values}
    )


def asked(lines, about=None, **values):
    made = price(Grid(lines=lines, **values), about or somebody())
    return made.cents, plain(*made.reasons)


@pytest.mark.parametrize(
    ("quotient_cents", "cents"),
    [(0, 100), (49_999, 100), (50_000, 200), (79_999, 200), (80_000, 300), (10_000_000, 300), (None, 300)],
)
def test_a_bracket_holds_its_first_cent_and_not_its_last(quotient_cents, cents):
    assert asked(BRACKETS, somebody(quotient_cents))[0] == cents


@pytest.mark.parametrize(
    ("line", "about", "fits"),
    [
        (Line(price_cents=1, town_links=("resident", "working")), somebody(town_link="working"), True),
        (Line(price_cents=1, town_links=("resident",)), somebody(town_link="none"), False),
        (Line(price_cents=1, rank_from=2), somebody(rank=1), False),
        (Line(price_cents=1, rank_from=2), somebody(rank=2), True),
        (Line(price_cents=1, rank_from=2), somebody(rank=3), True),
        (Line(price_cents=1, levels=("CP", "CE1")), somebody(level="CE1"), True),
        (Line(price_cents=1, levels=("CP",)), somebody(level=""), False),
        (Line(price_cents=1, day_kinds=("wednesday",)), somebody(day_kind="holidays"), False),
    ],
)
def test_each_criterion_keeps_those_it_names(line, about, fits):
    assert (price(Grid(lines=[line]), about) is not None) is fits


def test_the_first_line_wins_whatever_comes_next():
    cheap, dear = Line(price_cents=100), Line(price_cents=900, town_links=("resident",))
    assert [asked([cheap, dear])[0], asked([dear, cheap])[0]] == [100, 900]


def test_lines_that_are_never_reached_do_not_make_an_unknown_quotient_dearer():
    lines = [Line(price_cents=320, town_links=("resident",)), Line(price_cents=560)]
    assert asked(lines, somebody(None)) == (320, ("Habite la commune : 3,20 €.",))


def test_an_effort_rate_says_its_multiplication():
    assert asked([EFFORT]) == (
        370,
        (
            "Quotient familial de 712,00 €, valable depuis le 1er janvier 2026.",
            "Pour tous : 0,52 % du quotient, de 1,00 € à 6,00 €.",
            "712,00 € × 0,52 % = 3,7024 €, arrondi au centime.",
        ),
    )


@pytest.mark.parametrize(
    ("quotient_cents", "cents", "told"),
    [
        (10_000, 100, "100,00 € × 0,52 % = 0,52 €, donc le plancher : 1,00 €."),
        (200_000, 600, "2 000,00 € × 0,52 % = 10,4 €, donc le plafond : 6,00 €."),
        (None, 600, "Au plus, le plafond : 6,00 €."),
    ],
)
def test_an_effort_rate_stops_at_its_floor_and_its_ceiling(quotient_cents, cents, told):
    made = asked([EFFORT], somebody(quotient_cents))
    assert (made[0], made[1][-1]) == (cents, told)


def test_an_unknown_quotient_pays_the_most_that_a_bounded_rate_asks():
    lines = [replace(EFFORT, quotient_to_cents=80_000), Line(price_cents=350)]
    cents, told = asked(lines, somebody(None))
    assert (cents, told[0]) == (416, UNKNOWN)
    assert told[-1] == "Au plus, 799,99 € × 0,52 % = 4,159948 €, arrondi au centime."


def test_an_unknown_quotient_is_above_the_last_bracket_that_a_rate_takes():
    middle = Line(price_cents=100, quotient_from_cents=40_000, quotient_to_cents=80_000)
    assert asked([middle, EFFORT], somebody(None))[0] == 600


@pytest.mark.parametrize(
    ("rounding", "cents"), [(Rounding.CENT, 363), (Rounding.FIVE_CENTS, 365), (Rounding.TEN_CENTS, 360)]
)
def test_a_computed_price_is_rounded_half_up_as_the_version_says(rounding, cents):
    half = replace(EFFORT, rate=Decimal("0.005"))
    assert asked([half], somebody(72_500), rounding=rounding)[0] == cents


def test_a_price_written_in_the_deliberation_is_not_rounded():
    assert asked([Line(price_cents=363)], rounding=Rounding.TEN_CENTS)[0] == 363
    odd = replace(EFFORT, floor_cents=103, ceiling_cents=597)
    edges = [asked([odd], somebody(quotient), rounding=Rounding.TEN_CENTS)[0] for quotient in (0, 500_000)]
    assert edges == [103, 597]


@pytest.mark.parametrize(("minutes", "cents"), [(60, 125), (90, 188), (1, 2), (45, 94), (600, 1250)])
def test_a_price_of_an_hour_is_counted_by_the_minute(minutes, cents):
    assert asked([Line(price_cents=125)], somebody(minutes=minutes))[0] == cents


def test_a_price_of_an_hour_says_its_hours():
    assert asked([EFFORT], somebody(minutes=150))[1][1:] == (
        "Pour tous : 0,52 % du quotient, de 1,00 € à 6,00 € de l’heure.",
        "712,00 € × 0,52 % = 3,7024 € de l’heure.",
        "2 h 30, arrondi au centime : 9,26 €.",
    )


@pytest.mark.parametrize(("minutes", "told"), [(45, "45 min"), (60, "1 h"), (65, "1 h 05")])
def test_hours_are_said_as_people_say_them(minutes, told):
    assert plain(duration(minutes)) == (told,)


@pytest.mark.parametrize(
    ("surcharge", "cents", "told"),
    [
        ({"late_surcharge_cents": 50}, 413, "Réservation tardive : majoration de 0,50 €."),
        ({"late_surcharge_percent": 10}, 399, "Réservation tardive : majoration de 10 %, soit 0,36 €."),
        (
            {"late_surcharge_cents": 50, "late_surcharge_percent": 10},
            449,
            "Réservation tardive : majoration de 10 % et de 0,50 €, soit 0,86 €.",
        ),
        ({}, 363, "Pour tous : 3,63 €."),
    ],
)
def test_a_late_booking_pays_its_surcharge_and_reads_it(surcharge, cents, told):
    late, in_time = (asked([Line(price_cents=363)], somebody(is_late=late), **surcharge) for late in (True, False))
    assert (late[0], late[1][-1]) == (cents, told)
    assert in_time == (363, ("Pour tous : 3,63 €.",))


def test_no_price_passes_the_legal_cap_surcharge_included():
    made = asked([Line(price_cents=500)], somebody(is_late=True), late_surcharge_cents=100, cap_cents=510)
    assert made == (
        510,
        (
            "Pour tous : 5,00 €.",
            "Réservation tardive : majoration de 1,00 €.",
            "Ramené à 5,10 €, le plafond légal : aucun prix ne le dépasse.",
        ),
    )


def test_the_cap_of_a_price_of_an_hour_is_that_of_an_hour():
    assert asked([Line(price_cents=500)], somebody(minutes=45), cap_cents=451)[0] == 338


def test_every_criterion_of_a_line_is_told():
    line = Line(
        price_cents=250,
        town_links=("resident", "schooled", "working"),
        rank_from=2,
        levels=("CP", "CE1"),
        day_kinds=("wednesday", "holidays"),
    )
    told = asked([line], somebody(rank=2, day_kind="wednesday"))[1]
    assert told == (
        (
            "Habite la commune, scolarisé dans la commune ou un parent y travaille, à partir du 2e enfant, CP ou CE1, "
            "mercredi d’école ou jour de vacances : 2,50 €."
        ),
    )
