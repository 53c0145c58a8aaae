"""Prices explained: sentences for a parent, and for the agent who answers on the phone."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from preau.domain.activities.rules.calendar import DayKind
from preau.domain.families.models import SchoolLevel, TownLink
from preau.domain.pricing.rules.grids import Basis, Grid, Line, Quotient, Rounding
from preau.domain.pricing.rules.spans import Span
from preau.foundation import french
from preau.foundation.money import format_cents

_NARROW = "\u202f"
UNKNOWN_QUOTIENT = (
    f"Quotient familial inconnu{_NARROW}: le prix le plus élevé s’applique, jusqu’à ce que le quotient soit donné."
)
NEVER_USED = f"Cette ligne ne sert jamais{_NARROW}: les lignes d’avant prennent déjà tous ceux qu’elle vise."
_HOUR = 60


def of_version(name: str, deliberation: str, valid_from: date) -> str:
    """« Tarif « Repas », délibération n° 2026-41, en vigueur depuis le 1er septembre 2026. »."""
    quoted = f"«{_NARROW}{name}{_NARROW}»"
    return f"Tarif {quoted}, {deliberation}, en vigueur depuis le {french.day(valid_from)}."


def of_quotient(quotient: Quotient) -> str:
    """« Quotient familial de 712,00 €, valable depuis le 1er janvier 2026. »."""
    since = f", valable depuis le {french.day(quotient.valid_on)}" if quotient.valid_on else ""
    return f"Quotient familial de {format_cents(quotient.cents)}{since}."


def whom(line: Line) -> str:
    """« quotient de 500,00 € à moins de 800,00 €, habite la commune »; « pour tous » when it asks nothing."""
    asked = [
        bracket(line.span),
        _either(str(TownLink(link).label) for link in line.town_links),
        f"à partir du {_ordinal(line.rank_from)} enfant" if line.rank_from is not None else "",
        _either(str(SchoolLevel(level).label) for level in line.levels),
        _either(str(DayKind(kind).label) for kind in line.day_kinds),
    ]
    return ", ".join(filter(None, asked)) or "pour tous"


def what(line: Line) -> str:
    """« 3,20 € »; « 0,52 % du quotient, de 1,00 € à 6,00 € »."""
    if line.basis == Basis.FIXED:
        return format_cents(line.price_cents or 0)
    bounds = f"de {format_cents(line.floor_cents or 0)} à {format_cents(line.ceiling_cents or 0)}"
    return f"{percent(line.rate or Decimal(0))} du quotient, {bounds}"


def percent(part: Decimal) -> str:
    """0.0052 → « 0,52 % », every digit kept."""
    return f"{_plain(part * 100)}{_NARROW}%"


def duration(minutes: int) -> str:
    """« 2 h 30 », « 45 min »."""
    hours, rest = divmod(minutes, _HOUR)
    if not hours:
        return f"{rest}{_NARROW}min"
    return f"{hours}{_NARROW}h{_NARROW}{rest:02d}" if rest else f"{hours}{_NARROW}h"


def of_line(
    line: Line, known: Quotient | None, at_cents: int | None, minutes: int | None, rounding: Rounding
) -> list[str]:
    """What the line says, then how it makes the price; `at_cents` is the quotient used, None when it has no end."""
    by_hour = " de l’heure" if minutes is not None else ""
    steps = [f"{_capital(whom(line))}{_NARROW}: {what(line)}{by_hour}."]
    if line.basis == Basis.EFFORT:
        rounded = by_hour or f", arrondi {rounding.label}"
        steps.append(f"{'' if known else 'Au plus, '}{_effort(line, at_cents, rounded)}.")
    return steps


def of_duration(minutes: int, cents: int, rounding: Rounding) -> str:
    """« 2 h 30, arrondi au centime : 9,26 €. »."""
    return f"{duration(minutes)}, arrondi {rounding.label}{_NARROW}: {format_cents(cents)}."


def of_surcharge(grid: Grid, added_cents: int) -> str:
    """« Réservation tardive : majoration de 10 % et de 0,50 €, soit 0,86 €. »."""
    parts = []
    if grid.late_surcharge_percent:
        parts.append(f"de {grid.late_surcharge_percent}{_NARROW}%")
    if grid.late_surcharge_cents:
        parts.append(f"de {format_cents(grid.late_surcharge_cents)}")
    total = f", soit {format_cents(added_cents)}" if grid.late_surcharge_percent else ""
    return f"Réservation tardive{_NARROW}: majoration {' et '.join(parts)}{total}."


def of_cap(cap_cents: int) -> str:
    """« Ramené à 5,10 €, le plafond légal : aucun prix ne le dépasse. »."""
    return f"Ramené à {format_cents(cap_cents)}, le plafond légal{_NARROW}: aucun prix ne le dépasse."


def of_overlap(first: int, second: int, shared: Line) -> str:
    """« Lignes 1 et 3 : pour quotient en dessous de 500,00 €, hors commune, c’est la ligne 1 qui vaut. »."""
    quoted = f"«{_NARROW}{whom(shared)}{_NARROW}»"
    return f"Lignes {first} et {second}{_NARROW}: pour {quoted}, c’est la ligne {first} qui vaut."


def of_gap(left_out: Iterable[str]) -> str:
    """Who has no price."""
    said = f"{_NARROW}; ".join(left_out)
    return f"Ces familles n’ont pas de prix{_NARROW}: {said}. Terminez la grille par une ligne sans condition."


def of_situation(
    span: Span, *, town_link: str = "", rank: int | None = None, level: str | None = None, day_kind: str = ""
) -> str:
    """« quotient de 800,00 € et plus, hors commune »; « toutes » when nothing tells them apart."""
    unknown_level = "classe inconnue ou que la grille ne nomme pas"
    told = [
        bracket(span),
        str(TownLink(town_link).label) if town_link else "",
        f"{_ordinal(rank)} enfant" if rank else "",
        "" if level is None else str(SchoolLevel(level).label) if level else unknown_level,
        str(DayKind(day_kind).label) if day_kind else "",
    ]
    return ", ".join(filter(None, told)) or "toutes"


def bracket(span: Span) -> str:
    """« quotient de 500,00 € à moins de 800,00 € »; empty for every quotient."""
    if span.high is None:
        return f"quotient de {format_cents(span.low)} et plus" if span.low else ""
    if not span.low:
        return f"quotient en dessous de {format_cents(span.high)}"
    return f"quotient de {format_cents(span.low)} à moins de {format_cents(span.high)}"


def _effort(line: Line, at_cents: int | None, rounded: str) -> str:
    floor, ceiling, rate = line.floor_cents or 0, line.ceiling_cents or 0, line.rate or Decimal(0)
    at_ceiling = f"le plafond{_NARROW}: {format_cents(ceiling)}"
    if at_cents is None:
        return at_ceiling
    exact = at_cents * rate
    product = f"{format_cents(at_cents)} × {percent(rate)} = {_plain(exact / 100)}{_NARROW}€"
    if exact >= ceiling:
        return f"{product}, donc {at_ceiling}"
    if exact <= floor:
        return f"{product}, donc le plancher{_NARROW}: {format_cents(floor)}"
    return f"{product}{rounded}"


def _ordinal(rank: int) -> str:
    return "1er" if rank == 1 else f"{rank}e"


def _either(words: Iterable[str]) -> str:
    listed = list(words)
    return " ou ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def _plain(number: Decimal) -> str:
    """Every digit, a comma, no useless zero."""
    written = f"{number:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.replace(".", ",")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
