"""How an order ends: confirmed, lapsed, dropped, or found again after a late payment. The caller locks it first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from preau.domain.accounts.models import User
from preau.domain.activities.queries.agenda import agenda_of
from preau.domain.activities.rules.deadlines import Stage
from preau.domain.bookings.errors import FullError, OrderClosedError
from preau.domain.bookings.letters import tell_confirmed, tell_lapsed, tell_lost, tell_passed
from preau.domain.bookings.models import Booking, BookingOrder, OrderLine
from preau.domain.bookings.queries.counts import slots_taken_by
from preau.domain.bookings.services.drafts import draft_again
from preau.domain.bookings.services.moves import move_bookings, move_order
from preau.domain.bookings.services.places import take
from preau.domain.bookings.services.waiting import lock_days, pass_on, take_turn
from preau.domain.bookings.states import (
    LIVE_BOOKINGS,
    OPEN_ORDERS,
    BookingState,
    EnrolmentState,
    OrderState,
)
from preau.foundation import clock
from preau.foundation.audit.actors import Actor


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What confirming an order did. `lost`: days whose right went meanwhile (U9), to be given back to the payer."""

    added: tuple[Booking, ...]
    removed: tuple[Booking, ...]
    lost: tuple[Booking, ...]


def lock_order(order_id: int) -> BookingOrder:
    """The order, locked until the transaction ends."""
    return BookingOrder.objects.select_for_update(of=("self",)).select_related("regie", "household").get(id=order_id)


def lines_of(order: BookingOrder) -> list[OrderLine]:
    """The lines of an order with what moving their bookings needs, in the order of the days."""
    rows = OrderLine.objects.filter(order=order).select_related(
        "booking__activity", "booking__group", "booking__unit", "booking__enrolment", "booking__child"
    )
    return list(rows.order_by("booking__day", "booking__child", "id"))


def lock_days_of(orders: Sequence[BookingOrder]) -> None:
    """Lock every count that ending these locked orders may change: for who ends several of them."""
    if len(orders) > 1:
        lock_days([line.booking for order in orders for line in lines_of(order)])


def confirm_order(order: BookingOrder, *, by: Actor) -> Confirmed:
    """Confirm what a locked order adds and give back what it removes; the first who wait are offered those places.

    Raises:
        ForbiddenMoveError: it is not open.
    """
    lines = lines_of(order)
    added = _bookings(lines, OrderLine.Kind.ADD)
    removed = [booking for booking in _bookings(lines, OrderLine.Kind.REMOVE) if booking.state in LIVE_BOOKINGS]
    lost = {booking: why for booking in added if (why := _why_lost(booking))}
    kept = [booking for booking in added if booking not in lost]
    move_bookings(list(lost), BookingState.RELEASED, by=by)
    # A day changed leaves before its new unit is confirmed: one live booking a day (I15).
    move_bookings(removed, BookingState.CANCELLED, by=by)
    move_bookings(kept, BookingState.CONFIRMED, by=by)
    move_order(order, OrderState.CONFIRMED, by=by)
    take_turn(order, has_place=bool(kept))
    pass_on([*removed, *lost], beside=kept, by=by)
    tell_confirmed(order, added=kept, removed=removed)
    tell_lost(order, lost)
    return Confirmed(tuple(kept), tuple(removed), tuple(lost))


def lapse_order(order: BookingOrder, *, by: Actor) -> None:
    """Give back the places of a locked order whose time is over, and tell the family; what it chose is drafted again.

    Raises:
        ForbiddenMoveError: it is not open.
    """
    was_offered = order.state == OrderState.OFFERED
    lines = _let_go(order, OrderState.LAPSED, by=by)
    if was_offered:
        tell_passed(order, lines[0].booking)
        return
    if order.user is not None:
        draft_again(user=order.user, lines=lines)
    tell_lapsed(order, bookings=_bookings(lines, OrderLine.Kind.ADD))


def drop_order(order: BookingOrder, *, keeps_for: User | None, by: Actor) -> None:
    """Give back the places of a locked order because its family asks it (C38); `keeps_for`: who will change them.

    Raises:
        OrderClosedError: it is not open.
    """
    _end_early(order, OrderState.DROPPED, keeps_for=keeps_for, by=by)


def cancel_order(order: BookingOrder, *, by: Actor) -> None:
    """Give back the places of a locked order because the town takes them away, for good; its choices stay drafted.

    Raises:
        OrderClosedError: it is not open.
    """
    _end_early(order, OrderState.CANCELLED, keeps_for=order.user, by=by)


