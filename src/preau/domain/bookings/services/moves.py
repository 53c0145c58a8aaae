"""The one door through which a booking or an order changes state; each move leaves its event."""

from collections.abc import Sequence

from django.db.models import Max

from preau.domain.bookings.errors import ForbiddenMoveError
from preau.domain.bookings.models import Booking, BookingEvent, BookingOrder, OrderEvent
from preau.domain.bookings.states import BOOKING_MOVES, OPEN_ORDERS, ORDER_MOVES, BookingState, OrderState
from preau.foundation import clock
from preau.foundation.audit.actors import Actor

_CREATED = "created"


def create_bookings(bookings: Sequence[Booking], *, by: Actor) -> None:
    """Write new bookings with the first line of their history: three queries whatever their number."""
    created = Booking.objects.bulk_create(bookings)
    BookingEvent.objects.bulk_create(
        BookingEvent(
            booking=booking,
            sequence=1,
            from_state="",
            to_state=booking.state,
            name=_CREATED,
            actor=str(by),
            at=booking.created_at,
        )
        for booking in created
    )


def move_bookings(bookings: Sequence[Booking], to: BookingState, *, by: Actor) -> None:
    """Move locked bookings along the table of states; three queries whatever their number.

    Raises:
        ForbiddenMoveError: the table does not hold one of these moves; nothing was written.
    """
    if not bookings:
        return
    names = [BOOKING_MOVES.get((BookingState(booking.state), to)) for booking in bookings]
    if not all(names):
        raise ForbiddenMoveError(f"bookings {[b.public_id for b in bookings]}: {[b.state for b in bookings]} -> {to}")
    ids = [booking.id for booking in bookings]
    last = dict(
        BookingEvent.objects.filter(booking__in=ids)
        .values_list("booking")
        .annotate(last=Max("sequence"))
        .values_list("booking", "last")
    )
    now = clock.now()
    BookingEvent.objects.bulk_create(
        BookingEvent(
            booking=booking,
            sequence=last.get(booking.id, 0) + 1,
            from_state=booking.state,
            to_state=to,
            name=name or "",
            actor=str(by),
            at=now,
        )
        for booking, name in zip(bookings, names, strict=True)
    )
    Booking.objects.filter(id__in=ids).update(state=to, is_leaving=False)
    for booking in bookings:
        booking.state, booking.is_leaving = to, False


def create_order(order: BookingOrder, *, by: Actor) -> None:
    """Write a new order with the first line of its history."""
    order.save(force_insert=True)
    OrderEvent.objects.create(
        order=order, sequence=1, from_state="", to_state=order.state, name=_CREATED, actor=str(by), at=order.created_at
    )


def move_order(order: BookingOrder, to: OrderState, *, by: Actor) -> None:
    """Move a locked order along the table of states.

    Raises:
        ForbiddenMoveError: the table does not hold this move.
    """
    origin = OrderState(order.state)
    name = ORDER_MOVES.get((origin, to))
    if name is None:
        raise ForbiddenMoveError(f"order {order.public_id}: {origin} -> {to}")
    now = clock.now()
    order.state = to
    order.ended_at = None if to in OPEN_ORDERS else now
    order.save(update_fields=["state", "ended_at", "hold_until", "user"])
    last = order.events.order_by("-sequence").values_list("sequence", flat=True)[0]
    OrderEvent.objects.create(
        order=order, sequence=last + 1, from_state=origin, to_state=to, name=name, actor=str(by), at=now
    )
