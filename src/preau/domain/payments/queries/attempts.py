"""Reads about attempts, receipts and cases."""

from django.db.models import QuerySet

from preau.domain.families.models import Household
from preau.domain.payments.models import PaymentAttempt, Receipt


def attempts_of(household: Household) -> QuerySet[PaymentAttempt]:
    """A family's attempts, most recent first."""
    return PaymentAttempt.objects.filter(household=household).select_related("regie", "contract", "checkout")


def receipts_of(household: Household) -> QuerySet[Receipt]:
    """A family's receipts, most recent first."""
    return (
        Receipt.objects.filter(capture__attempt__household=household)
        .select_related("regie", "capture__attempt")
        .order_by("-issued_at", "-id")
    )
