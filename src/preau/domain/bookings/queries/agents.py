"""What an agent looks at before acting for a family: whom it may act for, and what its word would do."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from preau.domain.activities.models.activities import PAID_FIRST
from preau.domain.activities.queries.agenda import agenda_of
from preau.domain.bookings.changes import WHOLE, Change, Wanted, grouped
from preau.domain.bookings.models import Booking, Enrolment, OrderLine
from preau.domain.bookings.queries.places import places_left
from preau.domain.bookings.queries.proposals import FULL, Proposal, Wish, live_bookings, proposal_for
from preau.domain.bookings.rules.slots import Slot, parts_sold, slots_of
from preau.domain.bookings.states import LIVE_BOOKINGS, BookingState, EnrolmentState
from preau.domain.families.models import Household

BOOKED = "Ce jour est déjà réservé\u202f: annulez d’abord cette réservation."
#: Families that a search shows.
MOST_FOUND = 30


def enrolments_in(regie_ids: Collection[int]) -> QuerySet[Enrolment]:
    """Enrolments by which an agent of these régies may book: in force, of a child still of its family."""
    rows = Enrolment.objects.filter(
        activity__regie__in=regie_ids, state=EnrolmentState.ACCEPTED, child__homes=F("household")
    )
    return rows.select_related("child", "household", "group", "activity__regie", "activity__site")


def families_found(regie_ids: Collection[int], sought: str) -> list[Household]:
    """Families with a child enrolled in these régies, by file number or by a name; nothing sought finds nobody."""
    if not sought:
        return []
    named = Q(file_number__iexact=sought) | Q(file_name__icontains=sought)
    of_child = Q(children__last_name__icontains=sought) | Q(children__first_name__icontains=sought)
    mine = Household.objects.filter(id__in=enrolments_in(regie_ids).order_by().values("household"))
    found = mine.filter(named | of_child).distinct().prefetch_related("children")
    return list(found.order_by("file_name", "file_number")[:MOST_FOUND])


@dataclass(frozen=True, slots=True)
class FamilySheet:
    """A family as an agent of some régies sees it: who is enrolled in what of theirs, and the days to come."""

    household: Household
    enrolments: tuple[Enrolment, ...]
    bookings: tuple[Booking, ...]


def family_sheet(regie_ids: Collection[int], *, household_id: str, today: date) -> FamilySheet:
    """The family of this public id; three queries.

    Raises:
        Household.DoesNotExist: unknown, or nobody of it was ever enrolled in these régies (W11).
    """
    known = Enrolment.objects.filter(activity__regie__in=regie_ids)
    household = Household.objects.get(public_id=household_id, id__in=known.order_by().values("household"))
    enrolments = enrolments_in(regie_ids).filter(household=household, last_day__gte=today)
    bookings = live_in(regie_ids).filter(household=household, day__gte=today)
    ordered = enrolments.order_by("child__first_name", "activity__position", "id")
    return FamilySheet(household, tuple(ordered), tuple(bookings.order_by("day", "child__first_name", "id")))


def live_in(regie_ids: Collection[int]) -> QuerySet[Booking]:
    """Live bookings of these régies, with what shows them and what cancels them."""
    rows = Booking.objects.filter(activity__regie__in=regie_ids, state__in=LIVE_BOOKINGS)
    return rows.select_related("child", "household", "unit", "group", "activity__regie", "activity__site")


def shares_back(booking: Booking) -> list[int]:
    """Shares (%) of its price that an agent may give back, from all of it to nothing; none if it was not asked at once.

    The order that booked it says so, whatever its activity asks for today.
    """
    lines = OrderLine.objects.filter(booking=booking, kind=OrderLine.Kind.ADD, order__payment_mode__in=PAID_FIRST)
    if booking.state != BookingState.CONFIRMED or not lines.exists():
        return []
    return sorted({WHOLE, booking.activity.refund_percent, 0}, reverse=True)


def agent_proposal(
    enrolment: Enrolment, wanted: Wanted, days: Iterable[date], *, now: datetime, zone: ZoneInfo
) -> Proposal:
    """What booking days on an agent's word would do: a limit of time or of places is passed, and told (U12).

    A closed day, a day already booked, hours that do not exist, a unit without price are refused.
    """
    wishes = [Wish(enrolment.child, enrolment.activity, day, wanted) for day in days]
    proposal = proposal_for(wishes, household=enrolment.household, now=now, zone=zone, by_agent=True)
    taken = _taken(enrolment, wishes)
    known = {change.day for change in proposal.changes} | {change.day for change in proposal.refused}
    same = [Change(wish.child, wish.activity, wish.day, wanted, None) for wish in wishes if wish.day not in known]
    changes = [change for change in proposal.changes if change.day not in taken]
    booked = [change for change in (*proposal.changes, *same) if change.day in taken]
    left = places_left(slot for change in changes for slot in change.slots)
    refused = [*proposal.refused, *(change.refused(BOOKED) for change in booked)]
    return Proposal(
        grouped(_beyond(change, left) for change in changes), tuple(sorted(refused, key=lambda change: change.day))
    )


def _taken(enrolment: Enrolment, wishes: Sequence[Wish]) -> set[date]:
    """Days among these that the child has booked already."""
    days = [wish.day for wish in wishes]
    if not days:
        return set()
    held = live_bookings(
        child_ids=[enrolment.child_id], activity_ids=[enrolment.activity_id], first=min(days), last=max(days)
    )
    return {day for _, _, day in held}


def _beyond(change: Change, left: dict[Slot, int]) -> Change:
    if all(left[slot] > 0 for slot in change.slots):
        return change
    return replace(change, past=f"{change.past} {FULL}".strip(), is_beyond=True)


@dataclass(frozen=True, slots=True)
class DayToBook:
    """A day of a month for one enrolment. `left`: places left in its fullest part, None without limit.

    `closed`: why it cannot be booked at all; `late`: the limit already passed; both empty when nothing stands.
    """

    day: date
    closed: str
    late: str
    booking: Booking | None
    left: int | None


def days_to_book(enrolment: Enrolment, *, first: date, last: date, now: datetime, zone: ZoneInfo) -> list[DayToBook]:
    """The days of a stretch within an enrolment; a constant number of queries."""
    first, last = max(first, enrolment.first_day), min(last, enrolment.last_day)
    days = [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
    if not days:
        return []
    activity = enrolment.activity
    agenda = agenda_of([activity], first=first, last=last, zone=zone)
    booked = live_bookings(child_ids=[enrolment.child_id], activity_ids=[activity.id], first=first, last=last)
    parts = parts_sold(activity, activity.units.all())
    slots = {day: slots_of(activity, enrolment.group, day, parts) for day in days}
    left = places_left(slot for same in slots.values() for slot in same)
    found = []
    for day in days:
        limits, openness = agenda.limits(activity, day), agenda.openness(activity, day)
        late = "" if now < (limits.late_until or limits.book_until) else limits.sentence(zone, now)
        room = min((left[slot] for slot in slots[day]), default=None)
        found.append(DayToBook(day, openness.reason, late, booked.get((enrolment.child_id, activity.id, day)), room))
    return found
