"""The waiting list of a full day: a place given back goes at once to the first who waits, for a limited time.

Locks: the counts of places, then the entries in their turn. A place is offered in the transaction that gives it back,
so that nobody can take it in between; whoever gives back in several times locks every count first (`lock_days`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain

from django.db import IntegrityError, transaction

from preau.domain.activities.models import Activity, Unit
from preau.domain.activities.queries.agenda import agenda_of
from preau.domain.activities.rules.deadlines import Stage
from preau.domain.bookings.errors import FullError, WaitingRefusedError
from preau.domain.bookings.letters import tell_offered
from preau.domain.bookings.models import Booking, BookingOrder, Enrolment, OrderLine, WaitingEntry
from preau.domain.bookings.queries.counts import slots_taken_by
from preau.domain.bookings.queries.places import has_room, places_left
from preau.domain.bookings.rules.slots import Slot, parts_of, slots_of
from preau.domain.bookings.services.moves import create_bookings, create_order
from preau.domain.bookings.services.places import give_back, lock_counted, lock_places, take
from preau.domain.bookings.states import (
    LIVE_BOOKINGS,
    LIVE_WAITING,
    BookingState,
    EnrolmentState,
    OrderState,
    WaitingState,
)
from preau.domain.families.models import Household
from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.models import TariffVersion
from preau.domain.pricing.queries import prices_of
from preau.domain.pricing.rules import Quote
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM, Actor

#: An offer shorter than this would reach nobody in time.
_SHORTEST_OFFER = timedelta(hours=1)


def join_waiting_list(
    *, household: Household, child_id: str, activity_id: str, unit_code: str, day: date
) -> WaitingEntry:
    """Put a child on the list of a full day; asking twice changes nothing. Ids are public.

    Raises:
        Activity.DoesNotExist, Unit.DoesNotExist: unknown.
        WaitingRefusedError: nothing was written; its message is for the family.
    """
    activity = Activity.objects.select_related("regie").get(public_id=activity_id, is_published=True)
    unit = Unit.objects.get(activity=activity, code=unit_code)
    enrolment = _enrolment(household, child_id, activity, day)
    _check_joining(enrolment, activity, unit, day)
    mine = {"child": enrolment.child, "activity": activity, "day": day, "state__in": LIVE_WAITING}
    if (known := WaitingEntry.objects.filter(**mine).first()) is not None:
        return known
    try:
        with transaction.atomic():
            return WaitingEntry.objects.create(
                enrolment=enrolment,
                child=enrolment.child,
                household=household,
                activity=activity,
                group=enrolment.group,
                unit=unit,
                day=day,
                asked_at=clock.now(),
            )
    except IntegrityError:  # the same click a moment earlier
        return WaitingEntry.objects.get(**mine)


def _enrolment(household: Household, child_id: str, activity: Activity, day: date) -> Enrolment:
    found = (
        Enrolment.objects.select_related("child", "group")
        .filter(
            household=household,
            child__public_id=child_id,
            activity=activity,
            state=EnrolmentState.ACCEPTED,
            first_day__lte=day,
            last_day__gte=day,
        )
        .first()
    )
    if found is None:
        raise WaitingRefusedError("Cet enfant n’est pas inscrit à cette activité ce jour-là.")
    return found


def _check_joining(enrolment: Enrolment, activity: Activity, unit: Unit, day: date) -> None:
    if not activity.lets_wait:
        raise WaitingRefusedError("Cette activité n’a pas de liste d’attente.")
    zone = the_town().zone
    agenda = agenda_of([activity], first=day, last=day, zone=zone)
    openness, now = agenda.openness(activity, day), clock.now()
    if not openness.is_open:
        raise WaitingRefusedError(openness.reason or "Ce jour est fermé.")
    limits = agenda.limits(activity, day)
    if limits.stage(now) == Stage.CLOSED:
        raise WaitingRefusedError(limits.sentence(zone, now))
    if Booking.objects.filter(child=enrolment.child, activity=activity, day=day, state__in=LIVE_BOOKINGS).exists():
        raise WaitingRefusedError("Ce jour est déjà réservé.")
    if has_room(slots_of(activity, enrolment.group, day, unit.parts or ["day"])):
        raise WaitingRefusedError("Il reste de la place ce jour-là : vous pouvez le réserver.")


def leave_waiting_list(*, household: Household, entry_id: str) -> bool:
    """Take an entry (public id) off its list; whether it was waiting. An offer is declined through its order."""
    mine = WaitingEntry.objects.filter(household=household, public_id=entry_id, state=WaitingState.WAITING)
    return mine.update(state=WaitingState.LEFT) == 1


def take_turn(order: BookingOrder, *, has_place: bool) -> None:
    """Say on the list what became of the place that an order just ended was offered for."""
    without = WaitingState.PASSED if order.state == OrderState.LAPSED else WaitingState.LEFT
    WaitingEntry.objects.filter(order=order).update(state=WaitingState.TAKEN if has_place else without)


def slots_around(bookings: Sequence[Booking]) -> set[Slot]:
    """The counts that giving these bookings back may change: theirs, and those of who waits for their days."""
    return {*slots_taken_by(bookings), *_places_of(_waiting_for(bookings))}


def lock_days(bookings: Sequence[Booking]) -> None:
    """Lock, in their order, the counts that giving these bookings back may change."""
    lock_counted(slots_around(bookings))


def pass_on(bookings: Sequence[Booking], *, beside: Sequence[Booking] = (), by: Actor) -> int:
    """Give back the places of bookings, and offer them to the first who wait for them; how many offers were made.

    `beside`: bookings of the same days that keep theirs.
    """
    waiting, freed = _waiting_for(bookings), slots_taken_by(bookings, beside=beside)
    lock_counted({*freed, *_places_of(waiting)})
    give_back(freed)
    return _offer_to(waiting, by=by)


def _waiting_for(bookings: Sequence[Booking]) -> list[WaitingEntry]:
    if not bookings:
        return []
    days = {(booking.activity_id, booking.day) for booking in bookings}
    rows = WaitingEntry.objects.filter(
        state=WaitingState.WAITING,
        activity__in={activity_id for activity_id, _ in days},
        day__in={day for _, day in days},
    ).select_related("activity", "group", "unit")
    return [entry for entry in rows if (entry.activity_id, entry.day) in days]


def offer_everything(*, activity: Activity | None = None, by: Actor = SYSTEM) -> int:
    """Offer whatever place is free on a day somebody waits for: a capacity raised, a child who joined as one left."""
    today = clock.today(the_town().zone)
    entries = WaitingEntry.objects.filter(state=WaitingState.WAITING, day__gte=today)
    if activity is not None:
        entries = entries.filter(activity=activity)
    days = entries.order_by("day", "activity").values_list("activity", "day").distinct()
    return sum(_offer_day(activity_id, day, by=by) for activity_id, day in list(days))


@transaction.atomic
def _offer_day(activity_id: int, day: date, *, by: Actor) -> int:
    """Offer what is free on one day; its counts are locked before its entries, as by whoever gives a place back."""
    rows = WaitingEntry.objects.filter(state=WaitingState.WAITING, activity=activity_id, day=day)
    waiting = list(rows.select_related("activity", "group", "unit"))
    lock_places(_places_of(waiting))
    return _offer_to(waiting, by=by)


def _offer_to(waiting: Sequence[WaitingEntry], *, by: Actor) -> int:
    """Offer what is free to those who still wait, first come first served; their counts of places are locked.

    However many wait, those for whom there is nothing cost no query.
    """
    places = {entry.id: _places(entry) for entry in waiting}
    left = places_left(chain.from_iterable(places.values()))
    made = 0
    for entry in _in_turn([key for key, slots in places.items() if all(left[slot] > 0 for slot in slots)]):
        if all(left[slot] > 0 for slot in places[entry.id]) and _offer(entry, by=by):
            made += 1
            for slot in places[entry.id]:
                left[slot] -= 1
    return made


def _in_turn(entry_ids: Sequence[int]) -> Iterable[WaitingEntry]:
    """Those of these entries that still wait, first come first served; locked."""
    rows = WaitingEntry.objects.select_for_update(of=("self",))
    return (
        rows.filter(state=WaitingState.WAITING, id__in=entry_ids)
        .select_related("enrolment", "child", "household", "activity__regie", "group", "unit")
        .order_by("day", "asked_at", "id")
    )


def _places_of(waiting: Iterable[WaitingEntry]) -> set[Slot]:
    return {slot for entry in waiting for slot in _places(entry)}


def _offer(entry: WaitingEntry, *, by: Actor) -> bool:
    """Hold a place for an entry until its limit, if there is one and time enough to answer; whether it was."""
    limit = _limit(entry)
    if limit is None or entry.enrolment.state != EnrolmentState.ACCEPTED or _has_its_place(entry):
        return False
    quote = _quote(entry)
    if quote is None:
        return False
    try:
        take(dict.fromkeys(_places(entry), 1))
    except FullError:
        return False
    _hold(entry, quote, limit, by=by)
    return True


def _places(entry: WaitingEntry) -> list[Slot]:
    parts = parts_of(entry.unit, mode=entry.activity.unit_mode, starts_minute=None, ends_minute=None)
    return slots_of(entry.activity, entry.group, entry.day, parts)


def _has_its_place(entry: WaitingEntry) -> bool:
    """Whether the day was booked otherwise since: the child then waits no more."""
    mine = Booking.objects.filter(child=entry.child, activity=entry.activity, day=entry.day, state__in=LIVE_BOOKINGS)
    if mine.exists():
        entry.state = WaitingState.LEFT
        entry.save(update_fields=["state"])
    return entry.state != WaitingState.WAITING


def _limit(entry: WaitingEntry) -> datetime | None:
    """Until when the family may answer; None when the day is too near to ask."""
    now, zone = clock.now(), the_town().zone
    begins = datetime.combine(entry.day, time(0), tzinfo=zone)
    limit = min(now + timedelta(hours=entry.activity.offer_hours), begins)
    return limit if limit - now >= _SHORTEST_OFFER else None


def _quote(entry: WaitingEntry) -> Quote | None:
    """The plain price, whenever the place came free; None where no tariff says it, or on a day closed since (U4)."""
    agenda = agenda_of([entry.activity], first=entry.day, last=entry.day, zone=the_town().zone)
    if not agenda.openness(entry.activity, entry.day).is_open:
        return None
    prices = prices_of([entry.unit], household=entry.household)
    try:
        return prices.quote(
            entry.unit, entry.child, entry.day, day_kind=agenda.day_kind(entry.day), is_late=False, minutes=None
        )
    except NoTariffError:
        return None


def _hold(entry: WaitingEntry, quote: Quote, limit: datetime, *, by: Actor) -> None:
    now = clock.now()
    order = BookingOrder(
        form_key=f"offer:{entry.public_id}",
        household=entry.household,
        user=None,
        regie=entry.activity.regie,
        payment_mode=entry.activity.payment_mode,
        state=OrderState.OFFERED,
        total_cents=quote.cents,
        created_at=now,
        hold_until=limit,
    )
    create_order(order, by=by)
    booking = Booking(
        enrolment=entry.enrolment,
        child=entry.child,
        household=entry.household,
        activity=entry.activity,
        group=entry.group,
        unit=entry.unit,
        day=entry.day,
        state=BookingState.HELD,
        price_cents=quote.cents,
        tariff_version=TariffVersion(id=quote.version_id),
        price_reasons=list(quote.reasons),
        created_at=now,
    )
    create_bookings([booking], by=by)
    OrderLine.objects.create(order=order, booking=booking, kind=OrderLine.Kind.ADD, amount_cents=quote.cents)
    entry.state, entry.order = WaitingState.OFFERED, order
    entry.save(update_fields=["state", "order"])
    tell_offered(entry, order, booking)
