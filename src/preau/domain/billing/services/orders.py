"""The invoice by which an order of bookings is paid, and what gives its money back.

Numbers of invoices issued here follow in their régie and year (I12), and so do the « avoirs » of bookings.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from preau.domain.billing.models import CreditNote, Invoice, InvoiceLine, OrderInvoice
from preau.domain.billing.rules import content_digest
from preau.domain.billing.services.invoices import record_credit_note, record_invoice
from preau.domain.bookings.models import BookingOrder, OrderLine
from preau.domain.families.models import Household
from preau.domain.regies.models import Regie
from preau.domain.regies.services import take_number
from preau.foundation import french

#: Kinds of `regies.NumberSequence`.
INVOICE_SERIES, CREDIT_NOTE_SERIES = "invoice", "booking_credit_note"
_SERIES_LETTER = "R"


def bill_order(order: BookingOrder, *, lines: Iterable[OrderLine], on: date) -> Invoice:
    """Issue the invoice of an order that asks money, in the caller's transaction; `lines` with their bookings.

    Days removed are negative lines (C37). Payable at once: it is due on the day it is issued.
    """
    number = take_number(regie=order.regie, kind=INVOICE_SERIES, year=on.year)
    written = order.regie.numbering_pattern.format(
        series=_SERIES_LETTER, period=f"{on:%Y%m}", family=order.household.file_number, number=number
    )
    invoice = Invoice(
        regie=order.regie,
        household=order.household,
        source=Invoice.Source.ISSUED,
        number=written,
        label=f"Réservations du {french.day(on)}",
        billed_month=on.replace(day=1),
        issued_on=on,
        due_on=on,
        total_cents=order.total_cents,
    )
    record_invoice(invoice=invoice, lines=[_line(rank, line) for rank, line in enumerate(lines, start=1)])
    OrderInvoice.objects.create(order=order, invoice=invoice)
    return invoice


def _line(rank: int, line: OrderLine) -> InvoiceLine:
    booking = line.booking
    what = booking.activity.name
    if booking.unit.name != what:
        what = f"{what}, {booking.unit.name.lower()}"
    return InvoiceLine(
        position=rank,
        label=what if line.kind == OrderLine.Kind.ADD else f"Annulation\u202f: {what}",
        child_name=booking.child.first_name,
        service_date=booking.day,
        quantity=Decimal(1),
        unit_price_cents=line.amount_cents,
        total_cents=line.amount_cents,
    )


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
    """Give a family credit for days it paid and will not have."""
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
