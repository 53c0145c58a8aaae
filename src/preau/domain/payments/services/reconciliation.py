"""Reconciling a day of a contract: the bank's word acts first, then a dated constat says what is left (E.6, 9.9)."""

import hashlib
import json
import logging
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from preau.domain.accounts.models import User
from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.gateway import gateway_choices, gateway_named
from preau.domain.payments.models import BankStatement, PaymentAttempt, Reconciliation, ReviewCase
from preau.domain.payments.queries.reconciliation import (
    Figures,
    attempts_sent,
    captures_of,
    figures_of,
    is_covered,
    is_listed,
    latest,
    stale_days,
)
from preau.domain.payments.rules import working_days_after
from preau.domain.payments.services.cases import open_case
from preau.domain.payments.services.moves import move
from preau.domain.payments.services.statements import treat
from preau.domain.payments.services.sweep import WORKER_TIMEOUT, ask
from preau.domain.payments.states import ASKABLE, AttemptState, Origin
from preau.domain.regies.models import Channel, GatewayContract
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import SYSTEM, Actor
from preau.foundation.audit.services import record

logger = logging.getLogger(__name__)

#: The night is over, at the banks too.
_MORNING = time(5)
#: Working days after which an absent payment is told, where a statement came and where none did (E.6, 9.2).
_ABSENT_DAYS, _UNCONFIRMED_DAYS = 2, 3
#: Three working days may take ten, over Christmas and Easter.
_LOOK_BACK = 10
_ABANDONED_AFTER = timedelta(hours=24)
_MOST_QUESTIONS = 500
_ONGOING = (AttemptState.SENT, AttemptState.UNKNOWN)


def reconcile(
    *,
    contract: GatewayContract,
    day: date,
    by: Actor,
    user: User | None = None,
    asks: bool = True,
    always: bool = False,
) -> Reconciliation:
    """Settle what can be settled of a day of the town, and state the rest; the constat in force.

    Safe to repeat: a new constat is written when something changed, or `always`. Outside any transaction: with `asks`,
    a gateway that can be asked is.

    Raises:
        ValueError: the day has not come.
    """
    zone = the_town().zone
    if day > clock.today(zone):
        raise ValueError(f"{day} has not come")
    treat(contract, by=by)
    if asks and gateway_named(contract.gateway).can_ask:
        _ask_again(contract, day, zone)
    _tell_absent(contract, day, zone)
    if not gateway_named(contract.gateway).can_ask:
        _end_abandoned(contract, day, zone)
    return _state(contract, day, zone, by=by, user=user, always=always)


def reconcile_statement(statement: BankStatement, *, by: Actor, user: User | None = None) -> list[Reconciliation]:
    """Let a statement just imported act, and state each day that it covers, contract by contract."""
    contracts = statement.contracts.select_related("regie").order_by("regie__position", "regie__label", "id")
    days = [statement.first_day + timedelta(days=n) for n in range((statement.last_day - statement.first_day).days + 1)]
    return [
        reconcile(contract=contract, day=day, by=by, user=user, asks=False) for day in days for contract in contracts
    ]


def _ask_again(contract: GatewayContract, day: date, zone: ZoneInfo) -> None:
    """Ask about each attempt of the day; a bank that is silent is left alone by its own breaker."""
    known = ASKABLE | {AttemptState.CAPTURED}
    for attempt in attempts_sent(contract, day, zone).filter(state__in=known).order_by("sent_at")[:_MOST_QUESTIONS]:
        attempt.contract = contract
        try:
            ask(attempt, origin=Origin.SWEEP, timeout=WORKER_TIMEOUT)
        except GatewayUnavailableError as silence:
            logger.warning("no answer about %s: %s", attempt.reference, silence)
        except Exception:  # one attempt in trouble must not keep the others waiting
            logger.exception("the question about %s failed", attempt.reference)


def _tell_absent(contract: GatewayContract, day: date, zone: ZoneInfo) -> None:
    """Payments captured here that the bank should have listed by now; they are never taken back by themselves."""
    later, today = working_days_after(day, _ABSENT_DAYS), clock.today(zone)
    listed_by_now = is_covered(contract, day, later)
    can_ask = gateway_named(contract.gateway).can_ask
    if not listed_by_now and (can_ask or today <= working_days_after(day, _UNCONFIRMED_DAYS)):
        return
    kind = ReviewCase.Kind.MISSING_AT_BANK if listed_by_now else ReviewCase.Kind.UNCONFIRMED
    told = f"payé le {french.day(day)}, absent des relevés jusqu’au {french.day(later)}"
    waiting = f"payé le {french.day(day)}, aucun relevé ne le dit"
    for capture in captures_of(contract, day, zone).select_related("attempt__regie"):
        if not is_listed(capture.attempt):
            _open_once(kind, capture.attempt, told if listed_by_now else waiting)
    for attempt in attempts_sent(contract, day, zone).filter(state=AttemptState.DECLARED).select_related("regie"):
        if not is_listed(attempt):
            _open_once(ReviewCase.Kind.UNCONFIRMED, attempt, f"annoncé {waiting}")


