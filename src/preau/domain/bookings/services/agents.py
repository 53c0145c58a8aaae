"""What agents do for families on their word: days booked past a rule with a reason, days and turns taken away.

Money is the caller's (`payments.services.agent_bookings`). Locks: the household, the orders, the counts of places.
"""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction

from preau.domain.activities.models import Activity, ActivityGroup
from preau.domain.activities.queries.agenda import agenda_of
from preau.domain.bookings.changes import Change
from preau.domain.bookings.errors import NotToBookError, ReasonMissingError, WaitingRefusedError
from preau.domain.bookings.letters import tell_removed
from preau.domain.bookings.models import Booking, BookingOrder, WaitingEntry
from preau.domain.bookings.queries.proposals import Proposal
from preau.domain.bookings.rules.reasons import explained
from preau.domain.bookings.rules.slots import Slot
from preau.domain.bookings.services.moves import move_bookings
from preau.domain.bookings.services.orders import cancel_order, lock_order
from preau.domain.bookings.services.places import lock_places, open_places, set_capacity, take
from preau.domain.bookings.services.saving import hold_group
from preau.domain.bookings.services.waiting import offer_everything, pass_on
from preau.domain.bookings.states import LIVE_WAITING, BookingState, OrderState, WaitingState
from preau.domain.families.models import Household
from preau.domain.town.queries import the_town
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record


def write_order(proposal: Proposal, *, household: Household, form_key: str, derogation: str, by: Actor) -> BookingOrder:
    """Write the order of days that an agent books, all of one activity; its places are taken by `take_asked`.

    Raises:
        NotToBookError: some day cannot be booked by anybody; nothing was written.
        ReasonMissingError: some day passes a rule, and `derogation` explains nothing.
    """
    if proposal.refused:
        raise NotToBookError(proposal.refused[0].refusal)
    why = explained(derogation)
    if any(change.past for change in proposal.changes) and not why:
        raise ReasonMissingError
    (group,) = proposal.groups
    return hold_group(group, household=household, user=None, form_key=form_key, derogation=why, by=by)


def _leave_lists(changes: Sequence[Change]) -> None:
    """Whoever gets a place waits for it no more."""
    for change in changes:
        mine = WaitingEntry.objects.filter(child=change.child, activity=change.activity, day=change.day)
        mine.filter(state=WaitingState.WAITING).update(state=WaitingState.LEFT)


def open_asked(proposal: Proposal) -> None:
    """Open the counts that a proposal takes from, before its bookings are written (I14)."""
    open_places({slot for change in proposal.changes for slot in change.slots})


def take_asked(proposal: Proposal) -> None:
    """Take the places of a proposal: past the ceiling only where it said that the day was full (U12).

    Whoever waited for them waits no more.

    Raises:
        FullError: another family took the last place meanwhile; nothing was taken.
    """
    plain: dict[Slot, int] = {}
    beyond: dict[Slot, int] = {}
    for change in proposal.changes:
        _ask(change, beyond if change.is_beyond else plain)
    lock_places({**plain, **beyond})
    take(plain)
    take(beyond, is_forced=True)
    _leave_lists(proposal.changes)


def _ask(change: Change, needs: dict[Slot, int]) -> None:
    for slot in change.slots:
        needs[slot] = needs.get(slot, 0) + 1


def cancel_confirmed(bookings: Sequence[Booking], *, by: Actor) -> None:
    """Cancel locked, confirmed bookings; who waits for those places is offered them."""
    move_bookings(bookings, BookingState.CANCELLED, by=by)
    pass_on(bookings, by=by)


def change_capacity(
    *,
    activity: Activity,
    group: ActivityGroup | None,
    first: date,
    last: date,
    parts: Collection[str],
    capacity: int,
    by: Actor,
) -> int:
    """Set the places of the open days of a stretch; how many days changed. Sold places stay, whatever the number (U4).

    Whoever waits is offered what a higher number opens, at once.

    Raises:
        NotToBookError: no open day between these dates.
    """
    agenda = agenda_of([activity], first=first, last=last, zone=the_town().zone)
    every = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    days = [day for day in every if agenda.openness(activity, day).is_open]
    if not days:
        raise NotToBookError("Cette activité n’ouvre aucun jour entre ces deux dates.")
    set_capacity(activity=activity, group=group, days=days, parts=parts, capacity=capacity, by=by)
    offer_everything(activity=activity, by=by)
    return len(days)


@transaction.atomic
def remove_entry(*, entry_id: str, regie_ids: Collection[int], reason: str, by: Actor) -> WaitingEntry:
    """Take a child (public id of its entry) off a waiting list; those behind move up, nobody overtakes.

    A place offered to it goes at once to the next. The family is told, with the reason.

    Raises:
        WaitingEntry.DoesNotExist: no such entry in these régies (W11).
        ReasonMissingError, WaitingRefusedError: nothing was written.
    """
    found = WaitingEntry.objects.get(public_id=entry_id, activity__regie__in=regie_ids)
    why = explained(reason)
    if not why:
        raise ReasonMissingError
    order = lock_order(found.order_id) if found.order_id is not None else None
    rows = WaitingEntry.objects.select_for_update(of=("self",))
    entry = rows.select_related("household", "child", "activity").get(id=found.id)
    if entry.state not in LIVE_WAITING:
        raise WaitingRefusedError("Cet enfant n’attend plus pour ce jour.")
    if entry.state == WaitingState.OFFERED and order is not None:
        if order.state != OrderState.OFFERED:
            raise WaitingRefusedError("La famille a pris la place et doit la payer\u202f: attendez son délai.")
        cancel_order(order, by=by)
    WaitingEntry.objects.filter(id=entry.id).update(state=WaitingState.LEFT)
    entry.state = WaitingState.LEFT
    tell_removed(entry, reason=why)
    record(by=by, action="waiting.removed", subject=entry.public_id, details={"reason": why})
    return entry
