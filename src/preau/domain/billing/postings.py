"""How invoices, credit notes and receipts enter the books: one place for the accounts they move."""

from preau.domain.billing.models import CreditNote, Invoice, ReceiptElsewhere
from preau.domain.ledger.models import AccountKind
from preau.domain.ledger.services import Draft, Posting


def invoice_draft(invoice: Invoice) -> Draft:
    """An issued invoice: the family owes, the service earned."""
    return Draft(
        regie=invoice.regie,
        source_kind="invoice",
        source_key=invoice.public_id,
        label=f"Facture {invoice.number} – {invoice.label}",
        booked_on=invoice.issued_on,
        postings=[
            Posting(AccountKind.RECEIVABLE, invoice.total_cents, household=invoice.household),
            Posting(AccountKind.PRODUCT, -invoice.total_cents),
        ],
    )


def credit_note_draft(note: CreditNote) -> Draft:
    """An « avoir »: less owed on its invoice if it names one, else owed to the family."""
    holder = AccountKind.RECEIVABLE if note.invoice_id else AccountKind.FAMILY_CREDIT
    return Draft(
        regie=note.regie,
        source_kind="credit_note",
        source_key=note.public_id,
        label=f"Avoir {note.number} – {note.label}",
        booked_on=note.issued_on,
        postings=[
            Posting(AccountKind.PRODUCT, note.total_cents),
            Posting(holder, -note.total_cents, household=note.household),
        ],
    )


def receipt_draft(receipt: ReceiptElsewhere) -> Draft:
    """Money received outside the portal."""
    invoice = receipt.invoice
    return Draft(
        regie=invoice.regie,
        source_kind="receipt_elsewhere",
        source_key=str(receipt.id),
        label=f"Règlement reçu en mairie – facture {invoice.number}",
        booked_on=receipt.received_on,
        postings=[
            Posting(AccountKind.RECEIVED_ELSEWHERE, receipt.amount_cents),
            Posting(AccountKind.RECEIVABLE, -receipt.amount_cents, household=invoice.household),
        ],
    )
