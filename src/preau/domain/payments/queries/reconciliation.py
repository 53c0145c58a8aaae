"""The figures of one contract's day: what the bank lists, what was captured here, what the books say."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet, Sum

from preau.domain.ledger.models import AccountKind, LedgerEntry, LedgerTransaction
from preau.domain.payments.gateway import gateway_named
from preau.domain.payments.models import (
    BankStatement,
    Capture,
    Evidence,
    PaymentAttempt,
    Reconciliation,
    ReviewCase,
    StatementEntry,
)
from preau.domain.payments.reconciling import BankLine, Finding, FindingKind, Here, compare, covers
from preau.domain.payments.states import AttemptState, Origin, Verdict
from preau.domain.regies.models import GatewayContract

_EURO = "EUR"
#: A transaction dated before a constat may have been committed after it.
_COMMITTING = timedelta(minutes=1)
#: The cases that a finding may have led to.
_CASES = {
    FindingKind.NOT_CAPTURED: (ReviewCase.Kind.CONTRADICTION, ReviewCase.Kind.AMOUNT_GAP),
    FindingKind.IN_SUSPENSE: (ReviewCase.Kind.CONTRADICTION, ReviewCase.Kind.DOUBLE_CAPTURE),
    FindingKind.AMOUNT_GAP: (ReviewCase.Kind.AMOUNT_GAP, ReviewCase.Kind.CONTRADICTION),
    FindingKind.PAID_ELSEWHERE: (ReviewCase.Kind.PAID_ELSEWHERE,),
    FindingKind.MISSING_AT_BANK: (ReviewCase.Kind.MISSING_AT_BANK,),
    FindingKind.REFUND_AT_BANK: (ReviewCase.Kind.REFUND_AT_BANK,),
    FindingKind.UNCONFIRMED: (ReviewCase.Kind.UNCONFIRMED,),
}


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants between which a day of the town lies: 23, 24 or 25 hours."""
    first, after = (datetime.combine(one, time.min, tzinfo=zone) for one in (day, day + timedelta(days=1)))
    return first, after


def captures_of(contract: GatewayContract, day: date, zone: ZoneInfo) -> QuerySet[Capture]:
    """What was paid on a day of the town, whenever we heard of it."""
    first, after = bounds(day, zone)
    return Capture.objects.filter(contract=contract, paid_at__gte=first, paid_at__lt=after)


def attempts_sent(contract: GatewayContract, day: date, zone: ZoneInfo) -> QuerySet[PaymentAttempt]:
    """The attempts whose payers left for the bank on a day of the town."""
    first, after = bounds(day, zone)
    return PaymentAttempt.objects.filter(contract=contract, sent_at__gte=first, sent_at__lt=after)


def spans_of(contract: GatewayContract) -> list[tuple[date, date]]:
    """The days that its statements cover."""
    return list(BankStatement.objects.filter(contracts=contract).values_list("first_day", "last_day").order_by())


def is_listed(attempt: PaymentAttempt) -> bool:
    """Whether a statement names it, paid or taken back."""
    return StatementEntry.objects.filter(attempt=attempt).exclude(kind=StatementEntry.Kind.REFUND).exists()


def subject_of(entry: StatementEntry) -> str:
    """What a case calls an operation that is none of ours."""
    return f"{entry.transaction_reference} {entry.reference}".strip()[:64]


