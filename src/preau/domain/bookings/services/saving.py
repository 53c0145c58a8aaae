"""Saving what a person chose: all its days or none, its places held, its prices frozen (E.2).

Locks: the household, then the counts of places in their order.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.bookings.changes import Change, ChangeGroup, grouped
from preau.domain.bookings.errors import (
    FullError,
    NothingToSaveError,
    PriceChangedError,
    RefusedChangesError,
    TooManyHeldError,
)
from preau.domain.bookings.models import Booking, BookingOrder, OrderLine
from preau.domain.bookings.queries.proposals import FULL, Proposal, proposal_of
from preau.domain.bookings.services.drafts import forget_saved
from preau.domain.bookings.services.moves import create_bookings, create_order
from preau.domain.bookings.services.places import lock_places, take
from preau.domain.bookings.services.waiting import slots_around
from preau.domain.bookings.states import BookingState, OrderState
from preau.domain.families.models import Household
from preau.domain.pricing.models import TariffVersion
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.money import format_cents


@dataclass(frozen=True, slots=True)
class Saved:
    """Orders just written, all open; `refused`: what an explicit partial choice left in the draft."""

    orders: tuple[BookingOrder, ...]
    refused: tuple[Change, ...]


def save_changes(
    *,
    household: Household,
    user: User,
    form_key: str,
    shown_cents: int,
    zone: ZoneInfo,
    by: Actor,
    is_partial: bool = False,
) -> Saved:
    """Hold the days of a person's draft, one order per régie and payment mode; the same form key saves nothing twice.

    `shown_cents` is the cost that the page announced (U6). `is_partial`: save what can be, and keep the rest drafted;
    the person chose so, and the cost is then whatever the saved days cost.

    Raises:
        BookingError: nothing was written; its subclass says why, its message is for the family.
    """
    known = _known(household, form_key)
    if known:
        return Saved(known, ())
    with transaction.atomic():
        # One saving at a time per family: two parents, or two tabs, see each other's days (U2, U7).
        Household.objects.select_for_update(of=("self",), no_key=True).get(id=household.id)
        if known := _known(household, form_key):
            return Saved(known, ())
        proposal = proposal_of(user=user, household=household, now=clock.now(), zone=zone)
        _check(proposal, household, shown_cents, is_partial=is_partial)
        proposal = _take_places(proposal, is_partial=is_partial)
        orders = tuple(
            hold_group(group, household=household, user=user, form_key=form_key, by=by) for group in proposal.groups
        )
        forget_saved(user=user, cells=[(c.child.id, c.activity.id, c.day) for c in proposal.changes])
    return Saved(orders, proposal.refused)


def _known(household: Household, form_key: str) -> tuple[BookingOrder, ...]:
    return tuple(BookingOrder.objects.filter(household=household, form_key=form_key).select_related("regie"))


def _check(proposal: Proposal, household: Household, shown_cents: int, *, is_partial: bool) -> None:
    if not proposal.count:
        raise NothingToSaveError
    if proposal.refused and not (is_partial and proposal.groups):
        raise RefusedChangesError(proposal)
    if not is_partial and proposal.cost_cents != shown_cents:
        raise PriceChangedError(
            "Le coût a changé depuis l’affichage de la page : il est maintenant de "
            f"{format_cents(proposal.cost_cents)}. Vérifiez, puis recommencez."
        )
    _check_held(proposal, household)


def _check_held(proposal: Proposal, household: Household) -> None:
    """Nobody keeps more places waiting for money than the town allows (W25)."""
    first = [change for group in proposal.groups if group.is_paid_first for change in group.changes if change.quote]
    if not first:
        return
    held = Booking.objects.filter(household=household, state=BookingState.HELD).count()
    most = min(change.activity.max_held for change in first)
    if held + len(first) > most:
        places = "une place" if most == 1 else f"{most} places"
        raise TooManyHeldError(
            f"Vous pouvez garder {places} au plus avant de payer\u202f: payez ou supprimez celles qui attendent."
        )


def _take_places(proposal: Proposal, *, is_partial: bool) -> Proposal:
    """Take every place, or say which days are full; a partial choice goes on without those."""
    refused: tuple[Change, ...] = proposal.refused
    kept = proposal.changes
    # What is given back at once comes after what is taken: locked together, two families never block each other.
    leaving = [change.current for change in kept if change.current is not None]
    lock_places({*chain.from_iterable(change.slots for change in kept), *slots_around(leaving)})
    while True:
        try:
            take(Counter(chain.from_iterable(change.slots for change in kept)))
        except FullError as full:
            lost = _first_without_room(kept, set(full.slots))
            refused = (*refused, *(change.refused(FULL) for change in lost))
            kept = tuple(change for change in kept if change not in lost)
            if not is_partial or not kept:
                raise RefusedChangesError(Proposal(grouped(kept), refused)) from full
        else:
            return Proposal(grouped(kept), refused)


def _first_without_room(changes: Sequence[Change], full: set[object]) -> list[Change]:
    """Changes that ask a full place. Of two children for one place, the last goes without; the next turn tells."""
    asking = [change for change in changes if full & set(change.slots)]
    by_day: dict[object, list[Change]] = {}
    for change in asking:
        by_day.setdefault((change.day, change.activity.id), []).append(change)
    return [same[-1] for same in by_day.values()]


def hold_group(
    group: ChangeGroup, *, household: Household, user: User | None, form_key: str, by: Actor, derogation: str = ""
) -> BookingOrder:
    """Write an order with its bookings, all held; what it removes leaves when the order is confirmed.

    The places are the caller's. `derogation`: an agent's reason, kept on the days that pass a rule (I19, U12).
    """
    now = clock.now()
    order = BookingOrder(
        form_key=form_key,
        household=household,
        user=user,
        regie=group.regie,
        payment_mode=group.payment_mode,
        state=OrderState.HELD,
        total_cents=group.total_cents,
        created_at=now,
        hold_until=now + timedelta(minutes=min(change.activity.hold_minutes for change in group.changes)),
    )
    create_order(order, by=by)
    leaving = [change.current for change in group.changes if change.current is not None]
    Booking.objects.filter(id__in=[booking.id for booking in leaving]).update(is_leaving=True)
    added = [_booking(change, household, now, derogation) for change in group.changes if change.quote is not None]
    create_bookings(added, by=by)
    OrderLine.objects.bulk_create(_lines(order, group, added))
    return order


def _booking(change: Change, household: Household, now: datetime, derogation: str) -> Booking:
    assert change.wanted.unit and change.quote and change.enrolment  # noqa: S101, PT018  (an addition was priced)
    return Booking(
        enrolment=change.enrolment,
        child=change.child,
        household=household,
        activity=change.activity,
        group=change.enrolment.group,
        unit=change.wanted.unit,
        day=change.day,
        starts_minute=change.wanted.starts_minute,
        ends_minute=change.wanted.ends_minute,
        state=BookingState.HELD,
        is_late=change.is_late,
        price_cents=change.quote.cents,
        tariff_version=TariffVersion(id=change.quote.version_id),
        price_reasons=list(change.quote.reasons),
        derogation=derogation if change.past else "",
        created_at=now,
    )


def _lines(order: BookingOrder, group: ChangeGroup, added: Sequence[Booking]) -> list[OrderLine]:
    removed = [
        OrderLine(order=order, booking=c.current, kind=OrderLine.Kind.REMOVE, amount_cents=-c.removed_cents)
        for c in group.changes
        if c.current is not None
    ]
    return [
        *removed,
        *(OrderLine(order=order, booking=b, kind=OrderLine.Kind.ADD, amount_cents=b.price_cents) for b in added),
    ]
