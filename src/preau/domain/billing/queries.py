"""Reads about invoices. What a family may see is decided here, by its household."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from preau.domain.billing.models import CreditNote, Invoice, InvoiceLine, ReceiptElsewhere
from preau.domain.billing.rules import months_before, state_of
from preau.domain.billing.states import InvoiceState
from preau.domain.families.models import ChildHome, Household
from preau.domain.regies.models import Regie
from preau.foundation.text import fold


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines of an invoice that differ by their day only. Amounts in cents; `total_cents` is their sum (L05).

    `child_rank` is the child's place in the household (its sticker), None when no child of it bears that name.
    """

    label: str
    child_name: str
    child_rank: int | None
    days: tuple[date, ...]
    quantity: Decimal
    unit_price_cents: int
    total_cents: int


def invoices_of(household: Household) -> QuerySet[Invoice]:
    """Every invoice of a family, most recent first."""
    return (
        Invoice.objects.filter(household=household)
        .select_related("regie__group", "pdf", "of_order")
        .order_by("-issued_on", "-id")
    )


def invoice_of(household: Household, *, public_id: str) -> Invoice:
    """One invoice of a family.

    Raises:
        Invoice.DoesNotExist: no such invoice, or another family's: nobody can tell which (W11).
    """
    return invoices_of(household).get(public_id=public_id)


def unsettled_invoices(household: Household) -> QuerySet[Invoice]:
    """What the family still owes and may pay here, most urgent first; debts passed to the Treasury left out (V10)."""
    return (
        Invoice.objects.filter(household=household, settled_on__isnull=True, sent_to_treasury_on__isnull=True)
        .select_related("regie__group", "pdf", "of_order")
        .order_by("due_on", "id")
    )


def history_of(household: Household, *, today: date, months: int) -> QuerySet[Invoice]:
    """Invoices of the last `months` months, settled or not; the day that many months ago is in it (A23)."""
    return invoices_of(household).filter(issued_on__gte=months_before(today, months))


def archives_of(household: Household) -> QuerySet[Invoice]:
    """What the family has no longer to pay here, since ever: settled, or passed to the Treasury (V03, V09, V10)."""
    return invoices_of(household).filter(Q(settled_on__isnull=False) | Q(sent_to_treasury_on__isnull=False))


def is_paid_first(invoice: Invoice) -> bool:
    """Whether it asks for bookings, or money in advance: no payment window closes it (C24, C39).

    No query for an invoice read with `of_order`, as `invoices_of` and `unsettled_invoices` do.
    """
    return invoice.is_top_up or hasattr(invoice, "of_order")


def billed_regies(household: Household) -> QuerySet[Regie]:
    """Régies that ever sent an invoice to the family."""
    return (
        Regie.objects.filter(invoices__household=household).distinct().order_by("group__position", "position", "label")
    )


def state_on(invoice: Invoice, *, today: date) -> InvoiceState:
    """State of an invoice on a calendar day of the town."""
    return state_of(
        left_cents=invoice.left_cents,
        received_cents=invoice.received_cents,
        due_on=invoice.due_on,
        sent_to_treasury=invoice.sent_to_treasury_on is not None,
        today=today,
    )


def credit_notes_on(invoice: Invoice) -> QuerySet[CreditNote]:
    """« Avoirs » that lowered an invoice, oldest first."""
    return CreditNote.objects.filter(invoice=invoice).order_by("issued_on", "id")


def receipts_elsewhere_on(invoice: Invoice) -> QuerySet[ReceiptElsewhere]:
    """Money the town received for an invoice outside the portal, oldest first."""
    return ReceiptElsewhere.objects.filter(invoice=invoice).order_by("received_on", "id")


def line_groups(invoices: Iterable[Invoice], *, household: Household) -> dict[int, list[LineGroup]]:
    """What each invoice bills, per child and price, by invoice id (V20); two queries whatever their number."""
    ranks = _child_ranks(household)
    grouped: dict[int, dict[tuple[str, str, int], list[InvoiceLine]]] = {}
    for line in InvoiceLine.objects.filter(invoice__in=list(invoices)).order_by("invoice_id", "position"):
        same = grouped.setdefault(line.invoice_id, {})
        same.setdefault((line.child_name, line.label, line.unit_price_cents), []).append(line)
    return {
        invoice_id: [
            LineGroup(
                label=label,
                child_name=child,
                child_rank=ranks.get(fold(child)),
                days=tuple(sorted(line.service_date for line in lines if line.service_date)),
                quantity=sum((line.quantity for line in lines), Decimal(0)),
                unit_price_cents=price,
                total_cents=sum(line.total_cents for line in lines),
            )
            for (child, label, price), lines in same.items()
        ]
        for invoice_id, same in grouped.items()
    }


def _child_ranks(household: Household) -> dict[str, int]:
    """Ranks of the children by their names as invoices write them: first name alone, or both in either order."""
    ranks: dict[str, int] = {}
    for home in ChildHome.objects.filter(household=household).select_related("child"):
        first, last = home.child.first_name, home.child.last_name
        for written in (first, f"{first} {last}", f"{last} {first}"):
            ranks.setdefault(fold(written), home.position)
    return ranks
