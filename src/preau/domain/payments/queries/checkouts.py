"""A basket of several régies: one operation after the other, stopped and taken up again (V06, P08, design 4.8)."""

from dataclasses import dataclass
from datetime import timedelta

from preau.domain.accounts.models import User
from preau.domain.families.models import Household
from preau.domain.payments.models import Checkout, PaymentAttempt, Receipt
from preau.domain.payments.states import AttemptState
from preau.domain.regies.models import Regie
from preau.foundation import clock

#: A chain left unfinished is taken up where it stopped for this long; later, what remains is a new basket.
RESUMED_WITHIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One régie's part of a chain, as its last attempt left it; `receipt` once it is paid."""

    attempt: PaymentAttempt
    receipt: Receipt | None

    @property
    def is_paid(self) -> bool:
        return self.attempt.state == AttemptState.CAPTURED

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be done for it: paid, or waiting for the bank alone."""
        return self.is_paid or self.attempt.state == AttemptState.DECLARED


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps already begun, in the order of their first click, and how many the chain has in all."""

    steps: tuple[ChainStep, ...]
    operations: int

    @property
    def paid(self) -> tuple[ChainStep, ...]:
        return tuple(step for step in self.steps if step.is_paid)

    @property
    def paid_cents(self) -> int:
        return sum(step.attempt.amount_cents for step in self.paid)

    @property
    def is_finished(self) -> bool:
        return sum(step.is_over for step in self.steps) >= self.operations


def chain_of(checkout: Checkout) -> Chain:
    """Where a chain stands: one step per régie, its paid attempt if it has one, else its last."""
    attempts = list(checkout.attempts.select_related("regie").order_by("id"))
    receipts = {r.capture.attempt_id: r for r in _receipts(checkout)}
    steps: dict[int, PaymentAttempt] = {}
    for attempt in attempts:
        held = steps.get(attempt.regie_id)
        if held is None or held.state != AttemptState.CAPTURED:
            steps[attempt.regie_id] = attempt
    ordered = sorted(steps.values(), key=lambda one: next(a.id for a in attempts if a.regie_id == one.regie_id))
    return Chain(tuple(ChainStep(attempt, receipts.get(attempt.id)) for attempt in ordered), checkout.operations)


def _receipts(checkout: Checkout) -> list[Receipt]:
    return list(Receipt.objects.filter(capture__attempt__checkout=checkout).select_related("capture"))


def checkout_to_resume(*, user: User, household: Household, regie: Regie, ready: int) -> Checkout | None:
    """The chain that a click on « Payer » goes on with: what the basket still holds is just what it lacks.

    `regie` is paid next, `ready` régies of the basket can be paid now. A refused step is tried again in its chain.
    """
    since = clock.now() - RESUMED_WITHIN
    last = Checkout.objects.filter(user=user, household=household, started_at__gt=since).order_by("-id").first()
    if last is None or last.operations == 1:
        return None
    over = {step.attempt.regie_id for step in chain_of(last).steps if step.is_over}
    return last if regie.id not in over and len(over) + ready == last.operations else None
