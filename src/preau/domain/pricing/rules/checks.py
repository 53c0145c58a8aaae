"""Whether lines make a tariff: each one right by itself, nobody without a price, no line for nobody."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from preau.domain.activities.rules.calendar import DayKind
from preau.domain.families.models import SchoolLevel, TownLink
from preau.domain.pricing.errors import Fault
from preau.domain.pricing.rules import sentences
from preau.domain.pricing.rules.grids import Basis, Circumstances, Grid, Line
from preau.domain.pricing.rules.prices import serving
from preau.domain.pricing.rules.spans import EVERY_QUOTIENT, Span, common, without
from preau.foundation.money import format_cents

LONGEST_GRID = 60
#: A million euros: more is a slip of the hand.
_MOST_CENTS = 100_000_000
_MOST_RANK = 20
#: Decimals kept of a rate.
_RATE_PLACES = 7
_GAPS_TOLD = 3
_NARROW = "\u202f"
_AMOUNTS = ("price_cents", "floor_cents", "ceiling_cents", "quotient_from_cents", "quotient_to_cents")


def grid_faults(grid: Grid) -> list[Fault]:
    """Everything that keeps a grid from being a tariff; empty when each family has its price."""
    if not grid.lines:
        return [Fault("Écrivez au moins une ligne.")]
    if len(grid.lines) > LONGEST_GRID:
        return [Fault(f"Une grille a {LONGEST_GRID} lignes au plus.")]
    faults = [
        Fault(message, field, number)
        for number, line in enumerate(grid.lines, 1)
        for field, message in line_faults(line, grid.cap_cents)
    ]
    if faults:
        return faults
    useless = [Fault(sentences.NEVER_USED, line=number) for number in _never_used(grid.lines)]
    return [*useless, *_left_out(grid.lines)]


def overlaps(lines: Sequence[Line]) -> list[str]:
    """Sentences about two lines that share families without one holding the other: the first of them decides."""
    told = []
    for (first, one), (second, other) in combinations(enumerate(lines, 1), 2):
        shared = _shared(one, other)
        if shared is not None and shared not in {_criteria(one), _criteria(other)}:
            told.append(sentences.of_overlap(first, second, shared))
    return told


def line_faults(line: Line, cap_cents: int | None = None) -> Iterator[tuple[str, str]]:
    """What is wrong with a line whatever the others: (field, sentence) pairs."""
    for name in _AMOUNTS:
        if (cents := getattr(line, name)) is not None and not 0 <= cents <= _MOST_CENTS:
            yield name, f"Écrivez un montant entre 0 et {format_cents(_MOST_CENTS)}."
    yield from _fixed_faults(line) if line.basis == Basis.FIXED else _effort_faults(line)
    dearest = "price_cents" if line.basis == Basis.FIXED else "ceiling_cents"
    if cap_cents is not None and (getattr(line, dearest) or 0) > cap_cents:
        yield dearest, f"C’est plus que le plafond légal, {format_cents(cap_cents)}."
    low, high = line.span.low, line.span.high
    if high is not None and high <= low:
        yield (
            "quotient_to_cents",
            f"La tranche finit avant de commencer{_NARROW}: écrivez plus que {format_cents(low)}.",
        )
    if line.rank_from is not None and not 1 <= line.rank_from <= _MOST_RANK:
        yield "rank_from", f"Écrivez un rang entre 1 et {_MOST_RANK}."
    for name, known in (("town_links", TownLink.values), ("levels", SchoolLevel.values), ("day_kinds", DayKind.values)):
        chosen = getattr(line, name)
        if len(set(chosen)) != len(chosen) or not set(chosen) <= set(known):
            yield name, "Choisissez dans la liste."


def _fixed_faults(line: Line) -> Iterator[tuple[str, str]]:
    if line.price_cents is None:
        yield "price_cents", "Écrivez un prix comme 3,20, ou un taux comme 0,52\u202f%."
    if (line.rate, line.floor_cents, line.ceiling_cents) != (None, None, None):
        yield "floor_cents", "Un prix fixe n’a ni plancher ni plafond."


def _effort_faults(line: Line) -> Iterator[tuple[str, str]]:
    if line.price_cents is not None:
        yield "price_cents", "Une ligne a un prix ou un taux, pas les deux."
    if line.rate is None or not 0 < line.rate <= 1:
        yield "rate", "Écrivez un taux entre 0 et 100\u202f%."
    elif line.rate != round(line.rate, _RATE_PLACES):
        yield "rate", "Écrivez un taux de cinq décimales au plus."
    if line.floor_cents is None:
        yield "floor_cents", "Un taux d’effort a un plancher (0 s’il n’y en a pas)."
    if line.ceiling_cents is None:
        yield "ceiling_cents", "Un taux d’effort a un plafond."
    elif line.floor_cents is not None and line.ceiling_cents < line.floor_cents:
        yield "ceiling_cents", "Le plafond est au moins le plancher."


def _never_used(lines: Sequence[Line]) -> list[int]:
    """Numbers of the lines that make nobody's price."""
    used = {place for about in _everybody(lines) for place, _ in serving(lines, about)}
    return [place + 1 for place in range(len(lines)) if place not in used]


