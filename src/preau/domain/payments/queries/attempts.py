"""Reads about attempts and receipts."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from preau.domain.families.models import Household
from preau.domain.payments import rules
from preau.domain.payments.gateway import Presentation, gateway_named
from preau.domain.payments.models import AttemptLine, PaymentAttempt, Receipt
from preau.domain.payments.queries.checkouts import Chain, chain_of
from preau.domain.payments.queries.contracts import merchant_for
from preau.domain.payments.receipts import debit_days
from preau.domain.payments.states import AttemptState
from preau.domain.town.queries import the_town


def attempts_of(household: Household) -> QuerySet[PaymentAttempt]:
    """A family's attempts, most recent first."""
    return PaymentAttempt.objects.filter(household=household).select_related("regie", "contract", "checkout")


def receipts_of(household: Household) -> QuerySet[Receipt]:
    """A family's receipts, most recent first."""
    return (
        Receipt.objects.filter(capture__attempt__household=household)
        .select_related("regie", "capture__attempt__household")
        .order_by("-issued_at", "-id")
    )


def page_origins(attempt: PaymentAttempt) -> list[str]:
    """Origins of the gateway's pages, for the page that sends the browser there."""
    return gateway_named(attempt.contract.gateway).page_origins(merchant_for(attempt))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a payment stands, as its result page shows it."""

    attempt: PaymentAttempt
    presentation: Presentation
    lines: tuple[AttemptLine, ...]
    receipt: Receipt | None
    chain: Chain

    @property
    def is_paid(self) -> bool:
        return self.attempt.state == AttemptState.CAPTURED

    @property
    def is_waiting(self) -> bool:
        return self.attempt.state in {AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNKNOWN}

    @property
    def is_declared(self) -> bool:
        """Announced as paid by a message that proves nothing: the bank's statement will tell (payment-gateways 4.2)."""
        return self.attempt.state == AttemptState.DECLARED

    @property
    def is_in_doubt(self) -> bool:
        """The bank said something else than what was asked: money may have moved (N8, N9)."""
        return self.attempt.state in {AttemptState.ANOMALY, AttemptState.CLOSED}

    @property
    def debit_span(self) -> tuple[date, date] | None:
        """First and last day on which the payer's account may be debited (V08)."""
        if self.receipt is None:
            return None
        fewest, most = debit_days(self.receipt.capture)
        paid_on = self.receipt.capture.paid_at.astimezone(the_town().zone).date()
        return rules.working_days_after(paid_on, fewest), rules.working_days_after(paid_on, most)


def outcome_of(return_token: str) -> Outcome | None:
    """The outcome of the attempt that a return address names, if there is one."""
    attempt = (
        PaymentAttempt.objects.select_related("regie", "contract", "checkout", "household")
        .filter(return_token=return_token)
        .first()
    )
    if attempt is None:
        return None
    return Outcome(
        attempt=attempt,
        presentation=gateway_named(attempt.contract.gateway).presentation,
        lines=tuple(attempt.lines.select_related("invoice").order_by("invoice_id")),
        receipt=Receipt.objects.select_related("capture__contract").filter(capture__attempt=attempt).first(),
        chain=chain_of(attempt.checkout),
    )
