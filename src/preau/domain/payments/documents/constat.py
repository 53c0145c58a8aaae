"""The constat of a day as a PDF, for the régisseur to sign and keep (reliability E.6)."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from preau.foundation.money import format_cents
from preau.foundation.pdf.look import Look
from preau.foundation.pdf.printable import fitted
from preau.foundation.pdf.render import render

_TEMPLATE = Path(__file__).resolve().with_name("constat.typ")
_NAME, _LABEL, _REFERENCE = 80, 120, 70


@dataclass(frozen=True, slots=True)
class SheetFinding:
    """One thing to explain, in cents; `state` says where its case stands."""

    label: str
    reference: str
    amount_cents: int
    gap_cents: int
    state: str


@dataclass(frozen=True, slots=True)
class ConstatSheet:
    """All that a constat states; `made_at` is aware, in the town's zone; the bank's figures are None without its word.

    Amounts are cents.
    """

    town_name: str
    issuer_name: str
    regie_label: str
    regie_act: str
    contract_label: str
    day: date
    number: int
    made_at: datetime
    basis: str
    outcome: str
    is_clear: bool
    bank_count: int | None
    bank_cents: int | None
    captured_count: int
    captured_cents: int
    caught_up_count: int
    suspended_cents: int
    booked_cents: int
    other_cents: int
    gap_cents: int | None
    findings: tuple[SheetFinding, ...]
    digest: str


def render_constat(sheet: ConstatSheet, *, look: Look | None = None) -> bytes:
    """The PDF of a constat: the same bytes each time, since it is dated by its making."""
    title = f"Constat de rapprochement du {sheet.day:%d/%m/%Y}, {sheet.regie_label}"
    return render(_TEMPLATE, _data(sheet, look or Look()), title=title, at=sheet.made_at)


def _data(sheet: ConstatSheet, look: Look) -> dict[str, Any]:
    return {
        "look": look.to_data(town_name=sheet.town_name),
        "issuer": fitted(sheet.issuer_name, _NAME),
        "regie": fitted(sheet.regie_label, _NAME),
        "act": fitted(sheet.regie_act, 2 * _LABEL),
        "contract": fitted(sheet.contract_label, _LABEL),
        "day": sheet.day.isoformat(),
        "number": str(sheet.number),
        "made_at": sheet.made_at.isoformat(),
        "basis": fitted(sheet.basis, 2 * _LABEL),
        "outcome": sheet.outcome,
        "is_clear": sheet.is_clear,
        "figures": _figures(sheet),
        "gap": "" if sheet.gap_cents is None else format_cents(sheet.gap_cents),
        "findings": [_finding(one) for one in sheet.findings],
        "digest": sheet.digest,
    }


def _figures(sheet: ConstatSheet) -> list[dict[str, str]]:
    """The rows of the table: what, how many, how much."""
    known = sheet.bank_cents is not None
    rows = [
        ("À la banque", str(sheet.bank_count) if known else "", format_cents(sheet.bank_cents or 0) if known else "—"),
        ("Encaissé par le portail", str(sheet.captured_count), format_cents(sheet.captured_cents)),
    ]
    if sheet.caught_up_count:
        rows.append(("dont connus par le seul relevé", str(sheet.caught_up_count), ""))
    if sheet.suspended_cents:
        rows.append(("En sommes à identifier", "", format_cents(sheet.suspended_cents)))
    rows.append(("Grand livre, compte d’encaissement", "", format_cents(sheet.booked_cents)))
    if sheet.other_cents:
        rows.append(("Autres écritures du jour sur ce compte", "", format_cents(sheet.other_cents)))
    return [{"what": what, "count": count, "amount": amount} for what, count, amount in rows]


def _finding(one: SheetFinding) -> dict[str, str]:
    return {
        "label": one.label,
        "reference": fitted(one.reference, _REFERENCE),
        "amount": format_cents(one.amount_cents),
        "gap": format_cents(one.gap_cents),
        "state": one.state,
    }
