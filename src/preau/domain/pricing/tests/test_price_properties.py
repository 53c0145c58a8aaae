"""What holds of every price, whatever the deliberation and the family."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from preau.domain.activities.rules.calendar import DayKind
from preau.domain.families.models import SchoolLevel, TownLink
from preau.domain.pricing.rules import (
    Basis,
    Circumstances,
    Grid,
    Line,
    Quotient,
    Rounding,
    grid_faults,
    overlaps,
    price,
)
from preau.domain.pricing.rules.prices import fits, round_half_up
from preau.domain.pricing.rules.spans import EVERY_QUOTIENT, Span, common, without

SOME_DAY = date(2026, 1, 1)
cents = st.integers(0, 3000)
quotients = st.integers(0, 300_000)
rates = st.integers(1, 200_000).map(lambda millionths: Decimal(millionths) / 10_000_000)


def some_of(values):
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


@st.composite
def lines(draw) -> Line:
    bounds = sorted(draw(st.lists(st.integers(1, 20).map(lambda step: step * 10_000), max_size=2, unique=True)))
    asked = {
        "quotient_from_cents": bounds[0] if bounds and draw(st.booleans()) else None,
        "quotient_to_cents": bounds[-1] if len(bounds) == 2 else None,
        "town_links": draw(some_of(TownLink.values)),
        "rank_from": draw(st.none() | st.integers(1, 3)),
        "levels": draw(some_of(["CP", "CM2"])),
        "day_kinds": draw(some_of(DayKind.values)),
    }
    if draw(st.booleans()):
        return Line(price_cents=draw(cents), **asked)
    floor, ceiling = sorted((draw(cents), draw(cents)))
    return Line(basis=Basis.EFFORT, rate=draw(rates), floor_cents=floor, ceiling_cents=ceiling, **asked)


grids = st.builds(
    Grid,
    lines=st.lists(lines(), min_size=1, max_size=6),
    rounding=st.sampled_from(Rounding),
    late_surcharge_cents=st.integers(0, 500),
    late_surcharge_percent=st.integers(0, 100),
    cap_cents=st.none() | st.integers(0, 2000),
)
situations = st.builds(
    Circumstances,
    quotient=st.none() | st.builds(Quotient, cents=quotients, valid_on=st.just(SOME_DAY)),
    town_link=st.sampled_from(TownLink.values),
    rank=st.integers(1, 4),
    level=st.sampled_from(["", "CP", "CM2", "PS"]),
    day_kind=st.sampled_from(DayKind.values),
    is_late=st.booleans(),
    minutes=st.none() | st.integers(1, 600),
)


def at(about: Circumstances, quotient_cents: int | None) -> Circumstances:
    known = None if quotient_cents is None else Quotient(cents=quotient_cents, valid_on=SOME_DAY)
    return replace(about, quotient=known)


def first_fitting(grid: Grid, about: Circumstances) -> Line | None:
    """The oracle: reads the grid from the top, as the agent who wrote it."""
    known = about.quotient.cents
    for line in grid.lines:
        low, high = line.quotient_from_cents or 0, line.quotient_to_cents
        if fits(line, about) and low <= known and (high is None or known < high):
            return line
    return None


@given(grids, situations, quotients)
def test_the_first_line_that_fits_makes_the_price(grid, about, quotient_cents):
    about = at(about, quotient_cents)
    line, made = first_fitting(grid, about), price(grid, about)
    if line is None:
        assert made is None
        return
    alone = price(replace(grid, lines=[line]), about)
    assert made.cents == alone.cents
    assert made.reasons[-len(alone.reasons) :] == alone.reasons


@given(grids, situations)
def test_a_price_is_whole_cents_and_every_price_says_why(grid, about):
    made = price(grid, about)
    assume(made is not None)
    assert type(made.cents) is int
    assert made.cents >= 0
    assert made.reasons
    assert all(sentence.endswith(".") and "None" not in sentence for sentence in made.reasons)


@given(grids, situations, quotients)
def test_an_unknown_quotient_is_never_cheaper_than_a_known_one(grid, about, quotient_cents):
    known, unknown = price(grid, at(about, quotient_cents)), price(grid, at(about, None))
    assume(known is not None)
    assert unknown.cents >= known.cents


@given(grids, situations)
def test_an_unknown_quotient_pays_what_some_family_pays(grid, about):
    unknown = price(grid, at(about, None))
    assume(unknown is not None)
    edges = {line.quotient_to_cents - 1 for line in grid.lines if line.quotient_to_cents}
    edges |= {line.quotient_from_cents or 0 for line in grid.lines} | {3000 * 10_000_000 + 300_000}
    asked = [price(grid, at(about, edge)) for edge in edges | {edge - 1 for edge in edges if edge}]
    assert unknown.cents == max(made.cents for made in asked if made is not None)


@given(grids, situations, st.integers(0, 2000))
def test_the_cap_is_never_exceeded_and_changes_nothing_under_it(grid, about, cap):
    made, free = (price(replace(grid, cap_cents=one), about) for one in (cap, None))
    assume(made is not None)
    cap = cap if about.minutes is None else cap * about.minutes // 60
    assert made.cents == min(free.cents, cap)
    assert (made.reasons == free.reasons) is (free.cents <= cap)


@given(grids, situations)
def test_a_surcharge_is_a_reason_of_its_own(grid, about):
    grid = replace(grid, cap_cents=None)
    late, plain = (price(grid, replace(about, is_late=is_late)) for is_late in (True, False))
    assume(late is not None)
    added = late.cents - plain.cents
    assert added >= grid.late_surcharge_cents
    assert len(late.reasons) - len(plain.reasons) == (added > 0)
    assert late.reasons[: len(plain.reasons)] == plain.reasons


@given(lines(), st.sampled_from(Rounding), quotients, quotients)
def test_an_effort_rate_grows_with_the_quotient_between_its_floor_and_its_ceiling(line, rounding, one, other):
    assume(line.basis == Basis.EFFORT)
    grid = Grid(lines=[replace(line, quotient_from_cents=None, quotient_to_cents=None)], rounding=rounding)
    about = Circumstances(
        quotient=None,
        town_link=(line.town_links or ("none",))[0],
        rank=9,
        level=(line.levels or ("",))[0],
        day_kind=(line.day_kinds or ("school",))[0],
    )
    low, high = (price(grid, at(about, known)).cents for known in sorted((one, other)))
    assert line.floor_cents <= low <= high <= line.ceiling_cents


@given(st.fractions(min_value=0, max_value=100_000), st.sampled_from(Rounding))
def test_rounding_goes_to_the_nearest_step_and_a_half_goes_up(exact, rounding):
    rounded = round_half_up(exact, rounding.step)
    assert rounded % rounding.step == 0
    assert -Fraction(rounding.step, 2) < rounded - exact <= Fraction(rounding.step, 2)


def _edges(grid: Grid) -> set[int]:
    bounds = {bound for line in grid.lines for bound in (line.quotient_from_cents, line.quotient_to_cents)}
    return {bound or 0 for bound in bounds}


@given(grids)
def test_a_grid_without_fault_prices_everybody_and_each_line_serves(grid):
    grid = Grid(lines=[*grid.lines[:2], Line(price_cents=500)])
    assume(not grid_faults(grid))
    used = set()
    for link, rank, level, kind in product(TownLink.values, (1, 2, 3), ("", "CP", "CM2"), DayKind.values):
        about = Circumstances(quotient=None, town_link=link, rank=rank, level=level, day_kind=kind)
        found = [first_fitting(grid, at(about, edge)) for edge in _edges(grid)]
        assert None not in found
        used |= {id(line) for line in found}
    assert used == {id(line) for line in grid.lines}


@given(st.lists(lines(), min_size=1, max_size=5))
def test_a_refused_grid_says_why_and_overlaps_name_the_line_that_decides(several):
    faults = grid_faults(Grid(lines=several))
    assert all(fault.message for fault in faults)
    assert all("None" not in told for told in overlaps(several))


@pytest.mark.parametrize("exact", [Fraction(5, 2), Fraction(7, 2)])
def test_a_half_goes_up_and_not_to_the_even_one(exact):
    assert round_half_up(exact, 1) == exact + Fraction(1, 2)


@given(st.lists(st.builds(lambda low, size: Span(low, low + size), st.integers(0, 50), st.integers(1, 30)), max_size=5))
def test_spans_taken_away_leave_the_rest(taken):
    left = [EVERY_QUOTIENT]
    for span in taken:
        left = without(left, span)
    for point in range(90):
        is_left = any(point in span for span in left)
        assert is_left is not any(point in span for span in taken)
        assert is_left is any(point in span for one in left for span in common([one], EVERY_QUOTIENT))


def test_every_class_is_a_word_of_the_grid():
    about = Circumstances(quotient=None, town_link="none", rank=1, level="ULIS", day_kind="school")
    line = Line(price_cents=100, levels=tuple(SchoolLevel.values))
    assert price(Grid(lines=[line]), about).cents == 100
