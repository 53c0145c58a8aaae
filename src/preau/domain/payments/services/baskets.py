"""What a person chose to pay."""

from collections.abc import Iterable

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import unsettled_invoices
from preau.domain.families.models import Household
from preau.domain.payments.errors import AmountRefusedError
from preau.domain.payments.models import BasketLine
from preau.domain.payments.queries.contracts import smallest_payment_cents
from preau.foundation import clock
from preau.foundation.money import format_cents


@transaction.atomic
def add_to_basket(*, user: User, household: Household, invoice_ids: Iterable[str]) -> int:
    """Add invoices (public ids) that this family owes; others are ignored as if they did not exist (design 4.10).

    Returns how many of them are now in the basket.
    """
    wanted = unsettled_invoices(household).filter(public_id__in=list(invoice_ids))
    now = clock.now()
    BasketLine.objects.bulk_create(
        [BasketLine(user=user, invoice=invoice, added_at=now) for invoice in wanted],
        ignore_conflicts=True,
    )
    return len(wanted)


def remove_from_basket(*, user: User, invoice_id: str) -> bool:
    """Take an invoice (public id) out of the basket; whether it was there."""
    deleted, _ = BasketLine.objects.filter(user=user, invoice__public_id=invoice_id).delete()
    return bool(deleted)


@transaction.atomic
def set_part(*, user: User, invoice_id: str, amount_cents: int | None) -> None:
    """Pay only a part of an invoice of the basket, or all that is left (None) (L18).

    Raises:
        AmountRefusedError: the régie takes no part payment, the amount is not between 1 cent and what is left, or
            so little would be left that it could never be paid on line.
    """
    line = BasketLine.objects.select_related("invoice__regie").get(user=user, invoice__public_id=invoice_id)
    if amount_cents is not None:
        check_part(line.invoice, amount_cents, smallest_cents=smallest_payment_cents(line.invoice.regie))
        if amount_cents == line.invoice.left_cents:
            amount_cents = None
    line.amount_cents = amount_cents
    line.save(update_fields=["amount_cents"])


def check_part(invoice: Invoice, amount_cents: int, *, smallest_cents: int) -> None:
    """Refuse an amount that may not be paid on an invoice; `smallest_cents` is the least its gateway takes.

    Raises:
        AmountRefusedError: with the sentence to show.
    """
    left = invoice.left_cents
    if amount_cents != left and not invoice.regie.allows_part_payment:
        raise AmountRefusedError(
            f"{invoice.regie.label} n’accepte pas le paiement en plusieurs fois : "
            f"le montant est de {format_cents(left)}.",
        )
    if not 0 < amount_cents <= left:
        raise AmountRefusedError(f"Indiquez un montant entre {format_cents(1)} et {format_cents(left)}.")
    if 0 < left - amount_cents < smallest_cents:
        raise AmountRefusedError(
            f"Il resterait {format_cents(left - amount_cents)}, trop peu pour être payé en ligne ensuite : "
            f"payez tout, ou laissez au moins {format_cents(smallest_cents)}."
        )
