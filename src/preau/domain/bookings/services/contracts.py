"""Care contracts: signed by an agent with a family, changed from a day on, ended (V02).

Every open day of a contract is held at once, hour by hour, all days or none. Its bookings are confirmed and cost
nothing: the sum of a month is the contract's, asked by the month. Locks: the household, the enrolment, the contract,
the counts of places.
"""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db import transaction

from preau.domain.bookings.enrolment_letters import tell_contract
from preau.domain.bookings.errors import ContractFullError, ContractRefusedError, FullError
from preau.domain.bookings.models import Booking, CareContract, ContractDay, ContractEvent, Enrolment
from preau.domain.bookings.queries.contracts import ContractProposal, contract_proposal, held_days
from preau.domain.bookings.queries.counts import slots_taken_by
from preau.domain.bookings.rules.contracts import Terms
from preau.domain.bookings.rules.slots import Slot
from preau.domain.bookings.services.moves import create_bookings, move_bookings
from preau.domain.bookings.services.places import give_back, take
from preau.domain.bookings.states import CONTRACT_MOVES, LIVE_BOOKINGS, BookingState, ContractState
from preau.domain.families.models import Household
from preau.domain.pricing.models import TariffVersion
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

_ONE_DAY = timedelta(days=1)
_REPLACED = "Remplacé par un nouveau contrat."
_MONTHLY = "Compris dans la somme mensuelle du contrat."
#: Why a day that no family could book any more is held all the same (I19, U12).
_OUT_OF_TIME = "Contrat d’accueil signé après le délai"
_GONE_BY = "Les jours passés ne changent pas\u202f: choisissez aujourd’hui ou plus tard."


@transaction.atomic
def write_contract(*, enrolment_id: str, terms: Terms, by: Actor) -> CareContract:
    """Sign a contract for an accepted enrolment (public id) and hold its days, those already gone included.

    Raises:
        Enrolment.DoesNotExist: unknown.
        ContractFullError: some days have no place left; it names them. Nothing was written.
        ContractRefusedError: terms that cannot be signed, or no tariff.
    """
    enrolment = _locked_enrolment(enrolment_id)
    contract = _write(enrolment, terms, replaced=None, by=by)
    tell_contract(contract)
    record(by=by, action="contract.signed", subject=contract.public_id)
    return contract


@transaction.atomic
def change_contract(*, contract_id: str, terms: Terms, by: Actor) -> CareContract:
    """Replace a contract (public id) from the first day of new terms on: its own places are given back first.

    Raises:
        CareContract.DoesNotExist: unknown.
        ContractFullError: some days have no place left; the contract stays as it was.
        ContractRefusedError: already ended, a day gone by, terms that cannot be signed.
    """
    contract = _locked(contract_id)
    _check_runs(contract)
    if terms.first_day < _today():
        raise ContractRefusedError(_GONE_BY, field="first_day")
    if terms.first_day > contract.last_day:
        raise ContractRefusedError(f"Ce contrat se termine le {french.day(contract.last_day)}.", field="first_day")
    _cut(contract, last_day=terms.first_day - _ONE_DAY, reason=_REPLACED, by=by)
    made = _write(contract.enrolment, terms, replaced=contract, by=by)
    tell_contract(made)
    record(by=by, action="contract.changed", subject=made.public_id, details={"replaces": contract.public_id})
    return made


@transaction.atomic
def end_contract(*, contract_id: str, on: date, reason: str, by: Actor) -> CareContract:
    """End a contract (public id) on its last day, that day included; its days after it are given back.

    A contract ended before its first day never took effect.

    Raises:
        CareContract.DoesNotExist: unknown.
        ContractRefusedError: already ended, a day gone by, or no reason.
    """
    contract = _locked(contract_id)
    _check_runs(contract)
    if not reason.strip():
        raise ContractRefusedError("Dites pourquoi il se termine\u202f: la famille le lira.", field="reason")
    if on < _today():
        raise ContractRefusedError(_GONE_BY, field="on")
    if on >= contract.last_day:
        raise ContractRefusedError(f"Ce contrat se termine déjà le {french.day(contract.last_day)}.", field="on")
    _cut(contract, last_day=on, reason=reason.strip(), by=by)
    tell_contract(contract)
    record(by=by, action=f"contract.{contract.state}", subject=contract.public_id)
    return contract


def _locked_enrolment(enrolment_id: str) -> Enrolment:
    """The enrolment, after its family: one writing at a time about its days."""
    household = Enrolment.objects.values_list("household", flat=True).get(public_id=enrolment_id)
    Household.objects.select_for_update(of=("self",), no_key=True).get(id=household)
    rows = Enrolment.objects.select_for_update(of=("self",))
    return rows.select_related("child", "household", "group", "activity__school_year").get(public_id=enrolment_id)


