"""A family's credit settles an invoice: the use, what it settles, the books. Locks: the credit, then the invoice."""

from django.db.models import F

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.billing.services import apply_allocation
from preau.domain.ledger.models import AccountKind
from preau.domain.ledger.services import Posting, book, lock_credit
from preau.domain.payments.aftermath import usable_cents
from preau.domain.payments.models import BasketLine, CreditUse
from preau.domain.town.queries import the_town
from preau.foundation import clock


def spend_credit(invoice: Invoice, *, user: User, smallest_cents: int) -> CreditUse | None:
    """Use the family's credit on an invoice of bookings that the caller locked; what was used, None for nothing.

    `smallest_cents`: the least its gateway takes at once. The caller writes the journal, last of all (E.4.4).
    """
    credit = lock_credit(household=invoice.household, regie=invoice.regie)
    usable = usable_cents(credit_cents=credit, left_cents=invoice.left_cents, smallest_cents=smallest_cents)
    if not usable:
        return None
    use = CreditUse(
        form_key=f"order:{invoice.public_id}:{invoice.received_cents}",
        household=invoice.household,
        regie=invoice.regie,
        invoice=invoice,
        used_by=user,
        used_at=clock.now(),
        amount_cents=usable,
    )
    write_use(use)
    return use


def write_use(use: CreditUse) -> None:
    """Write the use, what it settles and the books; the invoice and the credit are locked."""
    use.save(force_insert=True)
    today = clock.today(the_town().zone)
    apply_allocation(invoice=use.invoice, amount_cents=use.amount_cents, on=today)
    book(
        regie=use.regie,
        source_kind="credit_use",
        source_key=use.public_id,
        label=f"Avoir utilisé – facture {use.invoice.number}",
        booked_on=today,
        postings=[
            Posting(AccountKind.FAMILY_CREDIT, use.amount_cents, household=use.household),
            Posting(AccountKind.RECEIVABLE, -use.amount_cents, household=use.household),
        ],
    )
    _put_right_in_baskets(use.invoice)


def _put_right_in_baskets(invoice: Invoice) -> None:
    """Nobody pays what is settled; a part chosen before is chosen again, of what is left."""
    lines = BasketLine.objects.filter(invoice=invoice)
    if invoice.settled_on is not None:
        lines.delete()
    lines.filter(amount_cents__gte=F("invoice__left_cents")).update(amount_cents=None)
