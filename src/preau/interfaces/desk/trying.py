"""A price tried before it is asked: on a tariff as it stands, or on the grid being typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.models import Tariff
from preau.domain.pricing.queries import tried_price
from preau.domain.pricing.rules import grid_faults, price
from preau.interfaces.desk.tariff_forms import DatedTryForm
from preau.interfaces.desk.version_forms import VersionPaper

_NOBODY = "Aucune ligne ne prévoit ce cas\u202f: pas de prix."


@dataclass(frozen=True, slots=True)
class Tried:
    """What was answered: a price and its reasons, or why there is none."""

    cents: int | None = None
    unit_label: str = ""
    reasons: Sequence[str] = ()
    refusal: str = ""


def try_tariff(form: DatedTryForm, tariff: Tariff) -> Tried | None:
    """The version in force on the day asked answers; None while the form cannot be read."""
    if not form.is_valid():
        return None
    try:
        quote = tried_price(tariff, form.about, day=form.cleaned_data["jour"])
    except NoTariffError as refusal:
        return Tried(refusal=refusal.message)
    return Tried(quote.cents, quote.unit_label, quote.reasons)


def try_paper(paper: VersionPaper, tariff: Tariff) -> Tried | None:
    """The grid as it is typed answers, whatever it still lacks; its faults are shown where they are."""
    if not all([paper.is_valid(), paper.trial.is_valid()]):
        return None
    paper.take(grid_faults(paper.grid))
    made = price(paper.grid, paper.trial.about)
    return Tried(made.cents, tariff.unit_label, made.reasons) if made else Tried(refusal=_NOBODY)
