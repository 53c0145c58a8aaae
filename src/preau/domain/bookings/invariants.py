"""What bookings must always say (I14, I15, I19–I21)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet

from preau.domain.activities.models import Activity
from preau.domain.activities.queries.agenda import Agenda, agenda_of
from preau.domain.bookings.models import Booking, BookingEvent, BookingOrder, OrderEvent, OrderLine
from preau.domain.bookings.queries.counts import CountKey, key_of, limited_counts, places_sold
from preau.domain.bookings.states import (
    BOOKING_MOVES,
    LIVE_BOOKINGS,
    ORDER_MOVES,
    BookingState,
    EnrolmentState,
    OrderState,
)
from preau.domain.pricing.models import TariffVersion
from preau.domain.town.models import Town
from preau.foundation.audit.models import AuditEvent
from preau.foundation.invariants import invariant

#: Journal of what moves the calendar: a day booked before may be closed since, and is then told to agents (U4).
_CLOSURES = ("days_closed",)
_CALENDAR = (
    "school_year_saved", "school_holidays_replaced", "school_holiday_saved", "school_holiday_removed",
    "public_holidays_added", "public_holiday_removed", "activity_saved",
)  # fmt: skip


@invariant(
    "I14",
    "Les places prises d’un jour sont celles des réservations en cours, jamais au-delà du plafond, "
    "et le plafond ne dépasse ce que veut la ville que de ce qui était déjà pris",
)
def places_are_those_of_bookings() -> Iterable[str]:
    sold: Counter[CountKey] = Counter()
    for slot, n in places_sold().items():
        sold[key_of(slot)] += n
    for row in limited_counts().order_by("day", "activity", "group", "part").iterator(chunk_size=2000):
        key = (row.day, row.activity_id, row.group_id or 0, row.part)
        if row.taken != sold[key]:
            yield f"{_count_words(key)} : {sold[key]} réservées, {row.taken} prises"
        if row.ceiling != max(row.capacity, row.taken):
            yield f"{_count_words(key)} : {row.taken} prises, {row.capacity} voulues, plafond {row.ceiling}"


def _count_words(key: CountKey) -> str:
    day, activity, group, part = key
    return f"activité {activity}, groupe {group}, {day}, {part}" if group else f"activité {activity}, {day}, {part}"


@invariant("I15", "Un enfant a une réservation en cours au plus par activité et par jour")
def one_live_booking_a_day() -> Iterable[str]:
    rows = Booking.objects.filter(state__in=LIVE_BOOKINGS, is_leaving=False).order_by()
    same = rows.values_list("child", "activity", "day").annotate(n=Count("id")).filter(n__gt=1)
    return (f"enfant {child}, activité {activity}, {day} : {n} réservations" for child, activity, day, n in same)


@invariant("I19", "Une réservation en cours est celle d’un enfant inscrit ce jour-là, ou d’une dérogation")
def booked_children_are_enrolled() -> Iterable[str]:
    good = Q(
        enrolment__child=F("child"),
        enrolment__activity=F("activity"),
        enrolment__household=F("household"),
        enrolment__first_day__lte=F("day"),
        enrolment__last_day__gte=F("day"),
        enrolment__state__in=[EnrolmentState.ACCEPTED, EnrolmentState.ENDED],
    )
    rows = Booking.objects.filter(state__in=LIVE_BOOKINGS, derogation="").exclude(good)
    return (f"réservation {key}, {day}" for key, day in rows.values_list("public_id", "day"))


@invariant("I19", "Aucune réservation n’a été faite pour un jour déjà fermé, ni hors délai, sans dérogation")
def bookings_were_made_in_time() -> Iterable[str]:
    """By (activity, day), the last one made: what the calendar or the deadlines became since breaks nothing."""
    town, made = Town.objects.first(), _last_made(Booking.objects.all())
    if town is None or not made:
        return
    on_time = _last_made(Booking.objects.exclude(order_lines__order__waiting_entry__isnull=False))
    activities = Activity.objects.in_bulk({activity for activity, _ in made})
    days = [day for _, day in made]
    agenda = agenda_of(activities.values(), first=min(days), last=max(days), zone=town.zone)
    closed_at, calendar_at = _last_written(_CLOSURES), _last_written(_CALENDAR)
    for key, at in sorted(made.items()):
        if _was_closed(agenda, activities[key[0]], key[1], at, closed_at=closed_at, calendar_at=calendar_at):
            yield f"activité {key[0]}, {key[1]} : réservée alors que ce jour est fermé"
    for key, at in sorted(on_time.items()):
        limits = agenda.limits(activities[key[0]], key[1])
        if at >= (limits.late_until or limits.book_until) and not _is_before(at, calendar_at):
            yield f"activité {key[0]}, {key[1]} : réservée après le délai"


def _last_made(bookings: QuerySet[Booking]) -> dict[tuple[int, date], datetime]:
    rows = bookings.filter(state__in=LIVE_BOOKINGS, derogation="").order_by().values_list("activity", "day")
    return {(activity, day): at for activity, day, at in rows.annotate(at=Max("created_at"))}


def _last_written(actions: Iterable[str]) -> datetime | None:
    found: datetime | None = AuditEvent.objects.filter(action__in=actions).aggregate(at=Max("at"))["at"]
    return found


def _is_before(at: datetime, change: datetime | None) -> bool:
    return change is not None and at <= change


def _was_closed(
    agenda: Agenda,
    activity: Activity,
    day: date,
    at: datetime,
    *,
    closed_at: datetime | None,
    calendar_at: datetime | None,
) -> bool:
    """Whether a day closed now was already closed when it was booked, as far as the journal tells."""
    openness = agenda.openness(activity, day)
    if openness.is_open:
        return False
    if openness.is_closure:
        return closed_at is not None and at > closed_at
    return not _is_before(at, calendar_at)


@invariant("I20", "Le prix d’une réservation vient d’un tarif de sa régie, déjà en vigueur le jour réservé")
def prices_come_from_the_tariff_in_force() -> Iterable[str]:
    live = Booking.objects.filter(state__in=LIVE_BOOKINGS)
    early = live.filter(
        Q(tariff_version__valid_from__gt=F("day")) | ~Q(tariff_version__tariff__regie=F("activity__regie"))
    )
    yield from (f"réservation {key}" for key in early.values_list("public_id", flat=True))
    for booking_id, version in _superseded(live):
        yield f"réservation {booking_id} : la version {version} était déjà écrite, et en vigueur ce jour-là"


def _superseded(live: QuerySet[Booking]) -> Iterator[tuple[str, date]]:
    """Bookings priced by a version that another, of the same tariff, had replaced; written before they were made."""
    written = {
        (event.subject, event.details.get("valid_from")): event.at
        for event in AuditEvent.objects.filter(action="tariff.version_added")
    }
    later = TariffVersion.objects.filter(
        tariff=OuterRef("tariff_version__tariff"),
        valid_from__gt=OuterRef("tariff_version__valid_from"),
        valid_from__lte=OuterRef("day"),
    )
    rows = (
        live.filter(Exists(later))
        .select_related("tariff_version__tariff")
        .prefetch_related("tariff_version__tariff__versions")
    )
    for booking in rows:
        tariff = booking.tariff_version.tariff
        for version in tariff.versions.all():
            since = written.get((tariff.public_id, str(version.valid_from)))
            is_newer = booking.tariff_version.valid_from < version.valid_from <= booking.day
            if is_newer and since is not None and since < booking.created_at:
                yield booking.public_id, version.valid_from


@invariant("I21", "L’histoire d’une réservation suit le tableau des états et finit par son état")
def bookings_follow_the_table() -> Iterable[str]:
    events = BookingEvent.objects.order_by("booking", "sequence").values_list(
        "booking", "sequence", "from_state", "to_state", "name"
    )
    states = dict(Booking.objects.values_list("id", "state"))
    moves = {(str(a), str(b)): name for (a, b), name in BOOKING_MOVES.items()}
    yield from _astray("réservation", events.iterator(chunk_size=5000), states, moves, {BookingState.HELD})


@invariant("I13", "Une commande ne touche que des réservations de sa famille")
def orders_stay_in_their_family() -> Iterable[str]:
    astray = OrderLine.objects.exclude(booking__household=F("order__household"))
    yield from (f"ligne {pk} d’une autre famille" for pk in astray.values_list("id", flat=True))


@invariant("I21", "L’histoire d’une commande de réservations suit le tableau des états et finit par son état")
def orders_follow_the_table() -> Iterable[str]:
    events = OrderEvent.objects.order_by("order", "sequence").values_list(
        "order", "sequence", "from_state", "to_state", "name"
    )
    states = dict(BookingOrder.objects.values_list("id", "state"))
    moves = {(str(a), str(b)): name for (a, b), name in ORDER_MOVES.items()}
    starts = {OrderState.HELD, OrderState.OFFERED}
    yield from _astray("commande", events.iterator(chunk_size=5000), states, moves, starts)


def _astray(
    what: str,
    events: Iterable[tuple[Any, ...]],
    states: Mapping[int, str],
    moves: Mapping[tuple[str, str], str],
    starts: Iterable[str],
) -> Iterator[str]:
    """Histories with a hole, a move that the table does not hold, or another end than the state."""
    first = {("", str(start)): "created" for start in starts}
    ends: dict[int, tuple[int, str]] = {}
    wrong: set[int] = set()
    for key, sequence, origin, target, name in events:
        rank, state = ends.get(key, (0, ""))
        allowed = first if rank == 0 else moves
        if sequence != rank + 1 or origin != state or allowed.get((origin, target)) != name:
            wrong.add(key)
        ends[key] = (sequence, target)
    wrong |= {key for key, state in states.items() if ends.get(key, (0, ""))[1] != state}
    yield from (f"{what} {key}" for key in sorted(wrong))
