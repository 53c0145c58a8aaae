"""Pure rules of what follows a payment: where money taken back is found, how much credit an invoice can take."""

from collections.abc import Sequence
from dataclasses import dataclass

from preau.domain.payments.models.aftermath import Reversal
from preau.domain.regies.models import MeansOfPayment


@dataclass(frozen=True, slots=True)
class Settled:
    """What one payment, or one use of credit, still settles of an invoice, in cents."""

    key: int
    cents: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Where the cents of a reversal were; by key of `Settled` for those that settled invoices."""

    credit_cents: int
    allocations: dict[int, int]
    credit_uses: dict[int, int]
    given_back_cents: int


def take_back(
    amount_cents: int,
    *,
    surplus_cents: int,
    credit_cents: int,
    allocations: Sequence[Settled],
    credit_uses: Sequence[Settled],
) -> TakenBack:
    """Where to take a sum that the bank took back, so that nothing is lost and no credit falls below zero.

    `surplus_cents`: what this payment brought to the family's credit and no reversal took back yet. `credit_cents`:
    all that the régie holds for the family now, whatever brought it. In order:

    1. the surplus, as far as the family's credit still holds as much;
    2. the invoices that the payment settled, the last allocated first: they become due again;
    3. what was used of the surplus, on the family's invoices in this régie that credit settled, the last first;
    4. what was given back to the family meanwhile: it is to be recovered.
    """
    from_credit = min(amount_cents, surplus_cents, credit_cents)
    from_payment, rest = _peel(amount_cents - from_credit, allocations)
    from_uses, given_back = _peel(rest, credit_uses)
    return TakenBack(from_credit, from_payment, from_uses, given_back)


def _peel(amount_cents: int, settled: Sequence[Settled]) -> tuple[dict[int, int], int]:
    """Cents taken per key, the last first, and what none of them held."""
    taken: dict[int, int] = {}
    for one in reversed(settled):
        part = min(one.cents, amount_cents)
        if part > 0:
            taken[one.key] = part
            amount_cents -= part
    return taken, amount_cents


def usable_cents(*, credit_cents: int, left_cents: int, smallest_cents: int) -> int:
    """How much of a credit an invoice takes: never so much that what is left could no longer be paid on line.

    `smallest_cents` is the least that its régie's gateway takes at once; 0 when no cent can be used.
    """
    usable = min(credit_cents, left_cents)
    if 0 < left_cents - usable < smallest_cents:
        usable = left_cents - smallest_cents
    return max(usable, 0)


_K = Reversal.Kind
#: A card is contested, a direct debit is returned or contested; at the desk, whoever wrote may also have been mistaken.
_REVERSALS = {
    MeansOfPayment.CARD_ONLINE: [_K.CHARGEBACK],
    MeansOfPayment.CARD: [_K.CHARGEBACK, _K.MISTAKE],
    MeansOfPayment.CHEQUE: [_K.BOUNCED_CHEQUE, _K.MISTAKE],
    MeansOfPayment.CESU: [_K.REFUSED_VOUCHER, _K.MISTAKE],
    MeansOfPayment.ANCV: [_K.REFUSED_VOUCHER, _K.MISTAKE],
    MeansOfPayment.CASH: [_K.MISTAKE],
    MeansOfPayment.TRANSFER: [_K.MISTAKE],
}
#: Never a part of a payment.
WHOLE = frozenset({_K.BOUNCED_DEBIT, _K.BOUNCED_CHEQUE, _K.MISTAKE})


def possible_reversals(means: str) -> list[Reversal.Kind]:
    """What may undo a payment by its means, the likeliest first; never empty."""
    known = _REVERSALS.get(MeansOfPayment(means)) if means in MeansOfPayment else None
    return known or [_K.BOUNCED_DEBIT, _K.CHARGEBACK]
