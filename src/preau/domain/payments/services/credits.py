"""A family uses its credit on one of its invoices, because it chose to (payment-gateways 9.5).

Locks: the order it pays if any, the family's credit in the régie, the invoice, and the audit chain last.
"""

from django.db import IntegrityError, transaction

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import invoice_of
from preau.domain.families.models import Household
from preau.domain.ledger.services import lock_credit
from preau.domain.payments.errors import CreditRefusedError
from preau.domain.payments.models import CreditUse
from preau.domain.payments.queries.aftermath import is_held, offer_on
from preau.domain.payments.queries.contracts import smallest_payment_cents
from preau.domain.payments.services.order_settlement import confirm_settled, lock_orders
from preau.domain.payments.services.spending import write_use
from preau.domain.payments.services.sweep import release_expired
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
    lock_orders([invoice.id])
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
    write_use(use)
    confirm_settled([invoice.id], by=by)
    record(by=by, action="credit.used", subject=use.public_id, details={"amount_cents": shown_cents})
    return use
