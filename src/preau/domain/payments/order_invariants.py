"""What must always be true between what is booked and what is paid (I16, I17)."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from preau.domain.activities.models.activities import PAID_FIRST
from preau.domain.billing.models import OrderInvoice
from preau.domain.bookings.models import Booking, BookingOrder, OrderEvent, OrderLine
from preau.domain.bookings.states import OPEN_ORDERS, BookingState, OrderState
from preau.domain.payments.models import PaymentAttempt, ReversalPart
from preau.domain.payments.queries.orders import smallest_by_regie
from preau.domain.payments.states import OPEN_STATES
from preau.domain.regies.models import Regie
from preau.foundation import clock
from preau.foundation.invariants import invariant

_HOLD_PATIENCE = timedelta(minutes=2)
_ADD = OrderLine.Kind.ADD


@invariant(
    "I16",
    "Une réservation payée d’abord et confirmée vient d’une commande confirmée, et d’une seule, qui est payée, "
    "ne demandait rien, ou laisse un restant dû qui s’explique",
)
def confirmed_places_are_paid() -> Iterable[str]:
    confirmed = Booking.objects.filter(state=BookingState.CONFIRMED, price_cents__gt=0)
    adding = OrderLine.objects.filter(booking=OuterRef("pk"), kind=_ADD, amount_cents=OuterRef("price_cents"))
    from_confirmed = adding.filter(order__state=OrderState.CONFIRMED)
    orphans = confirmed.filter(~Exists(from_confirmed)).values_list("public_id", flat=True)
    yield from (f"réservation {key} : aucune commande confirmée ne l’ajoute à son prix" for key in orphans)
    asking = BookingOrder.objects.filter(
        Exists(confirmed.filter(order_lines__order=OuterRef("pk"), order_lines__kind=_ADD)),
        state=OrderState.CONFIRMED,
        payment_mode__in=PAID_FIRST,
        total_cents__gt=0,
    )
    unpaid = asking.filter(~Exists(_paying()))
    allowed = _explained(unpaid)
    for order in unpaid.order_by("id"):
        if order.id not in allowed:
            yield f"commande {order.public_id} confirmée sans être payée : {order.total_cents} centimes"


def _paying() -> QuerySet[OrderInvoice]:
    """Invoices of an order that settle it; one wholly cancelled pays nothing."""
    return OrderInvoice.objects.filter(
        order=OuterRef("pk"), invoice__settled_on__isnull=False, invoice__credited_cents__lt=F("invoice__total_cents")
    )


def _explained(unpaid: QuerySet[BookingOrder]) -> set[int]:
    """Orders whose invoice may be left due: an agent made them, the bank took the payment back, or it is too little."""
    due = OrderInvoice.objects.filter(order__in=unpaid, invoice__settled_on__isnull=True)
    by_agent = OrderEvent.objects.filter(order=OuterRef("order"), sequence=1, actor__startswith="agent:")
    taken_back = ReversalPart.objects.filter(
        Q(allocation__invoice=OuterRef("invoice")) | Q(credit_use__invoice=OuterRef("invoice"))
    )
    found = set(due.filter(Exists(by_agent) | Exists(taken_back)).values_list("order", flat=True))
    return found | _too_little(due.exclude(order__in=found))


def _too_little(due: QuerySet[OrderInvoice]) -> set[int]:
    left = list(due.values_list("order", "invoice__regie", "invoice__left_cents"))
    smallest = smallest_by_regie(_regies({regie for _, regie, _ in left}))
    return {order for order, regie, cents in left if cents < smallest[regie]}


def _regies(ids: Collection[int]) -> list[Regie]:
    return list(Regie.objects.filter(id__in=ids))


@invariant(
    "I17",
    "Aucune place n’est gardée plus de deux minutes après sa limite, sauf pendant un paiement, "
    "et aucune sans commande ouverte",
)
def held_places_wait_for_something() -> Iterable[str]:
    paying = PaymentAttempt.objects.filter(lines__invoice__of_order__order=OuterRef("pk"), state__in=OPEN_STATES)
    late = BookingOrder.objects.filter(
        ~Exists(paying), state__in=OPEN_ORDERS, hold_until__lt=clock.now() - _HOLD_PATIENCE
    )
    yield from (f"commande {key} gardée après sa limite" for key in late.values_list("public_id", flat=True))
    opened = OrderLine.objects.filter(booking=OuterRef("pk"), kind=_ADD, order__state__in=OPEN_ORDERS)
    lonely = Booking.objects.filter(~Exists(opened), state=BookingState.HELD).values_list("public_id", flat=True)
    yield from (f"réservation {key} gardée sans commande ouverte" for key in lonely)
    astray = OrderLine.objects.filter(kind=_ADD, order__state__in=OPEN_ORDERS).exclude(booking__state=BookingState.HELD)
    yield from (
        f"commande {key} ouverte, place non gardée" for key in astray.values_list("order__public_id", flat=True)
    )
    leaving = OrderLine.objects.filter(booking=OuterRef("pk"), kind="remove", order__state__in=OPEN_ORDERS)
    unexplained = Booking.objects.filter(~Exists(leaving), is_leaving=True).values_list("public_id", flat=True)
    yield from (f"réservation {key} sur le départ sans commande ouverte" for key in unexplained)
