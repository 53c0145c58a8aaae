"""Reads about invoices. What a family may see is decided here, by its household."""

from datetime import date

from django.db.models import QuerySet

from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household


def invoices_of(household: Household) -> QuerySet[Invoice]:
    """Every invoice of a family, most recent first."""
    return Invoice.objects.filter(household=household).select_related("regie__group", "pdf").order_by("-issued_on", "-id")


def unsettled_invoices(household: Household) -> QuerySet[Invoice]:
    """What the family still owes and may pay here, most urgent first; debts passed to the Treasury left out (V10)."""
    return (
        Invoice.objects.filter(household=household, settled_on__isnull=True, sent_to_treasury_on__isnull=True)
        .select_related("regie__group", "pdf")
        .order_by("due_on", "id")
    )


def history_of(household: Household, *, since: date) -> QuerySet[Invoice]:
    """Invoices issued since a day, settled or not (A23)."""
    return invoices_of(household).filter(issued_on__gte=since)
