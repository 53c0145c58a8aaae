"""Writes about invoices."""

from preau.domain.billing.services.invoices import (
    NothingLeftError,
    apply_allocation,
    issue_credit_note,
    record_credit_note,
    record_invoice,
    record_receipt_elsewhere,
    reopen,
)

__all__ = [
    "NothingLeftError",
    "apply_allocation",
    "issue_credit_note",
    "record_credit_note",
    "record_invoice",
    "record_receipt_elsewhere",
    "reopen",
]