def is_money(entry: StatementEntry) -> bool:
    """Whether a line is about euros of the platform where its operation was opened, not about a trial."""
    mode = entry.attempt.mode if entry.attempt else entry.contract.mode
    return entry.currency == _EURO and entry.mode in {"", mode}


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a constat states of a day, cents; what the bank says is None while nothing says it."""

    basis: Reconciliation.Basis
    statement: BankStatement | None
    bank_count: int | None
    bank_cents: int | None
    captured_count: int
    captured_cents: int
    caught_up_count: int
    suspended_cents: int
    booked_cents: int
    other_cents: int
    gap_cents: int | None
    findings: tuple[dict[str, object], ...]

    @property
    def outcome(self) -> Reconciliation.Outcome:
        """How the day stands."""
        if self.basis == Reconciliation.Basis.NOTHING:
            return Reconciliation.Outcome.WAITING
        if not self.findings:
            return Reconciliation.Outcome.CLEAR
        is_explained = all(one["is_closed"] for one in self.findings)
        return Reconciliation.Outcome.EXPLAINED if is_explained else Reconciliation.Outcome.GAP


def figures_of(contract: GatewayContract, day: date, zone: ZoneInfo) -> Figures:
    """What the bank, the portal and the books say now of one day."""
    basis, statement = _basis(contract, day)
    captures = list(captures_of(contract, day, zone).select_related("attempt", "evidence"))
    entries = _entries(contract, day, zone, captures)
    is_statement = basis == Reconciliation.Basis.STATEMENT
    lines = _listed(entries) if is_statement else _answered(contract, day, zone, captures)
    undone = _undone(entries) if is_statement else {}
    compared = compare(lines, _here(captures, lines), undone=undone)
    knows = basis != Reconciliation.Basis.NOTHING
    booked = booked_on(contract, day)
    captured_cents = sum(one.amount_cents for one in captures)
    findings = [
        *(compared.findings if knows else ()),
        *_taken_back(undone, compared.findings),
        *_waiting(contract, day, zone, captures, basis),
    ]
    if booked["capture"] != captured_cents:
        findings.append(Finding(FindingKind.LEDGER, contract.merchant, booked["capture"] - captured_cents))
    return Figures(
        basis=basis,
        statement=statement,
        bank_count=len(lines) if knows else None,
        bank_cents=sum(one.amount_cents for one in lines) if knows else None,
        captured_count=len(captures),
        captured_cents=captured_cents,
        caught_up_count=sum(one.evidence.origin == Origin.STATEMENT for one in captures),
        suspended_cents=compared.suspended_cents if knows else 0,
        booked_cents=booked["capture"],
        other_cents=booked.total() - booked["capture"],
        gap_cents=compared.gap_cents if knows else None,
        findings=_with_cases(contract, findings),
    )


def _basis(contract: GatewayContract, day: date) -> tuple[Reconciliation.Basis, BankStatement | None]:
    """What tells the bank's side: a statement that covers the day, else its answers where it can be asked."""
    statement = contract.statements.filter(first_day__lte=day, last_day__gte=day).first()
    if statement is not None:
        return Reconciliation.Basis.STATEMENT, statement
    asked = gateway_named(contract.gateway).can_ask
    return (Reconciliation.Basis.ASKED if asked else Reconciliation.Basis.NOTHING), None


def booked_on(contract: GatewayContract, day: date) -> Counter[str]:
    """Cents put on the clearing account of a contract on a day, by kind of source."""
    entries = LedgerEntry.objects.filter(
        account__contract=contract, account__kind=AccountKind.CLEARING, transaction__booked_on=day
    )
    rows = entries.values_list("transaction__source_kind").annotate(cents=Sum("amount_cents"))
    return Counter(dict(rows.order_by()))


def stale_days(contract: GatewayContract, *, before: date) -> list[date]:
    """Days before `before` whose books changed since their constat: a decision may date a payment back."""
    in_force = _in_force(Reconciliation.objects.filter(contract=contract, day__lt=before))
    booked = _on_clearing(LedgerEntry.objects.filter(account__contract=contract))
    return [key[1] for key, one in in_force.items() if booked.get(key, (0, None))[0] != one.on_clearing_cents]


def outdated_constats() -> Iterator[tuple[Reconciliation, int]]:
    """The constats in force that the books did not bear out when they were made, with what the books say; cents.

    One followed by another entry of its day waits for the next night.
    """
    booked = _on_clearing(LedgerEntry.objects.all())
    for key, one in _in_force(Reconciliation.objects.all()).items():
        cents, last = booked.get(key, (0, None))
        if cents != one.on_clearing_cents and (last is None or last < one.made_at - _COMMITTING):
            yield one, cents


