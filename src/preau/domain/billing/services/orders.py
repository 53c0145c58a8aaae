"""The invoice by which an order of bookings is paid."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from preau.domain.billing.models import Invoice, InvoiceLine, OrderInvoice
from preau.domain.billing.services.issuing import Ask, issue_invoice
from preau.domain.bookings.models import BookingOrder, OrderLine
from preau.foundation import french


def bill_order(order: BookingOrder, *, lines: Iterable[OrderLine], on: date) -> Invoice:
    """Issue the invoice of an order that asks money, in the caller's transaction; `lines` with their bookings.

    Days removed are negative lines (C37).
    """
    ask = Ask(order.regie, order.household, f"Réservations du {french.day(on)}", order.total_cents)
    invoice = issue_invoice(ask, lines=[_line(rank, line) for rank, line in enumerate(lines, start=1)], on=on)
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
