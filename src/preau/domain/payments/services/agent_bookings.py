"""What agents book and cancel for families, with the money that follows (C26, U4, U12, V11).

Locks: the household, the orders, the invoice numbers, the invoices, the places, the numbers of « avoirs ».
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db import transaction

from preau.domain.activities.models import Activity
from preau.domain.billing.models import Invoice, OrderInvoice
from preau.domain.billing.services.issuing import credit_family, lower_invoice
from preau.domain.billing.services.orders import bill_order
from preau.domain.bookings.changes import WHOLE, Wanted, share_of
from preau.domain.bookings.errors import FullError, NotToBookError, PriceChangedError, ReasonMissingError
from preau.domain.bookings.letters import tell_cancelled
from preau.domain.bookings.models import Booking, BookingOrder, Enrolment, OrderLine
from preau.domain.bookings.queries.agents import agent_proposal, enrolments_in, live_in
from preau.domain.bookings.queries.proposals import Proposal
from preau.domain.bookings.rules.reasons import explained
from preau.domain.bookings.services.agents import cancel_confirmed, open_asked, take_asked, write_order
from preau.domain.bookings.services.orders import cancel_order, lines_of, lock_order
from preau.domain.bookings.services.waiting import lock_days
from preau.domain.bookings.states import OPEN_ORDERS, BookingState
from preau.domain.families.models import Household
from preau.domain.payments.errors import PaymentError, PaymentInProgressError
from preau.domain.payments.models import AttemptLine
from preau.domain.payments.queries.closed_days import closing_reason, families_of_day
from preau.domain.payments.queries.orders import attempts_on, confirms_without_payment
from preau.domain.payments.services.holds import cancel_invoices
from preau.domain.payments.services.order_settlement import confirm_paid, locked_invoice
from preau.domain.payments.services.orders import confirm_unpaid
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

#: Families of a closed day treated by one click: what a person waits for without wondering.
AT_ONCE = 40


@transaction.atomic
def book_for_family(
    *,
    enrolment: Enrolment,
    wanted: Wanted,
    days: Collection[date],
    form_key: str,
    shown_cents: int,
    derogation: str,
    by: Actor,
) -> BookingOrder:
    """Book days of a child on an agent's word: confirmed at once, the invoice left due where it is paid first (C26).

    `shown_cents` is the price that the page announced (U6). The same form key books nothing twice.

    Raises:
        BookingError: nothing was written; its message is for the agent.
    """
    household = enrolment.household
    Household.objects.select_for_update(of=("self",), no_key=True).get(id=household.id)
    if known := BookingOrder.objects.filter(household=household, form_key=form_key).first():
        return known
    if not enrolments_in([enrolment.activity.regie_id]).filter(id=enrolment.id).exists():
        raise NotToBookError("Cette inscription n’est plus en vigueur.")
    proposal = agent_proposal(enrolment, wanted, days, now=clock.now(), zone=the_town().zone)
    _check_shown(proposal, shown_cents)
    open_asked(proposal)
    order = write_order(proposal, household=household, form_key=form_key, derogation=derogation, by=by)
    is_billed = not confirms_without_payment(order)
    if is_billed:
        bill_order(order, lines=lines_of(order), on=_today())
    try:
        take_asked(proposal)
    except FullError as full:
        raise NotToBookError("Un de ces jours vient d’être complet\u202f: recommencez.") from full
    if is_billed:
        confirm_paid(order, by=by)
    else:
        confirm_unpaid(order, by=by)
    past = [str(change.day) for change in proposal.changes if change.past]
    details = {"days": len(proposal.changes), "past": past, "reason": explained(derogation)}
    record(by=by, action="bookings.made_for_family", subject=order.public_id, details=details)
    return order


def _check_shown(proposal: Proposal, shown_cents: int) -> None:
    """There is something to book, at the price that the page announced (U6)."""
    if not proposal.count:
        raise NotToBookError("Choisissez un jour au moins.")
    if not proposal.refused and proposal.cost_cents != shown_cents:
        raise PriceChangedError("Le prix a changé depuis l’affichage de la page\u202f: vérifiez, puis recommencez.")


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What an agent took away from a family. `released`: days that waited for a payment. Amounts in cents.

    `lowered_cents`: what is no longer asked. `is_told`: whether a mail left.
    """

    bookings: tuple[Booking, ...]
    released: tuple[Booking, ...]
    credited_cents: int
    lowered_cents: int
    is_told: bool

    def for_the_journal(self) -> dict[str, Any]:
        """Public ids of the bookings, and cents."""
        return {
            "bookings": [booking.public_id for booking in self.bookings],
            "released": [booking.public_id for booking in self.released],
            "credited_cents": self.credited_cents,
            "lowered_cents": self.lowered_cents,
        }


def cancel_for_family(
    *, regie_ids: Collection[int], booking_id: str, reason: str, by: Actor, back_percent: int = WHOLE
) -> Cancelled:
    """Cancel a live booking (public id), whatever the deadline.

    `back_percent` of the price of a booking paid first is given back: no longer asked, or put to the family's credit.

    Raises:
        Booking.DoesNotExist: unknown in these régies, or no longer live (W11).
        BookingError, PaymentError: nothing was written; the message is for the agent.
    """
    booking = live_in(regie_ids).get(public_id=booking_id)
    return _cancel(booking.household, [booking.id], reason=reason, by=by, back_percent=back_percent)


