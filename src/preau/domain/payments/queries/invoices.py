"""A family's invoices with what payments add to them: the one under way, those received, their receipts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import (
    LineGroup,
    archives_of,
    billed_regies,
    credit_notes_on,
    history_of,
    invoice_of,
    line_groups,
    receipts_elsewhere_on,
    state_on,
)
from preau.domain.billing.states import InvoiceState
from preau.domain.families.models import Household
from preau.domain.payments.models import Allocation, Capture, CreditUse, PaymentAttempt, ReversalPart
from preau.domain.payments.queries.aftermath import CreditOffer, credit_offer
from preau.domain.payments.queries.baskets import attempts_holding, closed_because
from preau.domain.payments.queries.overview import regie_among
from preau.domain.regies.models import Regie

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """An invoice as the history and the archives list it; `attempt` holds it for now, else None (A21)."""

    invoice: Invoice
    state: InvoiceState
    attempt: PaymentAttempt | None


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """A page of a long list, most recent first; `chosen` is the only régie shown, None for all of `regies`."""

    page: Page[Invoice]
    entries: list[ListedInvoice]
    regies: list[Regie]
    chosen: Regie | None

    @property
    def months(self) -> list[tuple[date, list[ListedInvoice]]]:
        """Entries of the page by month of issue: (first day of the month, its entries) (A24)."""
        by_month = groupby(self.entries, key=lambda entry: entry.invoice.issued_on.replace(day=1))
        return [(month, list(same)) for month, same in by_month]

    @property
    def has_treasury(self) -> bool:
        """Whether the page holds a debt passed to the Treasury."""
        return any(entry.state == InvoiceState.TREASURY for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Reduction:
    """What lowered an invoice, in cents: a payment on line, one received elsewhere, an « avoir »; negative: undone."""

    on: date | datetime
    label: str
    cents: int
    receipt_code: str


@dataclass(frozen=True, slots=True)
class InvoiceSheet:
    """Everything the page of one invoice tells. `closed_because`: why it cannot be paid on line today, else empty.

    `offer`: what the family's credit can do for it.
    """

    listed: ListedInvoice
    lines: list[LineGroup]
    reductions: list[Reduction]
    closed_because: str
    offer: CreditOffer

    @property
    def invoice(self) -> Invoice:
        return self.listed.invoice

    @property
    def is_owed(self) -> bool:
        """Whether the family may still choose to pay it here, now or when payment opens."""
        return self.listed.attempt is None and self.listed.state in {InvoiceState.DUE, InvoiceState.LATE}


def listed(invoices: Iterable[Invoice], *, today: date) -> list[ListedInvoice]:
    """Invoices with their state and the payment that holds them: one query whatever their number."""
    invoices = list(invoices)
    attempts = attempts_holding(invoices)
    return [ListedInvoice(i, state_on(i, today=today), attempts.get(i.id)) for i in invoices]


def history(household: Household, *, today: date, months: int, regie_id: str = "", page: str = "") -> InvoicePage:
    """Invoices of the last months, whatever their state (A23); `regie_id` (public id) keeps one régie.

    Raises:
        Regie.DoesNotExist: no such régie ever sent an invoice to this family.
    """
    return _page(household, history_of(household, today=today, months=months), today, regie_id, page)


def archives(household: Household, *, today: date, regie_id: str = "", page: str = "") -> InvoicePage:
    """Invoices with nothing more to pay here, since ever (V03, V09, V10).

    Raises:
        Regie.DoesNotExist: no such régie ever sent an invoice to this family.
    """
    return _page(household, archives_of(household), today, regie_id, page)


def _page(household: Household, invoices: QuerySet[Invoice], today: date, regie_id: str, page: str) -> InvoicePage:
    regies = list(billed_regies(household))
    chosen = regie_among(regies, regie_id) if regie_id else None
    kept = Paginator(invoices.filter(regie=chosen) if chosen else invoices, PER_PAGE).get_page(page)
    return InvoicePage(kept, listed(kept.object_list, today=today), regies, chosen)


def invoice_sheet(household: Household, *, public_id: str, today: date) -> InvoiceSheet:
    """One invoice of a family, in full.

    Raises:
        Invoice.DoesNotExist: no such invoice, or another family's (W11).
    """
    invoice = invoice_of(household, public_id=public_id)
    return InvoiceSheet(
        listed=listed([invoice], today=today)[0],
        lines=line_groups([invoice], household=household).get(invoice.id, []),
        reductions=[
            *_paid_elsewhere(invoice),
            *_paid_here(invoice),
            *_paid_by_credit(invoice),
            *_taken_back(invoice),
            *_credited(invoice),
        ],
        closed_because=closed_because(invoice, today=today),
        offer=credit_offer(household, invoice_id=public_id),
    )


def _paid_here(invoice: Invoice) -> list[Reduction]:
    rows = Allocation.objects.filter(invoice=invoice).select_related("capture__receipt", "capture__contract")
    return [
        Reduction(row.capture.paid_at, _paid_label(row.capture), row.amount_cents, row.capture.receipt.code)
        for row in rows.order_by("id")
    ]


def _paid_label(capture: Capture) -> str:
    return f"Paiement {capture.contract.get_channel_display()}"


def _paid_by_credit(invoice: Invoice) -> list[Reduction]:
    rows = CreditUse.objects.filter(invoice=invoice).order_by("id")
    return [Reduction(row.used_at, "Avoir utilisé", row.amount_cents, "") for row in rows]


def _taken_back(invoice: Invoice) -> list[Reduction]:
    """What a bank took back of them, with its reason."""
    mine = Q(allocation__invoice=invoice) | Q(credit_use__invoice=invoice)
    rows = ReversalPart.objects.filter(mine).select_related("reversal").order_by("id")
    return [
        Reduction(row.reversal.confirmed_at, row.reversal.get_kind_display(), -row.amount_cents, "")
        for row in rows
        if row.reversal.confirmed_at
    ]


def _paid_elsewhere(invoice: Invoice) -> list[Reduction]:
    rows = receipts_elsewhere_on(invoice)
    return [Reduction(row.received_on, _elsewhere_label(row.means), row.amount_cents, "") for row in rows]


def _elsewhere_label(means: str) -> str:
    return f"Règlement en mairie ({means})" if means else "Règlement en mairie"


def _credited(invoice: Invoice) -> list[Reduction]:
    notes = credit_notes_on(invoice)
    return [Reduction(note.issued_on, f"Avoir {note.number}", note.total_cents, "") for note in notes]
