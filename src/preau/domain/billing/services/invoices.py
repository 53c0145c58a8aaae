"""Writes about invoices: recording them as issued, and what is received on them."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from preau.domain.billing.models import CreditNote, Invoice, InvoiceLine, ReceiptElsewhere
from preau.domain.billing.postings import credit_note_draft, invoice_draft, receipt_draft
from preau.domain.billing.rules import content_digest
from preau.domain.ledger.services import book_many
from preau.domain.regies.services import take_number
from preau.foundation import clock


class NothingLeftError(Exception):
    """More was to be applied to an invoice than what is left on it."""


@transaction.atomic
def record_invoice(*, invoice: Invoice, lines: Sequence[InvoiceLine]) -> Invoice:
    """Record an issued invoice with its lines, and the debt in the books.

    Raises:
        ValueError: the lines do not add up to the total.
    """
    if lines and sum(line.total_cents for line in lines) != invoice.total_cents:
        raise ValueError(f"invoice {invoice.number}: lines do not add up to its total")
    invoice.recorded_at = clock.now()
    invoice.content_digest = content_digest(invoice, list(lines))
    invoice.save(force_insert=True)
    for line in lines:
        line.invoice = invoice
    InvoiceLine.objects.bulk_create(lines)
    book_many([invoice_draft(invoice)])
    return invoice


@transaction.atomic
def record_credit_note(*, note: CreditNote) -> CreditNote:
    """Record an « avoir »: on its invoice if it names one, else to the family's credit."""
    note.recorded_at = clock.now()
    note.save(force_insert=True)
    if note.invoice_id:
        invoice = Invoice.objects.select_for_update(of=("self",)).get(id=note.invoice_id)
        _lower(invoice, credited_cents=note.total_cents, on=note.issued_on)
    book_many([credit_note_draft(note)])
    return note


@transaction.atomic
def record_receipt_elsewhere(*, invoice: Invoice, amount_cents: int, means: str, received_on: date) -> ReceiptElsewhere:
    """Record that the town's other software received money for an invoice (« Réglé » of an import).

    Raises:
        NothingLeftError: more than what is left on the invoice.
    """
    locked = Invoice.objects.select_for_update(of=("self",)).select_related("regie", "household").get(id=invoice.id)
    _lower(locked, received_cents=amount_cents, on=received_on)
    receipt = ReceiptElsewhere.objects.create(
        invoice=locked,
        amount_cents=amount_cents,
        means=means,
        received_on=received_on,
        recorded_at=clock.now(),
    )
    book_many([receipt_draft(receipt)])
    return receipt


def apply_allocation(*, invoice: Invoice, amount_cents: int, on: date) -> None:
    """Lower what is left on an invoice that the caller has locked; the books are the caller's.

    Raises:
        NothingLeftError: more than what is left on the invoice.
    """
    _lower(invoice, received_cents=amount_cents, on=on)


def reopen(*, invoice: Invoice, amount_cents: int) -> None:
    """Ask again for what a payment settled of an invoice, now that it was taken back; the caller has locked it.

    The books are the caller's.
    """
    invoice.received_cents -= amount_cents
    invoice.settled_on = None
    invoice.save(update_fields=["received_cents", "settled_on"])


@transaction.atomic
def issue_credit_note(*, invoice: Invoice, label: str, amount_cents: int, on: date) -> CreditNote:
    """Issue an « avoir » on what was paid of an invoice, to the family's credit, in the portal's own series (I12).

    `invoice` keeps what it received: the credit is used or given back.
    """
    number = take_number(regie=invoice.regie, kind="credit_note", year=on.year)
    said = Invoice(
        number=f"AVP-{on.year}-{number:05d}",
        label=label,
        billed_month=invoice.billed_month,
        issued_on=on,
        total_cents=amount_cents,
    )
    note = CreditNote(
        regie=invoice.regie,
        household=invoice.household,
        number=said.number,
        label=label,
        issued_on=on,
        total_cents=amount_cents,
        content_digest=content_digest(said, []),
    )
    return record_credit_note(note=note)


def _lower(invoice: Invoice, *, on: date, received_cents: int = 0, credited_cents: int = 0) -> None:
    left = invoice.total_cents - invoice.received_cents - invoice.credited_cents - received_cents - credited_cents
    if left < 0:
        raise NothingLeftError(f"invoice {invoice.number}: {-left} cents too many")
    invoice.received_cents += received_cents
    invoice.credited_cents += credited_cents
    invoice.settled_on = on if left == 0 else None
    invoice.save(update_fields=["received_cents", "credited_cents", "settled_on"])
