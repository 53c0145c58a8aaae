"""Pure rules of paying: what contradicts an attempt, how a verdict becomes a state, when to ask again."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from holidays import financial_holidays

from preau.domain.payments.states import HELD_STATES, TRANSITIONS, AttemptState, Verdict

#: Minutes after sending at which the gateway is asked, then once a day for a week (reliability E.1).
ASK_AFTER_MINUTES = (2, 5, 10, 20, 40, 60, 120, 240, *(day * 24 * 60 for day in range(1, 8)))
#: A payer may have left the pages for good only past this (payment-gateways 3.5: P5 older than 120 minutes).
PENDING_EXPIRES_AFTER = timedelta(minutes=120)
#: Added to a gateway's session before "never paid" is believed.
WINDOW_MARGIN = timedelta(minutes=5)
#: A prepared attempt whose payer was never sent anywhere is given up after this (K2, K3).
PREPARED_EXPIRES_AFTER = timedelta(minutes=5)
FINAL_SILENCE = timedelta(days=7)
_SATURDAY = 5
_CLOSED_TO_BANKS = financial_holidays("XECB")

_STATE_OF = {
    Verdict.PAID: AttemptState.CAPTURED,
    Verdict.REFUSED: AttemptState.REFUSED,
    Verdict.CANCELLED: AttemptState.ABANDONED,
    Verdict.EXPIRED: AttemptState.EXPIRED,
    Verdict.UNDONE: AttemptState.ABANDONED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an attempt froze when it was created or sent; amounts in cents."""

    amount_cents: int
    currency: str
    merchant: str
    mode: str
    reference: str
    gateway_reference: str | None


def contradictions(asked: Asked, said: Asked) -> list[str]:
    """French sentences naming each point on which a gateway's report differs from what was asked (9.6)."""
    points = [
        ("montant (centimes)", asked.amount_cents, said.amount_cents),
        ("monnaie", asked.currency, said.currency),
        ("commerçant", asked.merchant, said.merchant),
        ("mode", asked.mode, said.mode),
        ("référence", asked.reference, said.reference),
        ("opération", asked.gateway_reference, said.gateway_reference),
    ]
    return [f"{name} : demandé {mine}, annoncé {theirs}" for name, mine, theirs in points if mine != theirs]


def next_state(current: AttemptState, verdict: Verdict) -> AttemptState | None:
    """Where a verified, uncontradicted verdict leads; None when it changes nothing (replays, softer news)."""
    target = _STATE_OF.get(verdict)
    if target is None or current in HELD_STATES or (current, target) not in TRANSITIONS:
        return None
    return target


def believed(verdict: Verdict, *, sent_at: datetime, window_ends_at: datetime, now: datetime) -> Verdict:
    """A verdict as time lets us believe it: "never paid" only past the window, "pending" no longer than two hours."""
    if verdict == Verdict.EXPIRED and now < window_ends_at + WINDOW_MARGIN:
        return Verdict.PENDING
    if verdict == Verdict.PENDING and now >= sent_at + PENDING_EXPIRES_AFTER:
        return Verdict.EXPIRED
    return verdict


def next_check(*, sent_at: datetime, now: datetime) -> datetime | None:
    """The next instant of the schedule after `now`; None once a week has passed."""
    moments = (sent_at + timedelta(minutes=minutes) for minutes in ASK_AFTER_MINUTES)
    return next((moment for moment in moments if moment > now), None)


@dataclass(frozen=True, slots=True)
class Share:
    """What a captured line may settle: its frozen amount and what is left on its invoice, in cents."""

    key: int
    asked_cents: int
    left_cents: int


def allocate(amount_cents: int, shares: Iterable[Share]) -> tuple[dict[int, int], int]:
    """Cents settled per key, in order, and the surplus owed to the family; nothing is lost (I4)."""
    settled: dict[int, int] = {}
    rest = amount_cents
    for share in shares:
        part = min(share.asked_cents, share.left_cents, rest)
        if part > 0:
            settled[share.key] = part
            rest -= part
    return settled, rest


def frozen_digest(values: dict[str, object], lines: Iterable[tuple[str, int]]) -> str:
    """SHA-256 of what an attempt asks: its frozen columns and its lines (I7)."""
    content = [sorted((name, str(value)) for name, value in values.items()), sorted(lines)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def working_days_after(start: date, days: int) -> date:
    """The day on which banks settle that lies `days` such days after `start`.

    Banks settle from Monday to Friday, six days a year apart: 1 January, Good Friday, Easter Monday, 1 May,
    25 and 26 December (calendar of T2, the Eurosystem's settlement system), whatever the public holidays here.
    """
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY and day not in _CLOSED_TO_BANKS:
            days -= 1
    return day