def _in_force(constats: QuerySet[Reconciliation]) -> dict[tuple[int, date], Reconciliation]:
    """The last one of each (contract id, day)."""
    return {(one.contract_id, one.day): one for one in constats.order_by("contract", "day", "number")}


def _on_clearing(entries: QuerySet[LedgerEntry]) -> dict[tuple[int, date], tuple[int, datetime]]:
    """(cents, last written) on the clearing accounts, by (contract id, day)."""
    rows = (
        entries.filter(account__kind=AccountKind.CLEARING)
        .values_list("account__contract_id", "transaction__booked_on")
        .annotate(cents=Sum("amount_cents"), last=Max("transaction__recorded_at"))
        .order_by()
    )
    return {(contract_id, day): (cents, last) for contract_id, day, cents, last in rows}


def _entries(contract: GatewayContract, day: date, zone: ZoneInfo, captures: list[Capture]) -> list[StatementEntry]:
    """Lines of the day; a captured one counts on the day of its capture, should the two clocks part at midnight."""
    theirs = Q(day=day) | Q(attempt__in=[one.attempt_id for one in captures])
    rows = StatementEntry.objects.filter(theirs, contract=contract).select_related("attempt__capture", "contract")
    return [one for one in rows.order_by("id") if is_money(one) and _day_of(one, zone) == day]


def _day_of(entry: StatementEntry, zone: ZoneInfo) -> date:
    capture = _capture_of(entry.attempt)
    if capture and (capture.contract_id, capture.transaction_reference) == (
        entry.contract_id,
        entry.transaction_reference,
    ):
        return capture.paid_at.astimezone(zone).date()
    return entry.day


def _capture_of(attempt: PaymentAttempt | None) -> Capture | None:
    return getattr(attempt, "capture", None)


def _listed(entries: Iterable[StatementEntry]) -> list[BankLine]:
    return [
        BankLine(
            one.attempt.reference if one.attempt else "",
            one.transaction_reference if one.attempt else subject_of(one),
            one.amount_cents,
        )
        for one in entries
        if one.kind == StatementEntry.Kind.PAYMENT
    ]


def _undone(entries: Iterable[StatementEntry]) -> dict[tuple[str, str], int]:
    """Cents given or taken back, by (attempt, transaction); an unpaid operation that was never captured is none."""
    return {
        (one.attempt.reference if one.attempt else subject_of(one), one.transaction_reference): one.amount_cents
        for one in entries
        if one.kind == StatementEntry.Kind.REFUND
        or (one.kind == StatementEntry.Kind.UNPAID and _capture_of(one.attempt))
    }


def _answered(contract: GatewayContract, day: date, zone: ZoneInfo, captures: list[Capture]) -> list[BankLine]:
    """The payments that the bank confirmed when asked: the last word on each transaction."""
    first, after = bounds(day, zone)
    when = Q(occurred_at__gte=first, occurred_at__lt=after) | Q(attempt__in=[one.attempt_id for one in captures])
    paid = Evidence.objects.filter(
        when, attempt__contract=contract, authentic=True, verdict=Verdict.PAID, merchant=contract.merchant
    )
    said = {
        (one.attempt.reference, one.transaction_reference): one
        for one in paid.select_related("attempt__capture").order_by("id")
        if one.currency == _EURO and one.mode == one.attempt.mode
    }
    return [BankLine(*key, one.amount_cents or 0) for key, one in said.items() if _told_day(one, zone) == day]


def _told_day(evidence: Evidence, zone: ZoneInfo) -> date:
    capture = _capture_of(evidence.attempt)
    if capture and capture.transaction_reference == evidence.transaction_reference:
        return capture.paid_at.astimezone(zone).date()
    return (evidence.occurred_at or evidence.received_at).astimezone(zone).date()


