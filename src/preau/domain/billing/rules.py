"""Pure rules about invoices: state on a day, digest of what was issued."""

import hashlib
import json
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from preau.domain.billing.states import InvoiceState

if TYPE_CHECKING:
    from preau.domain.billing.models import Invoice, InvoiceLine


def state_of(
    *,
    left_cents: int,
    received_cents: int,
    due_on: date | None,
    sent_to_treasury: bool,
    today: date,
) -> InvoiceState:
    """State of an invoice on a calendar day of the town; late from the day after the due date (L07)."""
    if left_cents == 0:
        return InvoiceState.SETTLED if received_cents else InvoiceState.CANCELLED
    if sent_to_treasury:
        return InvoiceState.TREASURY
    if due_on is not None and today > due_on:
        return InvoiceState.LATE
    return InvoiceState.DUE


def months_before(day: date, months: int) -> date:
    """The same day of the month, `months` earlier; the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def content_digest(invoice: "Invoice", lines: "list[InvoiceLine]") -> str:
    """SHA-256 of everything an issued invoice states (I11)."""
    content = [
        invoice.number,
        invoice.label,
        invoice.billed_month.isoformat(),
        invoice.issued_on.isoformat(),
        invoice.due_on.isoformat() if invoice.due_on else None,
        invoice.total_cents,
        [
            [
                line.position,
                line.label,
                line.child_name,
                line.service_date.isoformat() if line.service_date else None,
                f"{line.quantity:.2f}",
                line.unit_price_cents,
                line.total_cents,
            ]
            for line in lines
        ],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
