"""The single, idempotent way from a gateway's word to the books.

Browser return, notification, question and statement all end here: the report is stored first, in its own
transaction, then `settle` applies it in one transaction: state, capture, allocations, ledger, receipt, mail.
"""

import logging
from datetime import timedelta
from enum import Enum

from django.db import transaction

from preau.domain.ledger.models import AccountKind, LedgerTransaction
from preau.domain.ledger.services import Posting, book
from preau.domain.payments import rules
from preau.domain.payments.gateway import Report, gateway_named
from preau.domain.payments.models import Evidence, GatewayMessage, PaymentAttempt, ReviewCase
from preau.domain.payments.queries.cases import asked_of
from preau.domain.payments.services.capturing import capture
from preau.domain.payments.services.cases import open_case
from preau.domain.payments.services.moves import move
from preau.domain.payments.states import TRANSITIONS, AttemptState, Origin, Verdict
from preau.domain.town.queries import the_town
from preau.foundation import clock, faults
from preau.foundation.audit.actors import Actor
from preau.foundation.money import format_cents

logger = logging.getLogger(__name__)

#: A payment heard of later than this after its payer left is told to whoever watches the installation (N6).
_LATE = timedelta(hours=24)


class Settled(Enum):
    """What a piece of evidence did."""

    CAPTURED = "captured"
    DUPLICATE = "duplicate"
    ENDED = "ended"
    CONTRADICTED = "contradicted"
    DECLARED = "declared"
    IGNORED = "ignored"


def apply_report(
    *,
    attempt: PaymentAttempt,
    report: Report,
    origin: Origin,
    by: Actor,
    message: GatewayMessage | None = None,
) -> Settled:
    """Store what a gateway says, then let it act. "In progress" is no evidence of anything and is not stored."""
    if report.verdict == Verdict.PENDING:
        return Settled.IGNORED
    evidence = store_evidence(attempt, report, origin, message)
    faults.reach("evidence-stored")
    return settle(evidence_id=evidence.id, by=by)


def store_evidence(
    attempt: PaymentAttempt, report: Report, origin: Origin, message: GatewayMessage | None = None
) -> Evidence:
    """Keep what a gateway says; it has changed nothing yet."""
    return Evidence.objects.create(
        attempt=attempt,
        message=message,
        origin=origin,
        verdict=report.verdict,
        authentic=report.authentic,
        gateway_reference=report.gateway_reference,
        reference=report.reference[:64],
        merchant=report.merchant[:40],
        mode=report.mode[:12],
        amount_cents=report.amount_cents,
        currency=report.currency[:3],
        transaction_reference=report.transaction_reference[:64],
        means=report.means[:20],
        code=report.code[:20],
        label=report.label[:150],
        occurred_at=report.occurred_at,
        received_at=clock.now(),
        raw=dict(report.raw),
    )


@transaction.atomic(durable=True)
def settle(*, evidence_id: int, by: Actor) -> Settled:
    """Apply stored evidence to its attempt, once; replaying it changes nothing.

    Locks the attempt, then its invoices in primary-key order, then the receipt counter (E.4.4).
    """
    return settle_within(evidence_id=evidence_id, by=by)


def settle_within(*, evidence_id: int, by: Actor) -> Settled:
    """The same, in the caller's transaction: of an agent's word, which nothing has to wait for."""
    evidence = Evidence.objects.get(id=evidence_id)
    attempt = (
        PaymentAttempt.objects.select_for_update(of=("self",))
        .select_related("regie", "contract", "household", "checkout")
        .get(id=evidence.attempt_id)
    )
    if not evidence.authentic:
        return _hear(attempt, evidence, by=by)
    if evidence.verdict == Verdict.PAID:
        return _settle_paid(attempt, evidence, by=by)
    return _settle_unpaid(attempt, evidence, by=by)


def _hear(attempt: PaymentAttempt, evidence: Evidence, *, by: Actor) -> Settled:
    """A word that nothing proves: where the gateway has no better, "paid" waits for the bank's statement."""
    if not gateway_named(attempt.contract.gateway).is_hearsay or _differences(attempt, evidence):
        return Settled.IGNORED
    if evidence.verdict != Verdict.PAID:
        return _settle_unpaid(attempt, evidence, by=by)
    if (attempt.state, AttemptState.DECLARED) not in TRANSITIONS:
        return Settled.IGNORED
    move(attempt, AttemptState.DECLARED, by=by)
    return Settled.DECLARED


def _settle_unpaid(attempt: PaymentAttempt, evidence: Evidence, *, by: Actor) -> Settled:
    is_refund = evidence.verdict == Verdict.REFUNDED
    if is_refund or (evidence.verdict == Verdict.UNDONE and attempt.state == AttemptState.CAPTURED):
        told = f"{evidence.label} : {format_cents(evidence.amount_cents or 0)}"
        open_case(kind=ReviewCase.Kind.REFUND_AT_BANK, attempt=attempt, evidence=evidence, detail=told)
        return Settled.CONTRADICTED
    target = rules.next_state(AttemptState(attempt.state), Verdict(evidence.verdict))
    if target is None or _differences(attempt, evidence):
        return Settled.IGNORED
    attempt.bank_code, attempt.bank_label = evidence.code, evidence.label
    attempt.save(update_fields=["bank_code", "bank_label"])
    move(attempt, target, by=by)
    return Settled.ENDED


