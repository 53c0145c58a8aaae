"""The receipt of a payment (« ticket de paiement ») as a PDF that families keep for ever (S29, S31, V26, P07)."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from preau.foundation.barcodes import qr_svg
from preau.foundation.money import format_cents
from preau.foundation.pdf.look import Look
from preau.foundation.pdf.printable import fitted
from preau.foundation.pdf.render import render

_TEMPLATE = Path(__file__).resolve().with_name("receipt.typ")
_NAME, _LABEL, _REFERENCE = 80, 120, 60
#: A postal address has at most six lines of 38 characters (NF Z10-011).
_ADDRESS_LINES, _ADDRESS_LINE = 6, 45


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What a payment settled of one invoice, in cents."""

    invoice_number: str
    label: str
    amount_cents: int
    left_after_cents: int


@dataclass(frozen=True, slots=True)
class ReceiptSheet:
    """All that a receipt says, frozen when the money came in; `paid_at` is aware, in the town's zone.

    `debit_notice` ends the sentence « Votre compte bancaire sera débité … » (V08); `payer_email` may be empty.
    `received_by` is the agent, at the desk: `authorisation` is then the number of the cheque, transfer or vouchers, and
    only the day of `paid_at` is told unless `has_hour`.

    Raises:
        ValueError: the lines and the surplus do not make the total.
    """

    town_name: str
    issuer_name: str
    issuer_address: tuple[str, ...]
    issuer_phone: str
    regie_label: str
    regie_act: str
    receipt_number: str
    verification_code: str
    verification_url: str
    paid_at: datetime
    means_label: str
    gateway_label: str
    reference: str
    authorisation: str
    debtor_name: str
    file_number: str
    lines: tuple[ReceiptLine, ...]
    surplus_cents: int
    total_cents: int
    debit_notice: str
    payer_email: str = ""
    received_by: str = ""
    has_hour: bool = True

    def __post_init__(self) -> None:
        if sum(line.amount_cents for line in self.lines) + self.surplus_cents != self.total_cents:
            raise ValueError(f"receipt {self.receipt_number}: lines and surplus do not make the total")


def render_receipt(sheet: ReceiptSheet, *, look: Look | None = None) -> bytes:
    """The PDF of a receipt: the same bytes each time, since it is dated by its payment."""
    return render(
        _TEMPLATE,
        _data(sheet, look or Look()),
        title=f"Reçu de paiement n° {sheet.receipt_number}",
        at=sheet.paid_at,
    )


def _data(sheet: ReceiptSheet, look: Look) -> dict[str, Any]:
    return {
        "look": look.to_data(town_name=sheet.town_name),
        "number": fitted(sheet.receipt_number, _REFERENCE),
        "paid_at": sheet.paid_at.isoformat(),
        "has_hour": sheet.has_hour,
        "received_by": fitted(sheet.received_by, _NAME),
        "total": format_cents(sheet.total_cents),
        "surplus": format_cents(sheet.surplus_cents) if sheet.surplus_cents else "",
        "lines": [_line(line) for line in sheet.lines],
        "means": fitted(sheet.means_label, _NAME),
        "gateway": fitted(sheet.gateway_label, _NAME),
        "reference": fitted(sheet.reference, _REFERENCE),
        "authorisation": fitted(sheet.authorisation, _REFERENCE),
        "debit_notice": fitted(sheet.debit_notice, _LABEL),
        "debtor": fitted(sheet.debtor_name, _NAME),
        "file_number": fitted(sheet.file_number, _REFERENCE),
        "email": fitted(sheet.payer_email, _LABEL),
        "issuer": [
            fitted(line, _ADDRESS_LINE)
            for line in (sheet.issuer_name, *sheet.issuer_address[:_ADDRESS_LINES], sheet.issuer_phone)
        ],
        "regie": fitted(sheet.regie_label, _NAME),
        "act": fitted(sheet.regie_act, 2 * _LABEL),
        "code": sheet.verification_code,
        "url": sheet.verification_url,
        "qr": qr_svg(sheet.verification_url).decode(),
    }


def _line(line: ReceiptLine) -> dict[str, str]:
    return {
        "number": fitted(line.invoice_number, _REFERENCE),
        "label": fitted(line.label, _LABEL),
        "amount": format_cents(line.amount_cents),
        "left": format_cents(line.left_after_cents),
    }