def _left_out(lines: Sequence[Line]) -> list[Fault]:
    """One sentence that names the first families without a price."""
    everybody = list(_everybody(lines))
    gaps = {(about, span): None for about in everybody for span in _unpriced(lines, about)}
    told: dict[str, None] = {}
    for about, span in gaps:
        told[sentences.of_situation(span, **_telling(about, span, gaps, everybody))] = None
        if len(told) > _GAPS_TOLD:
            break
    more = ["…"] if len(told) > _GAPS_TOLD else []
    return [Fault(sentences.of_gap([*list(told)[:_GAPS_TOLD], *more]))] if told else []


def _unpriced(lines: Sequence[Line], about: Circumstances) -> list[Span]:
    left = [EVERY_QUOTIENT]
    for _, spans in serving(lines, about):
        for span in spans:
            left = without(left, span)
    return left


def _everybody(lines: Sequence[Line]) -> Iterator[Circumstances]:
    """Each situation that the lines tell apart, once, whatever the quotient."""
    ranks = sorted({1, *(line.rank_from for line in lines if line.rank_from is not None)})
    levels = ["", *(level for level in SchoolLevel.values if any(level in line.levels for line in lines))]
    kinds = list(DayKind.values) if any(line.day_kinds for line in lines) else [""]
    links = list(TownLink.values) if any(line.town_links for line in lines) else [""]
    for link, rank, level, kind in product(links, ranks, levels, kinds):
        yield Circumstances(quotient=None, town_link=link, rank=rank, level=level, day_kind=kind)


def _telling(
    about: Circumstances, span: Span, gaps: Container[tuple[Circumstances, Span]], everybody: Sequence[Circumstances]
) -> dict[str, Any]:
    """What tells apart those whom a gap leaves out, by name of the criterion."""
    told = {}
    for name in ("town_link", "rank", "level", "day_kind"):
        values = dict.fromkeys(getattr(one, name) for one in everybody)
        if not all((replace(about, **{name: value}), span) in gaps for value in values):
            told[name] = getattr(about, name)
    return told


def _criteria(line: Line) -> Line:
    """Whom a line concerns, without what they pay, said in one way only."""
    span = line.span
    return Line(
        quotient_from_cents=span.low or None,
        quotient_to_cents=span.high,
        town_links=_some_of(line.town_links, TownLink.values),
        rank_from=None if line.rank_from == 1 else line.rank_from,
        levels=tuple(level for level in SchoolLevel.values if level in line.levels),
        day_kinds=_some_of(line.day_kinds, DayKind.values),
    )


def _shared(one: Line, other: Line) -> Line | None:
    """Whom two lines both concern; None: nobody."""
    one, other = _criteria(one), _criteria(other)
    spans = common([one.span], other.span)
    sets: dict[str, Any] = {}
    for name in ("town_links", "levels", "day_kinds"):
        mine, theirs = getattr(one, name), getattr(other, name)
        sets[name] = tuple(value for value in mine if value in theirs) if mine and theirs else mine or theirs
        if mine and theirs and not sets[name]:
            return None
    if not spans:
        return None
    rank = max(one.rank_from or 1, other.rank_from or 1)
    return _criteria(Line(quotient_from_cents=spans[0].low, quotient_to_cents=spans[0].high, rank_from=rank, **sets))


def _some_of(chosen: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """In the order of the list; all of it is no criterion."""
    kept = tuple(value for value in known if value in chosen)
    return () if len(kept) == len(known) else kept
