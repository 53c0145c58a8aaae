"""Cases to review as an agent reads them: the list of their régies, and one case whole."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextChoices

from preau.domain.accounts.models import User
from preau.domain.ledger.models import AccountKind, LedgerEntry, LedgerTransaction
from preau.domain.payments import outcomes, rules
from preau.domain.payments.models import AttemptEvent, AttemptLine, CaseDecision, Evidence, PaymentAttempt, ReviewCase
from preau.domain.payments.states import AttemptState, Verdict
from preau.foundation import clock

#: The kinds whose money, if it moved, waits in suspense.
MONEY_KINDS = frozenset({ReviewCase.Kind.CONTRADICTION, ReviewCase.Kind.DOUBLE_CAPTURE})
_PAGE = 30


class CaseState(TextChoices):
    """Where a case stands; a decision sent back leaves it to decide."""

    OPEN = "a-decider", "À décider"
    WAITING = "a-confirmer", "À confirmer"
    CLOSED = "clos", "Clos"


# What is in suspense, and what was asked


def suspended_by_attempt(attempts: Collection[int]) -> Counter[int]:
    """Cents still in suspense, by attempt id: what was booked there, less what decisions took out; three queries."""
    owners = dict(Evidence.objects.filter(attempt__in=attempts).values_list("id", "attempt_id"))
    suspended: Counter[int] = Counter()
    for key, cents in _suspensions(owners).values_list("transaction__source_key", "amount_cents"):
        suspended[owners[int(key)]] -= cents
    moved = CaseDecision.objects.filter(case__attempt__in=attempts, confirmed_at__isnull=False)
    for attempt_id, cents in moved.values_list("case__attempt_id", "amount_cents"):
        suspended[attempt_id] -= cents
    return suspended


def _suspensions(evidence: Iterable[int]) -> QuerySet[LedgerEntry]:
    """Entries that put into suspense what pieces of evidence told, by their ids."""
    return LedgerEntry.objects.filter(
        account__kind=AccountKind.SUSPENSE,
        transaction__source_kind="suspense",
        transaction__source_key__in=[str(pk) for pk in evidence],
    )


def asked_of(attempt: PaymentAttempt) -> rules.Asked:
    """What an attempt asks, as it was frozen."""
    return rules.Asked(
        amount_cents=attempt.amount_cents,
        currency=attempt.currency,
        merchant=attempt.merchant,
        mode=attempt.mode,
        reference=attempt.reference,
        gateway_reference=attempt.gateway_reference,
    )


def said_by(evidence: Evidence) -> rules.Asked:
    """What the bank says in a piece of evidence, in the same words."""
    return rules.Asked(
        amount_cents=evidence.amount_cents or 0,
        currency=evidence.currency,
        merchant=evidence.merchant,
        mode=evidence.mode,
        reference=evidence.reference,
        gateway_reference=evidence.gateway_reference,
    )


def acceptable_evidence(attempt: PaymentAttempt) -> Evidence | None:
    """The last verified payment that says just what was asked; None too if other transactions are in suspense."""
    paid = list(attempt.evidence.filter(verdict=Verdict.PAID, authentic=True).order_by("-received_at", "-id"))
    same = next((one for one in paid if not rules.contradictions(asked_of(attempt), said_by(one))), None)
    keys = set(_suspensions(one.id for one in paid).values_list("transaction__source_key", flat=True))
    others = {one.transaction_reference for one in paid if str(one.id) in keys}
    return same if same and others <= {same.transaction_reference} else None


def standing_of(case: ReviewCase) -> outcomes.Standing:
    """What the rules of deciding need to know of a case."""
    attempt = case.attempt
    return outcomes.Standing(
        holds_money=attempt is not None and case.kind in MONEY_KINDS,
        state=AttemptState(attempt.state) if attempt else None,
        suspended_cents=suspended_by_attempt([attempt.id])[attempt.id] if attempt else 0,
        as_asked=attempt is not None and acceptable_evidence(attempt) is not None,
    )


# The list


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One line of the list; `amount_cents` is what the attempt asked, `suspended_cents` what is in suspense for it."""

    case: ReviewCase
    state: CaseState
    days: int
    amount_cents: int | None
    suspended_cents: int


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What an agent asked to see; empty texts ask nothing, and what names nothing finds nothing."""

    regie: str = ""
    kind: str = ""
    state: str = ""

    @property
    def is_set(self) -> bool:
        return bool(self.regie or self.kind or self.state)


def cases_of(regies: Collection[int]) -> QuerySet[ReviewCase]:
    """Cases of these régies, with all that names them."""
    return ReviewCase.objects.filter(regie__in=regies).select_related("regie", "attempt__household", "evidence")


@dataclass(frozen=True, slots=True)
class CaseList:
    """One page of the list."""

    rows: tuple[ListedCase, ...]
    page: Page[Any]


def listed_cases(regies: Collection[int], *, filters: CaseFilters, page: str) -> CaseList:
    """Those still open first, the oldest first; then those closed, the last first."""
    waiting = CaseDecision.objects.filter(case=OuterRef("pk"), confirmed_at__isnull=True, refused_at__isnull=True)
    rows = cases_of(regies).annotate(is_waiting=Exists(waiting)).filter(_asked_for(filters))
    rows = rows.order_by(F("closed_at").desc(nulls_first=True), "opened_at", "id")
    found = Paginator(rows, _PAGE).get_page(page)
    suspended = suspended_by_attempt([case.attempt_id for case in found if case.attempt_id])
    now = clock.now()
    return CaseList(tuple(_listed(case, suspended, now) for case in found), found)


def _asked_for(filters: CaseFilters) -> Q:
    asked = Q(regie__public_id=filters.regie) if filters.regie else Q()
    if filters.kind:
        asked &= Q(kind=filters.kind)
    by_state = {
        CaseState.OPEN: Q(closed_at__isnull=True, is_waiting=False),
        CaseState.WAITING: Q(closed_at__isnull=True, is_waiting=True),
        CaseState.CLOSED: Q(closed_at__isnull=False),
    }
    if filters.state:
        asked &= by_state[CaseState(filters.state)] if filters.state in CaseState.values else Q(pk=None)
    return asked


def _listed(case: ReviewCase, suspended: Counter[int], now: datetime) -> ListedCase:
    is_waiting: bool = case.is_waiting  # type: ignore[attr-defined]  # annotated above
    state = CaseState.CLOSED if case.closed_at else CaseState.WAITING if is_waiting else CaseState.OPEN
    return ListedCase(
        case=case,
        state=state,
        days=((case.closed_at or now) - case.opened_at).days,
        amount_cents=case.attempt.amount_cents if case.attempt else None,
        suspended_cents=suspended[case.attempt_id] if case.attempt_id and case.kind in MONEY_KINDS else 0,
    )


def open_count(regies: Collection[int]) -> int:
    """How many cases wait for somebody of these régies."""
    return ReviewCase.objects.filter(regie__in=regies, closed_at__isnull=True).count()


def open_counts(regies: Iterable[int]) -> Counter[int]:
    """The same by régie id."""
    rows = ReviewCase.objects.filter(regie__in=list(regies), closed_at__isnull=True).values_list("regie_id", flat=True)
    return Counter(rows.order_by())


def to_confirm(regies: Collection[int], *, user: User) -> int:
    """How many decisions of these régies wait for another person than the one who proposed them, who may be `user`."""
    waiting = CaseDecision.objects.filter(case__regie__in=regies, confirmed_at__isnull=True, refused_at__isnull=True)
    return waiting.exclude(proposed_by=user).count()


# One case


@dataclass(frozen=True, slots=True)
class Booked:
    """One transaction of the books about a case, and what it put on each account of the régie; cents."""

    transaction: LedgerTransaction
    postings: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """All that a person needs to decide a case."""

    case: ReviewCase
    state: CaseState
    standing: outcomes.Standing
    possible: tuple[outcomes.Outcome, ...]
    points: tuple[outcomes.Point, ...]
    lines: tuple[AttemptLine, ...]
    booked: tuple[Booked, ...]
    events: tuple[AttemptEvent, ...]
    decisions: tuple[CaseDecision, ...]

    @property
    def standing_decision(self) -> CaseDecision | None:
        """The decision proposed and not sent back, confirmed or not."""
        return next((one for one in self.decisions if one.refused_at is None), None)

    @property
    def sent_back(self) -> list[CaseDecision]:
        """The decisions that a second person did not want."""
        return [one for one in self.decisions if one.refused_at is not None]


def case_sheet(regies: Collection[int], *, public_id: str) -> CaseSheet:
    """One case of these régies.

    Raises:
        ReviewCase.DoesNotExist: there is none, or it is another régie's.
    """
    case = cases_of(regies).get(public_id=public_id)
    standing = standing_of(case)
    decisions = tuple(case.decisions.select_related("proposed_by", "confirmed_by", "refused_by"))
    is_waiting = any(one.confirmed_at is None and one.refused_at is None for one in decisions)
    attempt, evidence = case.attempt, case.evidence
    lines = attempt.lines.select_related("invoice").order_by("invoice_id") if attempt else ()
    return CaseSheet(
        case=case,
        state=CaseState.CLOSED if case.closed_at else CaseState.WAITING if is_waiting else CaseState.OPEN,
        standing=standing,
        possible=tuple(outcomes.possible_outcomes(standing)),
        points=tuple(outcomes.compare(asked_of(attempt), said_by(evidence))) if attempt and evidence else (),
        lines=tuple(lines),
        booked=_booked(case, decisions),
        events=tuple(attempt.events.all()) if attempt else (),
        decisions=decisions,
    )


def _booked(case: ReviewCase, decisions: Iterable[CaseDecision]) -> tuple[Booked, ...]:
    """What the books say of the attempt: its capture, what is or was in suspense, what decisions did of it."""
    if case.attempt is None:
        return ()
    told = Evidence.objects.filter(attempt=case.attempt).values_list("id", flat=True)
    decided = [one.public_id for one in decisions]
    rows = LedgerTransaction.objects.filter(
        Q(id__in=_suspensions(told).values("transaction_id"))
        | Q(source_kind="capture", source_key=case.attempt.public_id)
        | Q(source_kind="case_decision", source_key__in=decided),
    )
    return tuple(
        Booked(one, tuple((AccountKind(entry.account.kind).label, entry.amount_cents) for entry in one.entries.all()))
        for one in rows.order_by("recorded_at", "id").prefetch_related("entries__account")
    )
