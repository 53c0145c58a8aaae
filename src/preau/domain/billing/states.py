"""What a family reads beside an invoice."""

from django.db.models import TextChoices


class InvoiceState(TextChoices):
    """Derived, never stored: a due date passes without anybody writing anything (L07)."""

    DUE = "due", "À payer"
    LATE = "late", "En retard"
    SETTLED = "settled", "Payée"
    CANCELLED = "cancelled", "Annulée"
    TREASURY = "treasury", "Transmise à la Trésorerie"
