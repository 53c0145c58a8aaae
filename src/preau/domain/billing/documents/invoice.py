"""An invoice as a PDF: letter for a window envelope, codes for the portal, tear-off coupon (L02–L07, S07–S10)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from preau.foundation.barcodes import code128_svg, qr_svg
from preau.foundation.money import format_cents
from preau.foundation.pdf.look import Look
from preau.foundation.pdf.printable import fitted
from preau.foundation.pdf.render import render

_TEMPLATE = Path(__file__).resolve().with_name("invoice.typ")
_NAME, _LABEL, _REFERENCE, _SENTENCE = 80, 120, 40, 300
#: A postal address has at most six lines of 38 characters (NF Z10-011).
_ADDRESS_LINES, _ADDRESS_LINE = 6, 45


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One priced line; `days` tells when (« 6, 7 et 9 octobre ») and may be empty.

    Raises:
        ValueError: the total is not quantity × unit price, half a cent going up (L05).
    """

    child: str
    label: str
    days: str = ""
    quantity: Decimal
    unit_price_cents: int
    total_cents: int

    def __post_init__(self) -> None:
        exact = self.quantity * self.unit_price_cents
        if exact.quantize(Decimal(1), ROUND_HALF_UP) != self.total_cents:
            raise ValueError(f"{self.label}: the total is not quantity × unit price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """The one-time code of a family with no account yet, grouped for the eye, and its last day (L01)."""

    code: str
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSheet:
    """All that an invoice says. Amounts in cents; addresses one line per item, without the name.

    `portal_sentence` is the town's own (L02). `means`, `payee_wording` and `desk` come from the act founding the
    régie (S09): « chèque bancaire », « Trésor public », « En espèces auprès du service des affaires scolaires ».

    Raises:
        ValueError: the lines do not make the total, or total − received is not what is left (L05, L06).
    """

    town_name: str
    issuer_name: str
    issuer_address: tuple[str, ...]
    issuer_phone: str
    regie_label: str
    number: str
    period_label: str
    issued_on: date
    due_on: date | None
    debtor_name: str
    debtor_address: tuple[str, ...]
    file_number: str
    lines: tuple[InvoiceLine, ...]
    total_cents: int
    received_cents: int
    left_cents: int
    portal_sentence: str
    portal_url: str
    access_code: str
    activation: Activation | None = None
    means: tuple[str, ...] = ()
    payee_wording: str = ""
    desk: str = ""
    coupon_address: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if sum(line.total_cents for line in self.lines) != self.total_cents:
            raise ValueError(f"invoice {self.number}: the lines do not make the total")
        if self.total_cents - self.received_cents != self.left_cents:
            raise ValueError(f"invoice {self.number}: total − received is not what is left")


def render_invoice(sheet: InvoiceSheet, *, look: Look | None = None) -> bytes:
    """The PDF of an invoice: the same bytes each time, since it is dated by its day of issue."""
    return render(
        _TEMPLATE,
        _data(sheet, look or Look()),
        title=f"Facture n° {sheet.number}, {sheet.period_label}",
        at=datetime.combine(sheet.issued_on, time(12), UTC),
    )


def _data(sheet: InvoiceSheet, look: Look) -> dict[str, Any]:
    return {
        "look": look.to_data(town_name=sheet.town_name),
        "issuer": _block(sheet.issuer_name, *sheet.issuer_address[:_ADDRESS_LINES], sheet.issuer_phone),
        "regie": fitted(sheet.regie_label, _NAME),
        "number": fitted(sheet.number, _REFERENCE),
        "period": fitted(sheet.period_label, _REFERENCE),
        "issued_on": sheet.issued_on.isoformat(),
        "due_on": sheet.due_on.isoformat() if sheet.due_on else "",
        "debtor": _block(sheet.debtor_name, *sheet.debtor_address[:_ADDRESS_LINES]),
        "file_number": fitted(sheet.file_number, _REFERENCE),
        "groups": _groups(sheet),
        "total": format_cents(sheet.total_cents),
        "received": format_cents(sheet.received_cents),
        "left": format_cents(sheet.left_cents),
        "is_due": sheet.left_cents > 0,
        "portal": _portal(sheet),
        "coupon": _coupon(sheet),
    }


def _portal(sheet: InvoiceSheet) -> dict[str, Any]:
    activation = sheet.activation
    return {
        "sentence": fitted(sheet.portal_sentence, _SENTENCE),
        "url": sheet.portal_url,
        "qr": qr_svg(sheet.portal_url).decode(),
        "access_code": fitted(sheet.access_code, _REFERENCE),
        "activation_code": activation.code if activation else "",
        "activation_until": activation.expires_on.isoformat() if activation else "",
    }


def _coupon(sheet: InvoiceSheet) -> dict[str, Any]:
    machine = f"{sheet.number[:_REFERENCE]} {sheet.left_cents}"
    return {
        "address": _block(*sheet.coupon_address[:_ADDRESS_LINES]),
        "means": _block(*sheet.means),
        "payee": fitted(sheet.payee_wording, _LABEL),
        "desk": fitted(sheet.desk, _LABEL),
        "machine": machine,
        # A number that the linear code cannot hold stays readable by people.
        "bars": code128_svg(machine).decode() if machine.isascii() else "",
    }


def _block(*lines: str) -> list[str]:
    return [fitted(line, _ADDRESS_LINE) for line in lines if line.strip()]


def _groups(sheet: InvoiceSheet) -> list[dict[str, Any]]:
    """The lines, those of one child together as they come."""
    by_child = groupby(sheet.lines, key=lambda line: line.child)
    return [{"child": fitted(child, _NAME), "lines": [_line(line) for line in lines]} for child, lines in by_child]


def _line(line: InvoiceLine) -> dict[str, str]:
    return {
        "label": fitted(line.label, _LABEL),
        "days": fitted(line.days, _SENTENCE),
        "quantity": f"{line.quantity.normalize():f}".replace(".", ","),
        "price": format_cents(line.unit_price_cents),
        "total": format_cents(line.total_cents),
    }