def _settle_paid(attempt: PaymentAttempt, evidence: Evidence, *, by: Actor) -> Settled:
    differences = _differences(attempt, evidence)
    if attempt.state == AttemptState.CAPTURED:
        return _already_captured(attempt, evidence, differences)
    if attempt.state in {AttemptState.ANOMALY, AttemptState.CLOSED}:
        return _already_in_doubt(attempt, evidence)
    differences += _too_late(attempt, evidence)
    if differences or attempt.state == AttemptState.PREPARED:
        return _contradict(attempt, evidence, differences or ["paiement jamais envoyé à la banque"], by=by)
    capture(attempt=attempt, evidence=evidence, by=by)
    if attempt.sent_at is not None and clock.now() - attempt.sent_at > _LATE:
        logger.warning("payment %s was heard of late: its payer left on %s", attempt.reference, attempt.sent_at)
    return Settled.CAPTURED


def _differences(attempt: PaymentAttempt, evidence: Evidence) -> list[str]:
    return rules.contradictions(asked_of(attempt), _said(attempt, evidence))


def _too_late(attempt: PaymentAttempt, evidence: Evidence) -> list[str]:
    """A signature that binds no merchant is worth less as time passes (payment-gateways 5.7); a statement never is."""
    news_for = gateway_named(attempt.contract.gateway).limits.news_for
    if news_for is None or attempt.sent_at is None or evidence.origin not in {Origin.NOTIFICATION, Origin.RETURN}:
        return []
    if evidence.received_at - attempt.sent_at <= news_for:
        return []
    return [f"annonce reçue plus de {news_for // timedelta(hours=1)} heures après le départ du payeur"]


def _said(attempt: PaymentAttempt, evidence: Evidence) -> rules.Asked:
    """What the evidence states. An unpaid end may leave amounts and names out; a payment may not."""
    paid = evidence.verdict == Verdict.PAID
    return rules.Asked(
        amount_cents=attempt.amount_cents if evidence.amount_cents is None and not paid else evidence.amount_cents or 0,
        currency=evidence.currency,
        merchant=evidence.merchant or ("" if paid else attempt.merchant),
        mode=evidence.mode or ("" if paid else attempt.mode),
        reference=evidence.reference or ("" if paid else attempt.reference),
        gateway_reference=evidence.gateway_reference,
    )


def _already_captured(attempt: PaymentAttempt, evidence: Evidence, differences: list[str]) -> Settled:
    """A repeat; or other news of money already booked; or a second payment of the same operation (G7)."""
    first = attempt.capture
    is_second = evidence.transaction_reference not in {"", first.transaction_reference}
    if not differences and not is_second:
        return Settled.DUPLICATE
    told = f"second paiement {evidence.transaction_reference}, premier {first.transaction_reference}"
    open_case(
        kind=ReviewCase.Kind.DOUBLE_CAPTURE if is_second else ReviewCase.Kind.CONTRADICTION,
        attempt=attempt,
        evidence=evidence,
        detail="; ".join(differences) or told,
    )
    if is_second:
        _suspend(attempt, evidence)
    return Settled.CONTRADICTED


def _already_in_doubt(attempt: PaymentAttempt, evidence: Evidence) -> Settled:
    """Paid, once more, while a person decides or after they did: only money not booked yet is news."""
    if not _suspend(attempt, evidence):
        return Settled.DUPLICATE
    detail = f"nouvelle somme annoncée : {format_cents(evidence.amount_cents or 0)}"
    open_case(kind=ReviewCase.Kind.CONTRADICTION, attempt=attempt, evidence=evidence, detail=detail)
    return Settled.CONTRADICTED


def _contradict(attempt: PaymentAttempt, evidence: Evidence, differences: list[str], *, by: Actor) -> Settled:
    """Verified, yet not what was asked: nothing is settled, the invoices stay held, a person decides (N8, N9, G5)."""
    move(attempt, AttemptState.ANOMALY, by=by)
    open_case(
        kind=ReviewCase.Kind.CONTRADICTION,
        attempt=attempt,
        evidence=evidence,
        detail="; ".join(differences),
    )
    _suspend(attempt, evidence)
    return Settled.CONTRADICTED


def _suspend(attempt: PaymentAttempt, evidence: Evidence) -> bool:
    """Book, once per transaction of the bank, money that surely moved but whose reason is not sure; whether it was."""
    said = (evidence.merchant, evidence.mode, evidence.currency, evidence.gateway_reference)
    ours = said == (attempt.merchant, attempt.mode, attempt.currency, attempt.gateway_reference)
    if not ours or not evidence.amount_cents or evidence.amount_cents < 0 or _is_suspended(attempt, evidence):
        return False
    book(
        regie=attempt.regie,
        source_kind="suspense",
        source_key=str(evidence.id),
        label=f"Somme à identifier – opération {attempt.reference}",
        booked_on=clock.today(the_town().zone),
        postings=[
            Posting(AccountKind.CLEARING, evidence.amount_cents, contract=attempt.contract),
            Posting(AccountKind.SUSPENSE, -evidence.amount_cents),
        ],
    )
    return True


def _is_suspended(attempt: PaymentAttempt, evidence: Evidence) -> bool:
    """Whether earlier evidence of the same transaction is already in the books."""
    same = Evidence.objects.filter(attempt=attempt, transaction_reference=evidence.transaction_reference)
    keys = [str(pk) for pk in same.values_list("id", flat=True)]
    return LedgerTransaction.objects.filter(source_kind="suspense", source_key__in=keys).exists()
