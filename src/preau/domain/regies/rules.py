"""When a régie takes payments on line (L19, L20, P06). Pure: days are the town's calendar days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from preau.foundation import french


@dataclass(frozen=True, slots=True)
class Opening:
    """Days between which a billed month may be paid, both included."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class WindowState:
    """Whether payment is open on a day; `current` when it is, else the nearest past and coming openings."""

    is_open: bool
    current: Opening | None = None
    next_opening: Opening | None = None
    last_opening: Opening | None = None


ALWAYS_OPEN = WindowState(is_open=True)


def window_state(openings: Iterable[Opening], *, on: date) -> WindowState:
    """State on `on` of a month's openings; a month that no window names is closed."""
    ordered = sorted(openings, key=lambda opening: opening.first_day)
    current = next((o for o in ordered if o.first_day <= on <= o.last_day), None)
    return WindowState(
        is_open=current is not None,
        current=current,
        next_opening=next((o for o in ordered if o.first_day > on), None),
        last_opening=next((o for o in reversed(ordered) if o.last_day < on), None),
    )


def closed_sentence(label: str, month: date, state: WindowState) -> str:
    """Why a billed month cannot be paid on line now, with its dates (L19)."""
    what = f"{label}, {french.month(month)}"
    if state.next_opening is not None:
        return f"{what} : le paiement en ligne ouvrira {_span(state.next_opening)}."
    if state.last_opening is not None:
        return f"{what} : le paiement en ligne était ouvert {_span(state.last_opening)} ; il est fermé."
    return f"{what} : aucune période de paiement en ligne n’est prévue."


def _span(opening: Opening) -> str:
    return f"du {french.day(opening.first_day)} au {french.day(opening.last_day)}"
