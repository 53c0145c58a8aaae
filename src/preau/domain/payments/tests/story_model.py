"""What a town should know after each thing it was told, kept in plain Python and on purpose without its code.

Amounts in cents. A family's balance is what it paid and was credited, less what it was billed (row P05).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from preau.domain.payments.gateway import Report
from preau.domain.payments.states import Verdict

_GIVEN_UP_AFTER, _PATIENCE, _SESSION = timedelta(minutes=5), timedelta(hours=2), timedelta(minutes=20)

Account = tuple[int, int]  #: (household, régie)


@dataclass
class Bill:
    """An invoice."""

    account: Account
    left: int


@dataclass
class Payment:
    """An attempt: what it asks, and what the bank was heard to say of it."""

    account: Account
    amount: int
    lines: list[tuple[int, int]]
    asked: dict[str, str]
    created_at: datetime
    locked_until: datetime
    sent_at: datetime | None = None
    operation: str | None = None
    captured_as: str | None = None
    in_doubt: bool = False
    released: bool = False
    held_in_doubt: bool = False
    suspended: dict[str, int] = field(default_factory=dict)

    def must_hold(self, now: datetime) -> bool:
        """Whether nobody may pay its invoices now. Past its time a payment may hold them until a worker passes."""
        if self.released:
            return False
        if self.in_doubt:
            return self.held_in_doubt
        return now < self.locked_until and (self.sent_at is not None or now < self.created_at + _GIVEN_UP_AFTER)

    def stop(self) -> None:
        """It ends without payment, for now: its invoices are free."""
        if self.captured_as is None and not self.in_doubt:
            self.released = True


class Books:
    """Everything billed, paid and owed."""

    def __init__(self) -> None:
        self.bills: dict[int, Bill] = {}
        self.payments: dict[int, Payment] = {}
        self.balances: Counter[Account] = Counter()
        self.credits: Counter[Account] = Counter()

    def bill(self, key: int, account: Account, cents: int) -> None:
        self.bills[key] = Bill(account, cents)
        self.balances[account] -= cents

    def lower(self, key: int, cents: int) -> None:
        """An « avoir » on a bill, or money received at the desk."""
        self.bills[key].left -= cents
        self.balances[self.bills[key].account] += cents

    def hear(self, payment: Payment, report: Report, now: datetime) -> str:
        """The bank said something of a payment, at `now`; what it meant."""
        as_asked = _says(report) == payment.asked and report.amount_cents == payment.amount
        if not report.authentic:
            return "not authentic"
        if report.verdict != Verdict.PAID:
            return _hear_unpaid(payment, report.verdict, now) if as_asked else "contradicted"
        if payment.captured_as is not None and report.transaction_reference == payment.captured_as:
            return "repeated"
        if payment.captured_as is not None or payment.in_doubt:
            return _suspend(payment, report)
        if as_asked:
            return self._capture(payment, report.transaction_reference)
        payment.held_in_doubt = payment.must_hold(now)
        payment.in_doubt = True
        _suspend(payment, report)
        return "in doubt"

    def _capture(self, payment: Payment, transaction: str) -> str:
        told = "captured late" if payment.released else "captured"
        payment.captured_as, payment.released = transaction, True
        self.balances[payment.account] += payment.amount
        rest = payment.amount
        for key, cents in payment.lines:
            part = min(cents, self.bills[key].left, rest)
            self.bills[key].left -= part
            rest -= part
        self.credits[payment.account] += rest
        return f"{told} with a surplus" if rest else told

    def captured(self) -> set[int]:
        return {key for key, payment in self.payments.items() if payment.captured_as is not None}

    def suspended(self) -> int:
        return sum(sum(payment.suspended.values()) for payment in self.payments.values())

    def received(self) -> int:
        return self.suspended() + sum(self.payments[key].amount for key in self.captured())

    def held(self, now: datetime) -> set[int]:
        """Bills that nobody may pay now."""
        return {key for one in self.payments.values() if one.must_hold(now) for key, _ in one.lines}

    def maybe_held(self) -> set[int]:
        """The same, and those whose time is over but that no worker has freed yet."""
        return {key for one in self.payments.values() if not one.released for key, _ in one.lines}


def _hear_unpaid(payment: Payment, verdict: Verdict, now: datetime) -> str:
    """Never paid counts once nobody can be paying any more, in progress for two hours."""
    since = now - (payment.sent_at or now)
    if verdict == Verdict.EXPIRED and since < _SESSION:
        verdict = Verdict.PENDING
    if verdict != Verdict.PENDING or since >= _PATIENCE:
        payment.stop()
        return "ended"
    return "in progress"


def _says(report: Report) -> dict[str, str]:
    return {name: getattr(report, name) for name in ("merchant", "mode", "currency", "reference")}


def _suspend(payment: Payment, report: Report) -> str:
    """Money of ours that nobody asked for is kept apart, once per transaction of the bank."""
    ours = all(getattr(report, name) == payment.asked[name] for name in ("merchant", "mode", "currency"))
    if not ours or report.amount_cents <= 0 or report.transaction_reference in payment.suspended:
        return "known already"
    payment.suspended[report.transaction_reference] = report.amount_cents
    return "kept apart"
