"""A family uses its credit on one of its invoices, because it chose to (payment-gateways 9.5).

Locks: the family's credit in the régie, the invoice, and the audit chain last.
"""

from django.db import IntegrityError, transaction
from django.db.models import F

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import invoice_of
from preau.domain.billing.services import apply_allocation
from preau.domain.families.models import Household
from preau.domain.ledger.models import AccountKind
from preau.domain.ledger.services import Posting, book, lock_credit
from preau.domain.payments.errors import CreditRefusedError
from preau.domain.payments.models import BasketLine, CreditUse
from preau.domain.payments.queries.aftermath import is_held, offer_on
from preau.domain.payments.queries.contracts import smallest_payment_cents
from preau.domain.payments.services.sweep import release_expired
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.money import format_cents


def use_credit(
    *, household: Household, user: User, invoice_id: str, shown_cents: int, form_key: str, by: Actor
) -> CreditUse:
    """Use the family's credit on an invoice (public id), as far as both go. The same form key gives the same use.

    `shown_cents` is what the page announced: another sum is never used in silence (U6).

    Raises:
        Invoice.DoesNotExist: no such invoice, or another family's (W11).
        CreditRefusedError: nothing was written; its message is for the family.
    """
    invoice = invoice_of(household, public_id=invoice_id)
    release_expired([invoice.id])
    wanted = CreditUse(form_key=form_key, household=household, regie=invoice.regie, used_by=user, used_at=clock.now())
    try:
        return _known(wanted) or _use(wanted, invoice, shown_cents, by=by)
    except (CreditRefusedError, IntegrityError):
        if twin := _known(wanted):
            return twin
        raise


def _known(wanted: CreditUse) -> CreditUse | None:
    return CreditUse.objects.filter(form_key=wanted.form_key, household=wanted.household).first()


@transaction.atomic
def _use(use: CreditUse, invoice: Invoice, shown_cents: int, *, by: Actor) -> CreditUse:
    credit = lock_credit(household=use.household, regie=use.regie)
    use.invoice = Invoice.objects.select_for_update(of=("self",)).select_related("regie").get(id=invoice.id)
    offer = offer_on(
        use.invoice,
        credit_cents=credit,
        smallest_cents=smallest_payment_cents(use.regie),
        is_held=is_held(use.invoice),
    )
    if offer.refusal:
        raise CreditRefusedError(offer.refusal)
    if offer.usable_cents != shown_cents:
        raise CreditRefusedError(
            f"Votre avoir ou votre facture a changé\u202f: {format_cents(offer.usable_cents)} peuvent maintenant être "
            "utilisés. Vérifiez, puis recommencez."
        )
    use.amount_cents = shown_cents
    use.save(force_insert=True)
    today = clock.today(the_town().zone)
    apply_allocation(invoice=use.invoice, amount_cents=shown_cents, on=today)
    book(
        regie=use.regie,
        source_kind="credit_use",
        source_key=use.public_id,
        label=f"Avoir utilisé – facture {use.invoice.number}",
        booked_on=today,
        postings=[
            Posting(AccountKind.FAMILY_CREDIT, shown_cents, household=use.household),
            Posting(AccountKind.RECEIVABLE, -shown_cents, household=use.household),
        ],
    )
    _put_right_in_baskets(use.invoice)
    record(by=by, action="credit.used", subject=use.public_id, details={"amount_cents": shown_cents})
    return use


def _put_right_in_baskets(invoice: Invoice) -> None:
    """Nobody pays what is settled; a part chosen before is chosen again, of what is left."""
    lines = BasketLine.objects.filter(invoice=invoice)
    if invoice.settled_on is not None:
        lines.delete()
    lines.filter(amount_cents__gte=F("invoice__left_cents")).update(amount_cents=None)