def _locked(contract_id: str) -> CareContract:
    enrolment = _locked_enrolment(
        CareContract.objects.values_list("enrolment__public_id", flat=True).get(public_id=contract_id)
    )
    contract = CareContract.objects.select_for_update(of=("self",)).get(public_id=contract_id)
    contract.enrolment = enrolment
    return contract


def _check_runs(contract: CareContract) -> None:
    if contract.state != ContractState.SIGNED or contract.last_day < _today():
        raise ContractRefusedError("Ce contrat est terminé.")


def _write(enrolment: Enrolment, terms: Terms, *, replaced: CareContract | None, by: Actor) -> CareContract:
    proposal = contract_proposal(enrolment, terms, now=clock.now(), zone=the_town().zone)
    _check_free(proposal)
    _take(proposal)
    now = clock.now()
    contract = CareContract.objects.create(
        enrolment=enrolment,
        unit=proposal.unit,
        first_day=terms.first_day,
        last_day=terms.last_day,
        weeks=terms.weeks,
        months=terms.months,
        hourly_cents=proposal.quote.cents,
        monthly_minutes=proposal.monthly.minutes,
        monthly_cents=proposal.monthly.cents,
        tariff_version=TariffVersion(id=proposal.quote.version_id),
        price_reasons=list(proposal.quote.reasons),
        replaces=replaced,
        signed_at=now,
    )
    ContractDay.objects.bulk_create(
        ContractDay(
            contract=contract, weekday=one.weekday, starts_minute=one.starts_minute, ends_minute=one.ends_minute
        )
        for one in sorted(terms.hours)
    )
    bookings = _bookings(proposal, now)
    create_bookings(bookings, by=by)
    move_bookings(bookings, BookingState.CONFIRMED, by=by)
    _tell(contract, "signed", by=by)
    return contract


def _check_free(proposal: ContractProposal) -> None:
    """A day that something else holds already for this child is not held twice (I15)."""
    enrolment = proposal.enrolment
    held = Booking.objects.filter(
        child=enrolment.child,
        activity=enrolment.activity,
        day__in=proposal.days,
        state__in=LIVE_BOOKINGS,
        is_leaving=False,
    )
    if days := list(held.values_list("day", flat=True)):
        raise ContractRefusedError(
            f"Des jours sont déjà réservés\u202f: {french.days_listed(days)}.", field="first_day"
        )


def _take(proposal: ContractProposal) -> None:
    needs: Counter[Slot] = Counter(slot for day in proposal.days for slot in proposal.slots(day))
    try:
        take(needs)
    except FullError as full:
        raise ContractFullError(sorted({slot.day for slot in full.slots if isinstance(slot, Slot)})) from full


def _bookings(proposal: ContractProposal, now: datetime) -> list[Booking]:
    enrolment = proposal.enrolment
    return [
        Booking(
            enrolment=enrolment,
            child=enrolment.child,
            household=enrolment.household,
            activity=enrolment.activity,
            group=enrolment.group,
            unit=proposal.unit,
            day=day,
            starts_minute=held.hours.starts_minute,
            ends_minute=held.hours.ends_minute,
            state=BookingState.HELD,
            price_cents=0,
            tariff_version=TariffVersion(id=held.version_id),
            price_reasons=[_MONTHLY],
            derogation=_OUT_OF_TIME if held.is_out_of_time else "",
            created_at=now,
        )
        for day, held in sorted(proposal.days.items())
    ]


def _cut(contract: CareContract, *, last_day: date, reason: str, by: Actor) -> None:
    """Give back the days after its new last day; before its first, it never took effect."""
    after = held_days(contract, since=last_day + _ONE_DAY)
    move_bookings(after, BookingState.CANCELLED, by=by)
    give_back(slots_taken_by(after))
    to = ContractState.VOID if last_day < contract.first_day else ContractState.ENDED
    name = CONTRACT_MOVES[ContractState(contract.state), to]
    contract.state, contract.end_reason, contract.ended_at = to, reason, clock.now()
    if to == ContractState.ENDED:
        contract.last_day = last_day
    contract.save(update_fields=["state", "end_reason", "ended_at", "last_day"])
    _tell(contract, name, by=by)


def _tell(contract: CareContract, name: str, *, by: Actor) -> None:
    """Write the line of its history."""
    ContractEvent.objects.create(
        contract=contract,
        name=name,
        last_day=contract.last_day,
        reason=contract.end_reason,
        actor=str(by),
        at=clock.now(),
    )


def _today() -> date:
    return clock.today(the_town().zone)
