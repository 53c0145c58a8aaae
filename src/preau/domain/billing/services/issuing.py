"""Invoices that Préau issues itself, payable at once, and the « avoirs » that ask less or give credit.

Numbers of invoices issued here follow in their régie and year (I12), and so do the « avoirs » of bookings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from preau.domain.billing.models import CreditNote, Invoice, InvoiceLine
from preau.domain.billing.rules import content_digest
from preau.domain.billing.services.invoices import record_credit_note, record_invoice
from preau.domain.families.models import Household
from preau.domain.regies.models import Regie
from preau.domain.regies.services import take_number

#: Kinds of `regies.NumberSequence`.
INVOICE_SERIES, CREDIT_NOTE_SERIES = "invoice", "booking_credit_note"
_SERIES_LETTER = "R"


@dataclass(frozen=True, slots=True)
class Ask:
    """What an invoice asks of a family, in cents; `label` is its object."""

    regie: Regie
    household: Household
    label: str
    cents: int
    source: Invoice.Source = Invoice.Source.ISSUED


def issue_invoice(ask: Ask, *, lines: Sequence[InvoiceLine], on: date) -> Invoice:
    """Issue an invoice due on the day it is issued, in the caller's transaction."""
    number = take_number(regie=ask.regie, kind=INVOICE_SERIES, year=on.year)
    invoice = Invoice(
        regie=ask.regie,
        household=ask.household,
        source=ask.source,
        number=ask.regie.numbering_pattern.format(
            series=_SERIES_LETTER, period=f"{on:%Y%m}", family=ask.household.file_number, number=number
        ),
        label=ask.label,
        billed_month=on.replace(day=1),
        issued_on=on,
        due_on=on,
        total_cents=ask.cents,
    )
    return record_invoice(invoice=invoice, lines=lines)


def cancel_invoice(invoice: Invoice, *, label: str, on: date) -> None:
    """Ask no longer what a locked invoice still asks, and give to the family's credit what it had received."""
    if invoice.left_cents > 0:
        _note(invoice.regie, invoice.household, label=label, cents=invoice.left_cents, on=on, invoice=invoice)
    if invoice.received_cents > 0:
        _note(invoice.regie, invoice.household, label=label, cents=invoice.received_cents, on=on, invoice=None)


def lower_invoice(invoice: Invoice, *, label: str, cents: int, on: date) -> CreditNote:
    """Ask less on a locked invoice that is still due."""
    return _note(invoice.regie, invoice.household, label=label, cents=cents, on=on, invoice=invoice)


def credit_family(*, regie: Regie, household: Household, label: str, cents: int, on: date) -> CreditNote:
    """Give a family credit: for days it paid and will not have, or for what it paid in advance."""
    return _note(regie, household, label=label, cents=cents, on=on, invoice=None)


def _note(
    regie: Regie, household: Household, *, label: str, cents: int, on: date, invoice: Invoice | None
) -> CreditNote:
    number = take_number(regie=regie, kind=CREDIT_NOTE_SERIES, year=on.year)
    said = Invoice(
        number=f"AVR-{on.year}-{number:05d}",
        label=label,
        billed_month=on.replace(day=1),
        issued_on=on,
        total_cents=cents,
    )
    note = CreditNote(
        regie=regie,
        household=household,
        invoice=invoice,
        number=said.number,
        label=label,
        issued_on=on,
        total_cents=cents,
        content_digest=content_digest(said, []),
    )
    return record_credit_note(note=note)