def _end_abandoned(contract: GatewayContract, day: date, zone: ZoneInfo) -> None:
    """What no statement lists was not paid: the payer left, the attempt ends; a payment only declared is a case."""
    if not is_covered(contract, day, day + timedelta(days=1)):
        return
    sent = attempts_sent(contract, day, zone).filter(sent_at__lte=clock.now() - _ABANDONED_AFTER)
    for attempt in sent.filter(state__in=_ONGOING):
        _expire(attempt.id)
    for attempt in sent.filter(state=AttemptState.DECLARED).select_related("regie"):
        if not is_listed(attempt):
            told = f"annoncé payé le {french.day(day)}, absent du relevé de ce jour et du suivant"
            _open_once(ReviewCase.Kind.UNCONFIRMED, attempt, told)


@transaction.atomic
def _expire(attempt_id: int) -> None:
    attempt = PaymentAttempt.objects.select_for_update(of=("self",)).get(id=attempt_id)
    if attempt.state in _ONGOING and not is_listed(attempt):
        move(attempt, AttemptState.EXPIRED, by=SYSTEM)


@transaction.atomic
def _open_once(kind: ReviewCase.Kind, attempt: PaymentAttempt, detail: str) -> None:
    """A case that two people closed is not opened again by the same absence."""
    if not ReviewCase.objects.filter(kind=kind, attempt=attempt).exists():
        open_case(kind=kind, attempt=attempt, detail=detail)


@transaction.atomic
def _state(
    contract: GatewayContract, day: date, zone: ZoneInfo, *, by: Actor, user: User | None, always: bool
) -> Reconciliation:
    """Write the constat of a day if it says something new; one writer at a time for a contract."""
    GatewayContract.objects.select_for_update(of=("self",)).get(id=contract.id)
    figures, before = figures_of(contract, day, zone), latest(contract, day)
    digest = _digest(figures)
    if before is not None and before.digest == digest and not always:
        return before
    constat = Reconciliation.objects.create(
        contract=contract,
        day=day,
        number=before.number + 1 if before else 1,
        made_at=clock.now(),
        made_by=user,
        basis=figures.basis,
        statement=figures.statement,
        outcome=figures.outcome,
        bank_count=figures.bank_count,
        bank_cents=figures.bank_cents,
        captured_count=figures.captured_count,
        captured_cents=figures.captured_cents,
        caught_up_count=figures.caught_up_count,
        suspended_cents=figures.suspended_cents,
        booked_cents=figures.booked_cents,
        other_cents=figures.other_cents,
        gap_cents=figures.gap_cents,
        findings=list(figures.findings),
        digest=digest,
    )
    if user is not None:
        details = {"day": str(day), "outcome": str(constat.outcome), "gap_cents": constat.gap_cents}
        record(by=by, action="day.reconciled", subject=constat.public_id, details=details)
    return constat


def _digest(figures: Figures) -> str:
    """SHA-256 of all that a constat states; the statement by its number."""
    said = [
        *(figures.basis, figures.statement and figures.statement.public_id, figures.outcome),
        *(figures.bank_count, figures.bank_cents, figures.captured_count, figures.captured_cents),
        *(figures.caught_up_count, figures.suspended_cents, figures.booked_cents, figures.other_cents),
        *(figures.gap_cents, list(figures.findings)),
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


# Every night


def contracts_on(day: date) -> list[GatewayContract]:
    """The contracts that a day concerns, of the banks installed, closed ones for as long as news may come.

    No bank knows what a desk receives: its days are for the cash journal, not for a constat.
    """
    installed = [code for code, _ in gateway_choices(Channel.ONLINE)]
    open_then = Q(closed_on__isnull=True) | Q(closed_on__gte=day - timedelta(days=_LOOK_BACK))
    contracts = GatewayContract.objects.filter(open_then, gateway__in=installed, opened_on__lte=day)
    return list(contracts.select_related("regie").order_by("regie__position", "regie__label", "id"))


def reconcile_nights(*, most: int = 1) -> int:
    """Once a day of the town, after 5 h local: the days gone by of `most` contracts; how many were looked at.

    Yesterday gets its constat whatever happens; earlier days, missed ones included, get another when they changed.
    """
    if not GatewayContract.objects.exists():
        return 0
    zone, now = the_town().zone, clock.now()
    today = clock.today(zone)
    morning = datetime.combine(today, _MORNING, tzinfo=zone)
    if now < morning:
        return 0
    yesterday = today - timedelta(days=1)
    done = Reconciliation.objects.filter(day=yesterday, made_at__gte=morning).values_list("contract_id", flat=True)
    waiting = [one for one in contracts_on(yesterday) if one.id not in set(done)][:most]
    for contract in waiting:
        for day in _days_to_look_at(contract, yesterday):
            reconcile(contract=contract, day=day, by=SYSTEM, asks=latest(contract, day) is None)
        reconcile(contract=contract, day=yesterday, by=SYSTEM, always=True)
    return len(waiting)


def _days_to_look_at(contract: GatewayContract, yesterday: date) -> list[date]:
    """The days before yesterday that may have changed, and older ones whose books did since their constat."""
    first = max(contract.opened_on, yesterday - timedelta(days=_LOOK_BACK))
    recent = [first + timedelta(days=n) for n in range((yesterday - first).days)]
    return [*stale_days(contract, before=first), *recent]