def revive_order(order: BookingOrder, *, zone: ZoneInfo, by: Actor) -> bool:
    """Confirm a locked order whose payment came too late, if all its places are still there (N4); whether it was.

    All its days or none: a family that paid for two children is not left with one. Days gone by are not sold.
    """
    if order.state not in {OrderState.LAPSED, OrderState.DROPPED}:
        return False
    lines = lines_of(order)
    added = _bookings(lines, OrderLine.Kind.ADD)
    removed = _bookings(lines, OrderLine.Kind.REMOVE)
    if not _can_come_back(added, removed, zone):
        return False
    lock_days([*added, *removed])
    try:
        take(slots_taken_by(added, beside=removed))
    except FullError:
        return False
    move_bookings(removed, BookingState.CANCELLED, by=by)
    move_bookings(added, BookingState.CONFIRMED, by=by)
    move_order(order, OrderState.CONFIRMED, by=by)
    take_turn(order, has_place=True)
    pass_on(removed, beside=added, by=by)
    tell_confirmed(order, added=added, removed=removed)
    return True


def check_right(order: BookingOrder) -> None:
    """A child that lost its right to a day is not given the place offered for it.

    Raises:
        OrderClosedError: says why.
    """
    for line in lines_of(order):
        if why := _why_lost(line.booking):
            raise OrderClosedError(f"Cette place ne peut plus être prise\u202f: {why}")


def take_offer(order: BookingOrder, *, user: User, by: Actor) -> None:
    """Hold a locked offer for its payment, as long as any other place; from here on it is its taker's."""
    until = clock.now() + timedelta(minutes=_hold_minutes(order))
    order.user = user
    order.hold_until = max(order.hold_until or until, until)
    move_order(order, OrderState.HELD, by=by)


def _hold_minutes(order: BookingOrder) -> int:
    return min(line.booking.activity.hold_minutes for line in lines_of(order))


def extend_hold(order: BookingOrder) -> None:
    """Give a locked order as much time again, once (RGAA: a time limit can be put off).

    Raises:
        OrderClosedError: it is not held any more, or was extended before.
    """
    if order.state != OrderState.HELD or order.was_extended or order.hold_until is None:
        raise OrderClosedError("Le délai ne peut plus être prolongé.")
    order.hold_until += timedelta(minutes=_hold_minutes(order))
    order.was_extended = True
    order.save(update_fields=["hold_until", "was_extended"])


def _bookings(lines: Iterable[OrderLine], kind: OrderLine.Kind) -> list[Booking]:
    return [line.booking for line in lines if line.kind == kind]


def _why_lost(booking: Booking) -> str:
    """Why the right to a day went: another family, or no longer enrolled that day (U9); empty while it stands."""
    name, enrolment = booking.child.first_name, booking.enrolment
    if not booking.child.places.filter(household=booking.household_id).exists():
        return f"{name} n’est plus dans votre dossier."
    if enrolment.state != EnrolmentState.ACCEPTED or enrolment.last_day < booking.day:
        return f"{name} n’a plus d’inscription à cette date."
    return ""


def _end_early(order: BookingOrder, to: OrderState, *, keeps_for: User | None, by: Actor) -> None:
    if order.state not in OPEN_ORDERS:
        raise OrderClosedError
    lines = _let_go(order, to, by=by)
    if keeps_for is not None:
        draft_again(user=keeps_for, lines=lines)


def _let_go(order: BookingOrder, to: OrderState, *, by: Actor) -> list[OrderLine]:
    lines = lines_of(order)
    added = [booking for booking in _bookings(lines, OrderLine.Kind.ADD) if booking.state == BookingState.HELD]
    move_bookings(added, BookingState.RELEASED, by=by)
    staying = [booking for booking in _bookings(lines, OrderLine.Kind.REMOVE) if booking.state in LIVE_BOOKINGS]
    Booking.objects.filter(id__in=[booking.id for booking in staying]).update(is_leaving=False)
    move_order(order, to, by=by)
    take_turn(order, has_place=False)
    pass_on(added, beside=staying, by=by)
    return lines


def _can_come_back(added: list[Booking], removed: list[Booking], zone: ZoneInfo) -> bool:
    """Whether nothing but places could stand in the way: rights, days still to book, no other booking meanwhile."""
    today = clock.today(zone)
    leaving = {booking.id for booking in removed}
    if any(booking.day < today or _why_lost(booking) for booking in added):
        return False
    if any(booking.state != BookingState.CONFIRMED or booking.is_leaving for booking in removed):
        return False
    if not added:
        return True
    if not _are_open(added, zone):
        return False
    same = Q()
    for booking in added:
        same |= Q(child=booking.child_id, activity=booking.activity_id, day=booking.day)
    return not Booking.objects.filter(same, state__in=LIVE_BOOKINGS).exclude(id__in=leaving).exists()


def _are_open(bookings: list[Booking], zone: ZoneInfo) -> bool:
    """Whether each of these days still opens, and may still be booked."""
    days = [booking.day for booking in bookings]
    agenda = agenda_of({booking.activity for booking in bookings}, first=min(days), last=max(days), zone=zone)
    now = clock.now()
    return all(
        agenda.openness(booking.activity, booking.day).is_open
        and agenda.limits(booking.activity, booking.day).stage(now) != Stage.CLOSED
        for booking in bookings
    )