@transaction.atomic
def _cancel(
    household: Household, booking_ids: Collection[int], *, reason: str, by: Actor, back_percent: int = WHOLE
) -> Cancelled:
    """Cancel what is still live among bookings of one family; an unpaid order ends whole, its choices are kept."""
    why = explained(reason)
    if not why:
        raise ReasonMissingError
    Household.objects.select_for_update(of=("self",), no_key=True).get(id=household.id)
    orders = _locked_orders(booking_ids)
    waiting = [order for order in orders if order.state in OPEN_ORDERS]
    due = _locked_invoices(orders)
    _check_not_paying(due.values(), waiting)
    mine = Booking.objects.filter(household=household, id__in=booking_ids, state=BookingState.CONFIRMED)
    confirmed = list(mine.select_related("child", "unit", "group", "activity").order_by("day", "id"))
    released = [line.booking for order in waiting for line in lines_of(order) if line.kind == OrderLine.Kind.ADD]
    if not confirmed and not released:
        raise NotToBookError("Cette réservation est déjà annulée.")
    lock_days([*confirmed, *released])
    for order in waiting:
        cancel_order(order, by=by)
    cancel_confirmed(confirmed, by=by)
    for order in waiting:
        cancel_invoices(order, f"Réservations annulées\u202f: {why}")
    credited, lowered = _give_back(confirmed, due, why, back_percent)
    is_told = tell_cancelled(
        household,
        cancelled=confirmed,
        released=released,
        reason=why,
        credited_cents=credited,
        lowered_cents=lowered,
        back_percent=back_percent,
    )
    done = Cancelled(tuple(confirmed), tuple(released), credited, lowered, is_told)
    details = {**done.for_the_journal(), "back_percent": back_percent, "reason": why}
    record(by=by, action="bookings.cancelled_by_agent", subject=household.public_id, details=details)
    return done


def _locked_orders(booking_ids: Collection[int]) -> list[BookingOrder]:
    """The orders that added these bookings, and the open ones that would remove them, locked."""
    lines = OrderLine.objects.filter(booking__in=booking_ids)
    asked = set(lines.filter(kind=OrderLine.Kind.ADD).values_list("order", flat=True))
    asked |= set(lines.filter(order__state__in=OPEN_ORDERS).values_list("order", flat=True))
    return [lock_order(order_id) for order_id in sorted(asked)]


def _locked_invoices(orders: Iterable[BookingOrder]) -> dict[int, Invoice]:
    """What these orders still ask, by order id, locked."""
    links = OrderInvoice.objects.filter(order__in=[one.id for one in orders], invoice__settled_on__isnull=True)
    return {link.order_id: locked_invoice(link.invoice_id) for link in links.order_by("invoice")}


def _check_not_paying(due: Iterable[Invoice], waiting: Sequence[BookingOrder]) -> None:
    """No place is taken away while its payment may succeed (design 4.5), no sum lowered while it is being paid."""
    held = AttemptLine.objects.filter(invoice__in=list(due), is_open=True)
    if attempts_on(waiting).exists() or held.exists():
        raise PaymentInProgressError(
            "Un paiement est en cours pour ces réservations\u202f: recommencez quand son résultat sera connu."
        )


def _give_back(bookings: Iterable[Booking], due: Mapping[int, Invoice], why: str, back_percent: int) -> tuple[int, int]:
    """Give back a share of the price of bookings paid first: cents credited to the family, cents no longer asked."""
    adding = OrderLine.objects.filter(booking__in=[one.id for one in bookings], kind=OrderLine.Kind.ADD)
    rows = adding.select_related("order__regie", "order__household").order_by("order", "id")
    label, today = f"Réservations annulées\u202f: {why}"[:200], _today()
    credited = lowered = 0
    for order, lines in groupby((line for line in rows if line.order.is_paid_first), key=lambda line: line.order):
        cents = sum(share_of(line.amount_cents, back_percent) for line in lines)
        less = min(cents, due[order.id].left_cents) if order.id in due else 0
        if less:
            lower_invoice(due[order.id], label=label, cents=less, on=today)
        if cents > less:
            credit_family(regie=order.regie, household=order.household, label=label, cents=cents - less, on=today)
        credited, lowered = credited + cents - less, lowered + less
    return credited, lowered


@dataclass(frozen=True, slots=True)
class ClosedDayDone:
    """What one click did for a closed day. `untold`: families without address; `paying`: left for later.

    `left`: families that the next click will treat.
    """

    families: int
    untold: tuple[Household, ...]
    paying: int
    left: int


def cancel_closed_day(*, activity: Activity, day: date, reason: str, by: Actor, most: int = AT_ONCE) -> ClosedDayDone:
    """Cancel the live bookings of a closed day and tell the families, one transaction each; to be repeated until done.

    Raises:
        NotToBookError: the day is open.
        ReasonMissingError: nothing was written.
    """
    if not closing_reason(activity, day, zone=the_town().zone):
        raise NotToBookError(f"Le {french.day(day)} n’est pas fermé\u202f: fermez-le d’abord dans le calendrier.")
    if not explained(reason):
        raise ReasonMissingError
    done, paying, untold = 0, 0, []
    families = families_of_day(activity, day)
    for family in families:
        if done == most:
            break
        try:
            cancelled = _cancel(family.household, [b.id for b in family.bookings], reason=reason, by=by)
        except (PaymentError, NotToBookError):
            paying += 1
            continue
        done += 1
        untold += [] if cancelled.is_told else [family.household]
    return ClosedDayDone(done, tuple(untold), paying, len(families) - done - paying)


def _today() -> date:
    return clock.today(the_town().zone)
