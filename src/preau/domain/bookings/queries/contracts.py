"""Care contracts: what one would be, and those of a family."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from preau.domain.activities.models import Activity, Unit, UnitMode
from preau.domain.activities.queries.agenda import Agenda, agenda_of
from preau.domain.activities.rules.deadlines import Stage
from preau.domain.bookings.errors import ContractRefusedError
from preau.domain.bookings.models import Booking, CareContract, Enrolment
from preau.domain.bookings.queries.places import places_left
from preau.domain.bookings.rules.contracts import Fault, Hours, Monthly, Terms, faults, monthly
from preau.domain.bookings.rules.slots import Slot, parts_of, slots_of
from preau.domain.bookings.states import LIVE_BOOKINGS, ContractState, EnrolmentState
from preau.domain.families.models import Child, Household
from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.queries import Prices, prices_of
from preau.domain.pricing.rules import Quote
from preau.foundation import french

_HOUR, _DAYS_OF_WEEK = 60, 7


@dataclass(frozen=True, slots=True)
class HeldDay:
    """A day of a contract: its hours, the tariff version in force then, and whether families could not book it now."""

    hours: Hours
    version_id: int
    is_out_of_time: bool


@dataclass(frozen=True, slots=True)
class ContractProposal:
    """What a contract would be, priced; `full`: its days without a place left. Nothing is held by asking."""

    enrolment: Enrolment
    unit: Unit
    terms: Terms
    #: Price of an hour.
    quote: Quote
    monthly: Monthly
    days: Mapping[date, HeldDay]
    full: tuple[date, ...] = ()

    def slots(self, day: date) -> list[Slot]:
        """The places that a day of it takes."""
        hours = self.days[day].hours
        parts = parts_of(
            self.unit, mode=UnitMode.CONTRACT, starts_minute=hours.starts_minute, ends_minute=hours.ends_minute
        )
        return slots_of(self.enrolment.activity, self.enrolment.group, day, parts)


def contract_proposal(
    enrolment: Enrolment, terms: Terms, *, now: datetime, zone: ZoneInfo, replaced: CareContract | None = None
) -> ContractProposal:
    """What these terms come to, with the days that have no place left; `replaced` gives its own places back first.

    The price of an hour is that of the first day. A constant number of queries.

    Raises:
        ContractRefusedError: terms that cannot be signed, or no tariff; `field` says which.
    """
    check_terms(enrolment, terms, replaced=replaced)
    unit = _unit(enrolment.activity)
    agenda = agenda_of([enrolment.activity], first=terms.first_day, last=terms.last_day, zone=zone)
    quote = partial(_quote, prices_of([unit], household=enrolment.household), enrolment.child, unit, agenda)
    hours = {one.weekday: one for one in terms.hours}
    days = {
        day: HeldDay(hours[day.weekday()], quote(day).version_id, _is_out_of_time(agenda, enrolment.activity, day, now))
        for day in terms.days
        if agenda.openness(enrolment.activity, day).is_open
    }
    if not days:
        raise ContractRefusedError("Aucun jour d’ouverture dans cette période.", field="first_day")
    hour = quote(terms.first_day)
    amounts = monthly(terms.hours, weeks=terms.weeks, months=terms.months, hourly_cents=hour.cents)
    found = ContractProposal(enrolment, unit, terms, hour, amounts, days)
    return replace(found, full=_full(found, replaced))


def _quote(prices: Prices, child: Child, unit: Unit, agenda: Agenda, day: date) -> Quote:
    """The price of an hour on a day."""
    try:
        return prices.quote(unit, child, day, day_kind=agenda.day_kind(day), is_late=False, minutes=_HOUR)
    except NoTariffError as unknown:
        raise ContractRefusedError(unknown.message) from unknown


def _is_out_of_time(agenda: Agenda, activity: Activity, day: date, now: datetime) -> bool:
    return agenda.limits(activity, day).stage(now) == Stage.CLOSED


def check_terms(enrolment: Enrolment, terms: Terms, *, replaced: CareContract | None) -> None:
    """Refuse terms that the activity, the enrolment or another contract does not allow.

    Raises:
        ContractRefusedError: with the first field in fault.
    """
    activity = enrolment.activity
    if activity.unit_mode != UnitMode.CONTRACT:
        raise ContractRefusedError("Cette activité ne se réserve pas par contrat.")
    if enrolment.state != EnrolmentState.ACCEPTED:
        raise ContractRefusedError("L’inscription n’est pas acceptée, ou elle est terminée.")
    found = faults(
        terms,
        opens_minute=activity.opens_minute or 0,
        closes_minute=activity.closes_minute or 0,
        weekdays=[weekday for weekday in range(_DAYS_OF_WEEK) if activity.takes_weekday(weekday)],
    )
    found += [] if found else [*_out_of_enrolment(enrolment, terms), *_over_another(enrolment, terms, replaced)]
    if found:
        raise ContractRefusedError(found[0].message, field=found[0].field)


def _out_of_enrolment(enrolment: Enrolment, terms: Terms) -> Iterable[Fault]:
    span = f"L’inscription va du {french.day(enrolment.first_day)} au {french.day(enrolment.last_day)}."
    if not enrolment.first_day <= terms.first_day <= enrolment.last_day:
        yield Fault("first_day", span)
    elif terms.last_day > enrolment.last_day:
        yield Fault("last_day", span)


def _over_another(enrolment: Enrolment, terms: Terms, replaced: CareContract | None) -> Iterable[Fault]:
    others = CareContract.objects.filter(
        enrolment=enrolment, first_day__lte=terms.last_day, last_day__gte=terms.first_day
    ).exclude(state=ContractState.VOID)
    if (other := others.exclude(id=replaced.id if replaced else 0).first()) is not None:
        words = f"Un contrat court déjà du {french.day(other.first_day)} au {french.day(other.last_day)}."
        yield Fault("first_day", words)


def _unit(activity: Activity) -> Unit:
    unit = activity.units.order_by("position", "name").first()
    if unit is None:
        raise ContractRefusedError("L’activité n’a pas d’unité\u202f: ajoutez-en une, avec son tarif de l’heure.")
    return unit


def _full(proposal: ContractProposal, replaced: CareContract | None) -> tuple[date, ...]:
    slots = {slot: day for day in proposal.days for slot in proposal.slots(day)}
    own = _own_slots(replaced, proposal) if replaced else set()
    return tuple(sorted({slots[slot] for slot, left in places_left(slots).items() if left + (slot in own) < 1}))


def _own_slots(contract: CareContract, proposal: ContractProposal) -> set[Slot]:
    """Places that the contract to be replaced gives back."""
    found: set[Slot] = set()
    for booking in held_days(contract, since=proposal.terms.first_day):
        parts = parts_of(
            booking.unit,
            mode=UnitMode.CONTRACT,
            starts_minute=booking.starts_minute,
            ends_minute=booking.ends_minute,
        )
        found.update(slots_of(booking.activity, booking.group, booking.day, parts))
    return found


def held_days(contract: CareContract, *, since: date) -> Sequence[Booking]:
    """The live bookings of a contract from a day on, with what giving their places back needs."""
    rows = Booking.objects.filter(
        enrolment=contract.enrolment_id,
        state__in=LIVE_BOOKINGS,
        day__range=(max(since, contract.first_day), contract.last_day),
    )
    return list(rows.select_related("activity", "group", "unit").order_by("day"))


def contracts_of(household: Household) -> QuerySet[CareContract]:
    """Every contract of a family that took effect or will, the last to begin first."""
    rows = CareContract.objects.filter(enrolment__household=household).exclude(state=ContractState.VOID)
    return rows.select_related("enrolment").prefetch_related("days")


def contract_sheet(regies: Iterable[int], *, public_id: str) -> CareContract:
    """One contract of some régies, with all that its page shows.

    Raises:
        CareContract.DoesNotExist: no such one there.
    """
    rows = CareContract.objects.select_related(
        "enrolment__child",
        "enrolment__household",
        "enrolment__group",
        "enrolment__activity__regie",
        "enrolment__activity__school_year",
        "replaces",
    ).prefetch_related("days", "events")
    return rows.get(public_id=public_id, enrolment__activity__regie__in=regies)


def enrolment_to_sign(regies: Iterable[int], *, public_id: str) -> Enrolment:
    """An enrolment in an activity of some régies that is reserved by contract.

    Raises:
        Enrolment.DoesNotExist: no such one there.
    """
    rows = Enrolment.objects.filter(activity__regie__in=regies, activity__unit_mode=UnitMode.CONTRACT)
    return rows.select_related("child", "household", "group", "activity__school_year").get(public_id=public_id)