def _here(captures: Iterable[Capture], lines: Iterable[BankLine]) -> list[Here]:
    """Captures of the day, and what is in suspense for what the bank lists."""
    taken = [Here(one.attempt.reference, one.transaction_reference, one.amount_cents, True) for one in captures]
    known = {(one.attempt, one.transaction) for one in taken}
    wanted = {(line.attempt, line.transaction) for line in lines if line.attempt} - known
    told = Evidence.objects.filter(
        attempt__reference__in={attempt for attempt, _ in wanted}, authentic=True, verdict=Verdict.PAID
    )
    keys = {
        str(pk): (reference, transaction)
        for pk, reference, transaction in told.values_list("id", "attempt__reference", "transaction_reference")
    }
    booked = LedgerTransaction.objects.filter(source_kind="suspense", source_key__in=keys, entries__amount_cents__gt=0)
    sums = {keys[key]: cents for key, cents in booked.values_list("source_key", "entries__amount_cents")}
    return [*taken, *(Here(*key, cents, False) for key, cents in sums.items() if key in wanted)]


def _taken_back(undone: dict[tuple[str, str], int], found: Iterable[Finding]) -> list[Finding]:
    """Refunds and rejections, but those that already explain a missing payment."""
    told = {one.reference for one in found if one.kind == FindingKind.REFUND_AT_BANK}
    return [
        Finding(FindingKind.REFUND_AT_BANK, reference, cents)
        for (reference, _), cents in undone.items()
        if reference not in told
    ]


def _waiting(
    contract: GatewayContract, day: date, zone: ZoneInfo, captures: list[Capture], basis: Reconciliation.Basis
) -> list[Finding]:
    """Attempts of the day that nothing settles yet: asked without answer, or awaited too long on a statement."""
    sent = attempts_sent(contract, day, zone)
    if basis == Reconciliation.Basis.ASKED:
        silent = sent.filter(state__in=[AttemptState.SENT, AttemptState.UNKNOWN])
        return [Finding(FindingKind.UNANSWERED, one.reference, one.amount_cents) for one in silent.order_by("id")]
    late = Q(id__in=sent.filter(state=AttemptState.DECLARED))
    if basis == Reconciliation.Basis.NOTHING:
        late |= Q(id__in=[one.attempt_id for one in captures])
    doubtful = PaymentAttempt.objects.filter(late, cases__kind=ReviewCase.Kind.UNCONFIRMED).distinct()
    return [Finding(FindingKind.UNCONFIRMED, one.reference, one.amount_cents) for one in doubtful.order_by("id")]


def _with_cases(contract: GatewayContract, findings: list[Finding]) -> tuple[dict[str, object], ...]:
    """Findings as data, each with the case it led to: the one still open, else the last."""
    names = {one.reference for one in findings}
    rows = ReviewCase.objects.filter(Q(attempt__reference__in=names) | Q(regie=contract.regie_id, subject__in=names))
    cases = sorted(rows.select_related("attempt"), key=lambda one: (one.closed_at is None, one.opened_at, one.id))
    known = {(one.kind, one.reference): one for one in cases}
    told = []
    for one in findings:
        held = [known[kind, one.reference] for kind in _CASES.get(one.kind, ()) if (kind, one.reference) in known]
        case = held[0] if held else None
        told.append(
            {
                "kind": one.kind.value,
                "reference": one.reference,
                "amount_cents": one.amount_cents,
                "gap_cents": one.gap_cents,
                "case": case.public_id if case else "",
                "is_closed": case is not None and case.closed_at is not None,
            }
        )
    return tuple(told)


def latest(contract: GatewayContract, day: date) -> Reconciliation | None:
    """The constat in force."""
    return Reconciliation.objects.filter(contract=contract, day=day).order_by("-number").first()


def is_covered(contract: GatewayContract, first: date, last: date) -> bool:
    """Whether statements cover all these days."""
    return covers(spans_of(contract), first, last)
