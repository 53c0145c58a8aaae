"""What a deliberation decides, as values: lines, the grid they make, and whom a price is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices

from preau.domain.pricing.rules.spans import Span


class Rounding(TextChoices):
    """To what a computed price is rounded, half up; the deliberation says which."""

    CENT = "cent", "au centime"
    FIVE_CENTS = "five_cents", "aux cinq centimes"
    TEN_CENTS = "ten_cents", "aux dix centimes"

    @property
    def step(self) -> int:
        """In cents."""
        return {Rounding.CENT: 1, Rounding.FIVE_CENTS: 5, Rounding.TEN_CENTS: 10}[self]


class Basis(TextChoices):
    """How a line makes its price."""

    FIXED = "fixed", "prix fixe"
    EFFORT = "effort", "taux d’effort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Whom a line concerns and what they pay: the fields of `models.PriceLine`, where they are explained."""

    basis: Basis = Basis.FIXED
    price_cents: int | None = None
    rate: Decimal | None = None
    floor_cents: int | None = None
    ceiling_cents: int | None = None
    quotient_from_cents: int | None = None
    quotient_to_cents: int | None = None
    town_links: tuple[str, ...] = ()
    rank_from: int | None = None
    levels: tuple[str, ...] = ()
    day_kinds: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """The quotients that it takes."""
        return Span(self.quotient_from_cents or 0, self.quotient_to_cents)

    @property
    def asks_quotient(self) -> bool:
        """Whether the price it makes depends on the quotient."""
        is_bracket = self.quotient_from_cents is not None or self.quotient_to_cents is not None
        return is_bracket or self.basis == Basis.EFFORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A version of a tariff, whole: lines in their order, and what holds for all of them."""

    lines: Sequence[Line]
    rounding: Rounding = Rounding.CENT
    late_surcharge_cents: int = 0
    late_surcharge_percent: int = 0
    cap_cents: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotient:
    """A family's quotient, and since when it is known; a price that is only tried has no date."""

    cents: int
    valid_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """For whom, and for what day, a price is asked. `minutes` is for what is priced by the hour."""

    quotient: Quotient | None
    town_link: str
    rank: int
    level: str
    day_kind: str
    is_late: bool = False
    minutes: int | None = None
