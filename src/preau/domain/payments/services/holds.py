"""The end of a hold: dropped by the family, lapsed with time, put off once; and the answer to an offered place.

No place is given away while a payment for it may still succeed (design 4.5). Locks: the order, its
invoices, the places.
"""

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice, OrderInvoice
from preau.domain.billing.services.issuing import cancel_invoice
from preau.domain.bookings.errors import OrderClosedError
from preau.domain.bookings.models import BookingOrder
from preau.domain.bookings.services.drafts import clear_draft
from preau.domain.bookings.services.orders import (
    check_right,
    drop_order,
    extend_hold,
    lapse_order,
    lock_days_of,
    lock_order,
    take_offer,
)
from preau.domain.bookings.states import OrderState
from preau.domain.families.models import Household
from preau.domain.payments.errors import PaymentInProgressError
from preau.domain.payments.queries.orders import (
    attempts_on,
    confirms_without_payment,
    held_orders,
    is_being_paid,
)
from preau.domain.payments.services.order_settlement import lock_held, locked_invoice
from preau.domain.payments.services.orders import confirm_unpaid
from preau.domain.payments.states import OPEN_STATES
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM, Actor

_LAPSED = "Réservations non payées à temps"
_DROPPED = "Réservations supprimées avant paiement"


@transaction.atomic
def drop_bookings(*, household: Household, keeps_for: User | None, by: Actor) -> int:
    """Give back everything a family holds and has not paid (C38); how many orders. All or none.

    `keeps_for`: whose draft these choices join, whoever saved them; None forgets them.

    Raises:
        OrderClosedError: nothing is held any more.
        PaymentInProgressError: one of them is being paid.
    """
    orders = lock_held(household)
    if not orders:
        raise OrderClosedError
    if (attempt := attempts_on(orders).first()) is not None:
        raise PaymentInProgressError(
            "Un paiement est en cours pour ces réservations\u202f: attendez son résultat, ou annulez-le d’abord.",
            since=attempt.created_at,
            until=attempt.locked_until,
        )
    lock_days_of(orders)
    for order in orders:
        drop_order(order, keeps_for=keeps_for, by=by)
        cancel_invoices(order, _DROPPED)
    return len(orders)


@transaction.atomic
def erase_choices(*, household: Household, user: User, by: Actor) -> None:
    """Forget what a person drafted and give back what its family holds and has not paid (C38). All or none.

    Raises:
        PaymentInProgressError: something held is being paid.
    """
    clear_draft(user=user, household=household)
    if held_orders(household).exists():
        drop_bookings(household=household, keeps_for=None, by=by)


@transaction.atomic
def answer_offer(*, household: Household, user: User, order_id: str, accepts: bool, by: Actor) -> BookingOrder:
    """Take or decline a place offered by the waiting list (public id); taken, it is to be paid or is confirmed.

    Raises:
        BookingOrder.DoesNotExist: no such offer, or another family's (W11).
        OrderClosedError: its time is over, or the child may no longer have that day.
    """
    found = BookingOrder.objects.get(household=household, public_id=order_id, waiting_entry__isnull=False)
    order = lock_order(found.id)
    if order.state != OrderState.OFFERED or order.hold_until is None or order.hold_until <= clock.now():
        raise OrderClosedError("Cette place n’est plus gardée pour vous.")
    if not accepts:
        drop_order(order, keeps_for=None, by=by)
        return order
    check_right(order)
    if confirms_without_payment(order):
        confirm_unpaid(order, by=by)
    else:
        take_offer(order, user=user, by=by)
    return order


@transaction.atomic
def give_more_time(*, household: Household) -> int:
    """Put off once the limit of what a family holds, by as much again (RGAA); how many orders it concerns.

    Raises:
        OrderClosedError: nothing can be put off any more.
    """
    now = clock.now()
    orders = [order for order in lock_held(household) if not order.was_extended]
    orders = [order for order in orders if order.hold_until is not None and order.hold_until > now]
    if not orders:
        raise OrderClosedError("Le délai ne peut plus être prolongé.")
    for order in orders:
        extend_hold(order)
    return len(orders)


def lapse_due(*, limit: int = 200) -> int:
    """Give back the places whose time is over and that nobody is paying for; how many orders (P04, I17)."""
    late = BookingOrder.objects.filter(hold_until__lte=clock.now(), ended_at__isnull=True)
    # Those being paid are left out from the start: days of them would keep the others waiting.
    due = late.exclude(invoices__invoice__attempt_lines__attempt__state__in=OPEN_STATES).order_by("hold_until")
    return sum(_lapse(order_id) for order_id in due.values_list("id", flat=True)[:limit])


@transaction.atomic
def _lapse(order_id: int) -> bool:
    order = lock_order(order_id)
    if order.ended_at is not None or order.hold_until is None or order.hold_until > clock.now():
        return False
    links = OrderInvoice.objects.filter(order=order)
    # Whoever starts a payment holds the invoice: from here on, it is started or it never will be.
    list(Invoice.objects.select_for_update(of=("self",)).filter(of_order__in=links).order_by("id"))
    if is_being_paid(order):
        return False
    lapse_order(order, by=SYSTEM)
    cancel_invoices(order, _LAPSED)
    return True


def cancel_invoices(order: BookingOrder, label: str) -> None:
    """Ask no longer what a locked order, just ended, was asking."""
    for link in OrderInvoice.objects.filter(order=order).order_by("invoice"):
        invoice = locked_invoice(link.invoice_id)
        if invoice.left_cents > 0:
            cancel_invoice(invoice, label=label, on=clock.today(the_town().zone))
