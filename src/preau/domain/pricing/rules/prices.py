"""The price of a unit: pure, exact inside, whole cents outside (ADR 0020)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from preau.domain.pricing.rules import sentences
from preau.domain.pricing.rules.grids import Basis, Circumstances, Grid, Line, Rounding
from preau.domain.pricing.rules.spans import EVERY_QUOTIENT, Span, common, without

_HOUR = 60


@dataclass(frozen=True, slots=True)
class Quote:
    """A price, the version that made it, how it is counted, and the French sentences that explain it, in order."""

    cents: int
    version_id: int
    unit_label: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """What a grid asks in some circumstances, and why."""

    cents: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """The line that makes the price, and the quotient it is made with: None is more than any."""

    line: Line
    quotient_cents: int | None


def price(grid: Grid, about: Circumstances) -> Price | None:
    """What the first line that fits asks; None when no line does.

    In this order: the line's price, for the minutes asked (a price is then that of an hour), rounded; the surcharge
    of a late booking, rounded too; the legal cap, by the hour as prices are. An unknown quotient pays what the
    quotient that pays most would.
    """
    choice, reasons = _choose(grid, about)
    if choice is None:
        return None
    cents = _plain_cents(choice, about.minutes, grid.rounding)
    reasons += sentences.of_line(choice.line, about.quotient, choice.quotient_cents, about.minutes, grid.rounding)
    if about.minutes is not None:
        reasons.append(sentences.of_duration(about.minutes, cents, grid.rounding))
    if about.is_late and (added := _surcharge(grid, cents)):
        reasons.append(sentences.of_surcharge(grid, added))
        cents += added
    if (cap := _cap(grid, about.minutes)) is not None and cents > cap:
        reasons.append(sentences.of_cap(cap))
        cents = cap
    return Price(cents, tuple(reasons))


def fits(line: Line, about: Circumstances) -> bool:
    """Whether a line concerns these circumstances, whatever the quotient."""
    return (
        (not line.town_links or about.town_link in line.town_links)
        and (line.rank_from is None or about.rank >= line.rank_from)
        and (not line.levels or about.level in line.levels)
        and (not line.day_kinds or about.day_kind in line.day_kinds)
    )


def serving(lines: Sequence[Line], about: Circumstances) -> Iterator[tuple[int, list[Span]]]:
    """Places (from 0) of the lines that make the price of somebody there, with the quotients that each takes first."""
    left = [EVERY_QUOTIENT]
    for place, line in enumerate(lines):
        if fits(line, about) and (mine := common(left, line.span)):
            yield place, mine
            left = without(left, line.span)


def round_half_up(exact: Fraction, step: int) -> int:
    """To the nearest multiple of `step`, a half going up: the one place where cents are rounded."""
    return int(exact / step + Fraction(1, 2)) * step


def _choose(grid: Grid, about: Circumstances) -> tuple[_Choice | None, list[str]]:
    served = [(grid.lines[place], spans) for place, spans in serving(grid.lines, about)]
    asks = any(line.asks_quotient for line, _ in served)
    known = about.quotient
    if known is None:
        choices = [_Choice(line, spans[-1].last) for line, spans in served]
        dearest = max(choices, key=lambda choice: _plain_cents(choice, about.minutes, grid.rounding), default=None)
        return dearest, [sentences.UNKNOWN_QUOTIENT] if asks else []
    line = next((line for line, spans in served if any(known.cents in span for span in spans)), None)
    told = [sentences.of_quotient(known)] if asks else []
    return _Choice(line, known.cents) if line else None, told


def _exact(choice: _Choice) -> Fraction:
    """Cents before any rounding, between the floor and the ceiling of an effort rate."""
    line = choice.line
    if line.basis == Basis.FIXED:
        return Fraction(line.price_cents or 0)
    floor, ceiling = Fraction(line.floor_cents or 0), Fraction(line.ceiling_cents or 0)
    if choice.quotient_cents is None:
        return ceiling
    return min(max(choice.quotient_cents * Fraction(line.rate or 0), floor), ceiling)


def _plain_cents(choice: _Choice, minutes: int | None, rounding: Rounding) -> int:
    """What is written in the deliberation (a fixed price, a floor, a ceiling) is never rounded, except by the hour."""
    exact = _exact(choice)
    if minutes is not None:
        return round_half_up(exact * minutes / _HOUR, rounding.step)
    line, rounded = choice.line, round_half_up(exact, rounding.step)
    if line.basis == Basis.FIXED:
        return line.price_cents or 0
    return min(max(rounded, line.floor_cents or 0), line.ceiling_cents or 0)


def _surcharge(grid: Grid, cents: int) -> int:
    part = Fraction(cents * grid.late_surcharge_percent, 100)
    return grid.late_surcharge_cents + round_half_up(part, grid.rounding.step)


def _cap(grid: Grid, minutes: int | None) -> int | None:
    if grid.cap_cents is None or minutes is None:
        return grid.cap_cents
    return grid.cap_cents * minutes // _HOUR
