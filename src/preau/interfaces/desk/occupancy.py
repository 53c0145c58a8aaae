"""A month of places drawn: one bar a day, the limit as a line, what exceeds it apart. Its table says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from preau.domain.bookings.queries.month_of_places import DayOfPlaces
from preau.foundation import french

_STEP, _HEIGHT = 24, 96
_GAP = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One day, in the units of the drawing; heights are measured from the bottom."""

    x: int
    width: int
    label: str
    label_x: int
    top: int
    height: int
    excess_top: int
    excess_height: int
    limit: int


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The drawing; `words` is what it shows, for whoever does not see it."""

    width: int
    height: int
    base: int
    bars: tuple[Bar, ...]
    words: str


def occupancy_of(days: Sequence[DayOfPlaces]) -> Occupancy | None:
    """The drawing of some days; None when there is nothing to draw."""
    most = max((max(one.taken, one.capacity) for one in days), default=0)
    if not most:
        return None
    bars = tuple(_bar(rank, one, most) for rank, one in enumerate(days))
    return Occupancy(len(days) * _STEP, _HEIGHT + 18, _HEIGHT, bars, _words(days))


def _bar(rank: int, one: DayOfPlaces, most: int) -> Bar:
    within, taken, limit = (
        round(number * _HEIGHT / most) for number in (min(one.taken, one.capacity), one.taken, one.capacity)
    )
    return Bar(
        x=rank * _STEP + _GAP,
        width=_STEP - 2 * _GAP,
        label=str(one.day.day),
        label_x=rank * _STEP + _STEP // 2,
        top=_HEIGHT - within,
        height=within,
        excess_top=_HEIGHT - taken,
        excess_height=taken - within,
        limit=_HEIGHT - limit,
    )


def _words(days: Sequence[DayOfPlaces]) -> str:
    full = sum(1 for one in days if not one.left and not one.closed)
    beyond = sum(1 for one in days if one.excess)
    fullest = max(days, key=lambda one: one.taken)
    plural = "s" if fullest.taken > 1 else ""
    said = [
        f"{len(days)} jour{'s' if len(days) > 1 else ''} dessiné{'s' if len(days) > 1 else ''}",
        f"le plus rempli est le {french.weekday_and_day(fullest.day)}, {fullest.taken} place{plural} prise{plural}",
        f"{full} jour{'s' if full > 1 else ''} sans place",
    ]
    return ", ".join([*said, f"{beyond} au-delà des places voulues"] if beyond else said)
