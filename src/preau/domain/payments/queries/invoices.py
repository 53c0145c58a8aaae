"""A family's invoices with what payments add to them: the one under way, those received, their receipts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import (
    LineGroup,
    credit_notes_on,
    invoice_of,
    line_groups,
    receipts_elsewhere_on,
    state_on,
)
from preau.domain.billing.states import InvoiceState
from preau.domain.families.models import Household
from preau.domain.payments.models import Allocation, PaymentAttempt
from preau.domain.payments.queries.baskets import attempts_holding
from preau.domain.regies.queries import window_states
from preau.domain.regies.rules import WindowState


@dataclass(frozen=True, slots=True)
class ListedInvoice:
    """An invoice as the history and the archives list it; `attempt` holds it for now, else None (A21)."""

    invoice: Invoice
    state: InvoiceState
    attempt: PaymentAttempt | None


@dataclass(frozen=True, slots=True)
class Reduction:
    """What lowered an invoice, in cents: a payment on line, one received elsewhere, an « avoir »."""

    on: date | datetime
    label: str
    cents: int
    receipt_code: str


@dataclass(frozen=True, slots=True)
class InvoiceSheet:
    """Everything the page of one invoice tells."""

    listed: ListedInvoice
    window: WindowState
    lines: list[LineGroup]
    reductions: list[Reduction]

    @property
    def invoice(self) -> Invoice:
        return self.listed.invoice


def listed(invoices: Iterable[Invoice], *, today: date) -> list[ListedInvoice]:
    """Invoices with their state and the payment that holds them: one query whatever their number."""
    invoices = list(invoices)
    attempts = attempts_holding(invoices)
    return [ListedInvoice(i, state_on(i, today=today), attempts.get(i.id)) for i in invoices]


def invoice_sheet(household: Household, *, public_id: str, today: date) -> InvoiceSheet:
    """One invoice of a family, in full.

    Raises:
        Invoice.DoesNotExist: no such invoice, or another family's (W11).
    """
    invoice = invoice_of(household, public_id=public_id)
    windows = window_states([(invoice.regie, invoice.billed_month)], on=today)
    return InvoiceSheet(
        listed=listed([invoice], today=today)[0],
        window=windows[invoice.regie_id, invoice.billed_month],
        lines=line_groups([invoice], household=household).get(invoice.id, []),
        reductions=[*_paid_elsewhere(invoice), *_paid_here(invoice), *_credited(invoice)],
    )


def _paid_here(invoice: Invoice) -> list[Reduction]:
    rows = Allocation.objects.filter(invoice=invoice).select_related("capture__receipt").order_by("id")
    return [
        Reduction(row.capture.paid_at, "Paiement en ligne", row.amount_cents, row.capture.receipt.code) for row in rows
    ]


def _paid_elsewhere(invoice: Invoice) -> list[Reduction]:
    rows = receipts_elsewhere_on(invoice)
    return [Reduction(row.received_on, _elsewhere_label(row.means), row.amount_cents, "") for row in rows]


def _elsewhere_label(means: str) -> str:
    return f"Règlement en mairie ({means})" if means else "Règlement en mairie"


def _credited(invoice: Invoice) -> list[Reduction]:
    notes = credit_notes_on(invoice)
    return [Reduction(note.issued_on, f"Avoir {note.number}", note.total_cents, "") for note in notes]
