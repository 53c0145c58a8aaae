"""What a day of a contract comes to: the bank's lines against what is booked here. Pure rules (reliability E.6)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices

_DAY = timedelta(days=1)


class FindingKind(TextChoices):
    """What a day may show beside equal sums."""

    PAID_ELSEWHERE = "paid_elsewhere", "Payé à la banque, inconnu du portail"
    NOT_CAPTURED = "not_captured", "Payé à la banque, pas encaissé ici"
    IN_SUSPENSE = "in_suspense", "Reçu de la banque, à décider par la régie"
    AMOUNT_GAP = "amount_gap", "Le relevé annonce un autre montant"
    MISSING_AT_BANK = "missing_at_bank", "Payé ici, absent du relevé"
    REFUND_AT_BANK = "refund_at_bank", "Remboursé ou rejeté à la banque"
    UNCONFIRMED = "unconfirmed", "Aucun relevé ne confirme ce paiement"
    UNANSWERED = "unanswered", "La banque n’a pas encore répondu"
    LEDGER = "ledger", "Le grand livre dit autre chose"


@dataclass(frozen=True, slots=True)
class BankLine:
    """One payment that the bank lists, in cents; `attempt` is our reference, empty when it is none of ours."""

    attempt: str
    transaction: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Here:
    """What the portal booked for one transaction of the bank: captured, or else in suspense."""

    attempt: str
    transaction: str
    amount_cents: int
    is_captured: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to explain; `gap_cents` is what the bank has there and the portal has not."""

    kind: FindingKind
    reference: str
    amount_cents: int
    gap_cents: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the bank's lines make of what is here; `suspended_cents` counts only what the bank lists."""

    findings: tuple[Finding, ...]
    suspended_cents: int

    @property
    def gap_cents(self) -> int:
        return sum(one.gap_cents for one in self.findings)


def compare(lines: Iterable[BankLine], here: Iterable[Here], *, undone: Collection[tuple[str, str]] = ()) -> Comparison:
    """Match by attempt and transaction; the bank's sum is what is captured and suspended here, and the gap.

    `undone` names the (attempt, transaction) that the bank lists as taken back.
    """
    left = {(one.attempt, one.transaction): one for one in here}
    findings: list[Finding] = []
    suspended_cents = 0
    for line in lines:
        mine = left.pop((line.attempt, line.transaction), None) if line.attempt else None
        found = _of_line(line, mine)
        findings.extend([] if found is None else [found])
        suspended_cents += mine.amount_cents if mine and not mine.is_captured else 0
    for key, one in left.items():
        if one.is_captured:
            kind = FindingKind.REFUND_AT_BANK if key in undone else FindingKind.MISSING_AT_BANK
            findings.append(Finding(kind, one.attempt, one.amount_cents, -one.amount_cents))
    return Comparison(tuple(findings), suspended_cents)


def _of_line(line: BankLine, mine: Here | None) -> Finding | None:
    if mine is None:
        kind = FindingKind.NOT_CAPTURED if line.attempt else FindingKind.PAID_ELSEWHERE
        return Finding(kind, line.attempt or line.transaction, line.amount_cents, line.amount_cents)
    gap_cents = line.amount_cents - mine.amount_cents
    if gap_cents:
        return Finding(FindingKind.AMOUNT_GAP, line.attempt, line.amount_cents, gap_cents)
    return None if mine.is_captured else Finding(FindingKind.IN_SUSPENSE, line.attempt, line.amount_cents)


def covers(spans: Iterable[tuple[date, date]], first: date, last: date) -> bool:
    """Whether each day from `first` to `last` lies in one span at least, both ends included."""
    reached = first
    for start, end in sorted(spans):
        if start > reached:
            break
        reached = max(reached, end + _DAY)
    return reached > last
