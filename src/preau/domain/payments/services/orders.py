"""From the family's last click to a payment: what it chose is held, then billed and paid, or confirmed at once.

The invoice of an order is issued when its family goes to pay; from there on it lives like any other invoice, and what
settles it confirms the places (C39). Locks: the household, the orders, the invoice numbers, the places, the invoices.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice, OrderInvoice
from preau.domain.billing.services.issuing import credit_family
from preau.domain.billing.services.orders import bill_order
from preau.domain.bookings.errors import OrderClosedError
from preau.domain.bookings.models import BookingOrder
from preau.domain.bookings.services.orders import confirm_order, lines_of, lock_days_of
from preau.domain.bookings.services.saving import Saved, save_changes
from preau.domain.bookings.states import OrderState
from preau.domain.families.models import Household
from preau.domain.payments.models import BasketLine, CreditUse, PaymentAttempt
from preau.domain.payments.queries.orders import (
    carried_invoices,
    confirms_without_payment,
    is_being_paid,
    smallest_by_regie,
)
from preau.domain.payments.services.attempts import Click, known_attempt, prepare_payment
from preau.domain.payments.services.order_settlement import confirm_paid, lock_held, locked_invoice
from preau.domain.payments.services.spending import spend_credit
from preau.domain.payments.services.sweep import release_expired
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

_GIVEN_UP = "Jours retirés du planning"


@transaction.atomic
def save_bookings(
    *, household: Household, user: User, form_key: str, shown_cents: int, by: Actor, is_partial: bool = False
) -> Saved:
    """Hold what a person chose; where none of it is to be paid first, it is confirmed at once.

    Raises:
        BookingError: nothing was written; its subclass says why, its message is for the family.
    """
    saved = save_changes(
        household=household,
        user=user,
        form_key=form_key,
        shown_cents=shown_cents,
        zone=the_town().zone,
        is_partial=is_partial,
        by=by,
    )
    held = [order for order in saved.orders if order.state == OrderState.HELD]
    if all(confirms_without_payment(order) for order in held):
        for order in held:
            confirm_unpaid(order, by=by)
    return saved


def confirm_unpaid(order: BookingOrder, *, by: Actor) -> None:
    """Confirm a locked order that asks no money now; what it gives back goes to the family's credit."""
    confirmed = confirm_order(order, by=by)
    if not order.is_paid_first:
        return
    owed = sum(booking.price_cents for booking in confirmed.lost) - order.total_cents
    if owed > 0:
        credit_family(regie=order.regie, household=order.household, label=_GIVEN_UP, cents=owed, on=_today())


def pay_orders(*, household: Household, user: User, click: Click, by: Actor) -> PaymentAttempt | None:
    """The click on « Payer »: confirm what needs no money, ask for the rest; None when nothing is left to pay.

    The family's credit is used first, and what earlier changes left due is joined (C26). All or nothing.

    Raises:
        BookingError, PaymentError: nothing was written; the message is for the family.
    """
    if known := known_attempt(household, click):
        return known
    release_expired(_unsettled(household))
    with transaction.atomic():
        Household.objects.select_for_update(of=("self",), no_key=True).get(id=household.id)
        orders = lock_held(household)
        _check_open(orders)
        invoices = _settle_or_bill(orders, user=user, by=by)
        if not invoices:
            return None
        invoices += carried_invoices(household, {invoice.regie for invoice in invoices})
        now = clock.now()
        # A part of one of them, chosen in the basket before, gives way to what the page announced.
        BasketLine.objects.bulk_create(
            [BasketLine(user=user, invoice=invoice, added_at=now) for invoice in invoices],
            update_conflicts=True, unique_fields=["user", "invoice"], update_fields=["amount_cents"],
        )  # fmt: skip
        only = frozenset(invoice.id for invoice in invoices)
        return prepare_payment(household=household, user=user, click=click, only=only, by=by)


def _unsettled(household: Household) -> list[int]:
    mine = OrderInvoice.objects.filter(order__household=household, invoice__settled_on__isnull=True)
    return list(mine.values_list("invoice", flat=True))


def _check_open(orders: Sequence[BookingOrder]) -> None:
    now = clock.now()
    if not orders:
        raise OrderClosedError
    if any(order.hold_until is not None and order.hold_until <= now and not is_being_paid(order) for order in orders):
        raise OrderClosedError("Le délai pour payer est passé\u202f: validez de nouveau vos choix.")


def _settle_or_bill(orders: Sequence[BookingOrder], *, user: User, by: Actor) -> list[Invoice]:
    """Confirm the orders that need no payment; the invoices of the others, with what is left to pay on them."""
    asking = [order for order in orders if not confirms_without_payment(order)]
    smallest = smallest_by_regie({order.regie for order in asking})
    uses: list[CreditUse | None] = []
    invoices, covered = [], []
    for order in asking:
        invoice = _invoice(order)
        use = spend_credit(invoice, user=user, smallest_cents=smallest[order.regie_id])
        uses.append(use)
        # Nothing left, or too little for the bank: confirmed, and joined to the next payment (rule 4).
        if invoice.left_cents - (use.amount_cents if use else 0) < smallest[order.regie_id]:
            covered.append(order)
        else:
            invoices.append(invoice)
    free = [order for order in orders if order not in asking]
    lock_days_of([*covered, *free])
    for order in covered:
        confirm_paid(order, by=by)
    for order in free:
        confirm_unpaid(order, by=by)
    for use in filter(None, uses):
        record(by=by, action="credit.used", subject=use.public_id, details={"amount_cents": use.amount_cents})
    return invoices


def _invoice(order: BookingOrder) -> Invoice:
    """The order's invoice, locked; issued now if it has none."""
    known = OrderInvoice.objects.filter(order=order, invoice__settled_on__isnull=True).first()
    invoice_id = known.invoice_id if known else bill_order(order, lines=lines_of(order), on=_today()).id
    return locked_invoice(invoice_id)


def _today() -> date:
    return clock.today(the_town().zone)
