"""What settling an invoice does to the bookings it was for, in the transaction that settles it (C39).

Locks: the orders, then the invoices; the caller locks orders first with `lock_orders`.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice, OrderInvoice
from preau.domain.billing.services.issuing import credit_family
from preau.domain.billing.services.orders import bill_order
from preau.domain.bookings.models import BookingOrder
from preau.domain.bookings.services.orders import confirm_order, lines_of, lock_days_of, lock_order, revive_order
from preau.domain.bookings.states import OPEN_ORDERS, OrderState
from preau.domain.families.models import Household
from preau.domain.payments.models import AttemptLine, CreditUse, PaymentAttempt
from preau.domain.payments.queries.orders import held_orders
from preau.domain.payments.services.spending import spend_credit
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor

_LOST = "Jours qui ne peuvent plus être donnés"


class _NoRoomError(Exception):
    """Some place is gone: the invoice written for it goes too."""


def lock_orders(invoice_ids: Iterable[int]) -> None:
    """Lock the orders that these invoices ask to pay, before the invoices themselves."""
    links = OrderInvoice.objects.filter(invoice__in=list(invoice_ids)).values("order")
    list(BookingOrder.objects.select_for_update(of=("self",)).filter(id__in=links).order_by("id"))


def lock_held(household: Household) -> list[BookingOrder]:
    """Those orders, locked, without what ended meanwhile."""
    locked = [lock_order(order.id) for order in held_orders(household)]
    return [order for order in locked if order.state == OrderState.HELD]


def confirm_paid(order: BookingOrder, *, by: Actor) -> None:
    """Confirm a locked order that is paid; days whose right went meanwhile go back to the payer's credit (U9)."""
    confirmed = confirm_order(order, by=by)
    lost_cents = sum(booking.price_cents for booking in confirmed.lost)
    if lost_cents:
        credit_family(regie=order.regie, household=order.household, label=_LOST, cents=lost_cents, on=_today())


def confirm_settled(invoice_ids: Iterable[int], *, by: Actor) -> None:
    """Confirm the open orders whose invoices are now settled."""
    links = OrderInvoice.objects.filter(invoice__in=list(invoice_ids), invoice__settled_on__isnull=False)
    locked = [lock_order(order_id) for order_id in links.order_by("order").values_list("order", flat=True)]
    opened = [order for order in locked if order.state in OPEN_ORDERS]
    lock_days_of(opened)
    for order in opened:
        confirm_paid(order, by=by)


def find_places_again(attempt: PaymentAttempt, *, by: Actor) -> int:
    """Confirm, if their places are still there, orders that a late payment was for; the cents of credit it used (N4).

    The payment went to the family's credit, since its invoice was cancelled with the hold: a new invoice takes it.
    """
    lines = AttemptLine.objects.filter(attempt=attempt).values("invoice")
    links = OrderInvoice.objects.filter(invoice__in=lines).exclude(order__state__in=[*OPEN_ORDERS, "confirmed"])
    used = 0
    for order_id in links.order_by("order").values_list("order", flat=True).distinct():
        used += _find_places(lock_order(order_id), payer=attempt.checkout.person, by=by)
    return used


def _find_places(order: BookingOrder, *, payer: User, by: Actor) -> int:
    """Bill a lapsed order again and pay it by the credit its late payment made, all or nothing."""
    try:
        with transaction.atomic():
            # The number first, then the places: the order of every other writer.
            invoice = bill_order(order, lines=lines_of(order), on=_today())
            use = spend_credit(locked_invoice(invoice.id), user=payer, smallest_cents=0)
            _check(_settles(use) and revive_order(order, zone=the_town().zone, by=by))
    except _NoRoomError:
        return 0
    return use.amount_cents if use else 0


def _settles(use: CreditUse | None) -> bool:
    return use is not None and use.invoice.settled_on is not None


def _check(has_room: bool) -> None:  # noqa: FBT001  (one fact)
    if not has_room:
        raise _NoRoomError


def locked_invoice(invoice_id: int) -> Invoice:
    """An invoice, locked until the transaction ends."""
    rows = Invoice.objects.select_for_update(of=("self",)).select_related("regie", "household")
    return rows.get(id=invoice_id)


def _today() -> date:
    return clock.today(the_town().zone)
