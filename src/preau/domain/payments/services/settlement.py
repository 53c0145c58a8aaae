"""The single, idempotent way from a gateway's word to the books.

Browser return, notification, question and statement all end here: the report is stored first, in its own
transaction, then `settle` applies it in one transaction: state, capture, allocations, ledger, receipt, mail.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.db.models import Q

from preau.domain.billing.models import Invoice
from preau.domain.billing.services import apply_allocation
from preau.domain.ledger.models import AccountKind, LedgerTransaction
from preau.domain.ledger.services import Posting, book
from preau.domain.payments import rules
from preau.domain.payments.gateway import Report
from preau.domain.payments.models import (
    Allocation,
    AttemptLine,
    BasketLine,
    Capture,
    Evidence,
    FamilyCredit,
    GatewayMessage,
    PaymentAttempt,
    ReviewCase,
)
from preau.domain.payments.receipts import issue_receipt
from preau.domain.payments.services.cases import open_case
from preau.domain.payments.services.moves import move
from preau.domain.payments.states import AttemptState, Origin, Verdict
from preau.domain.town.queries import the_town
from preau.foundation import clock, faults
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
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
    evidence = _store(attempt, report, origin, message)
    faults.reach("evidence-stored")
    return settle(evidence_id=evidence.id, by=by)


def _store(attempt: PaymentAttempt, report: Report, origin: Origin, message: GatewayMessage | None) -> Evidence:
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
    evidence = Evidence.objects.get(id=evidence_id)
    attempt = (
        PaymentAttempt.objects.select_for_update(of=("self",))
        .select_related("regie", "contract", "household", "checkout")
        .get(id=evidence.attempt_id)
    )
    if not evidence.authentic:
        return Settled.IGNORED
    if evidence.verdict == Verdict.PAID:
        return _settle_paid(attempt, evidence, by=by)
    return _settle_unpaid(attempt, evidence, by=by)


def _settle_unpaid(attempt: PaymentAttempt, evidence: Evidence, *, by: Actor) -> Settled:
    target = rules.next_state(AttemptState(attempt.state), Verdict(evidence.verdict))
    if target is None or rules.contradictions(_asked(attempt), _said(attempt, evidence)):
        return Settled.IGNORED
    attempt.bank_code, attempt.bank_label = evidence.code, evidence.label
    attempt.save(update_fields=["bank_code", "bank_label"])
    move(attempt, target, by=by)
    return Settled.ENDED


def _settle_paid(attempt: PaymentAttempt, evidence: Evidence, *, by: Actor) -> Settled:
    differences = rules.contradictions(_asked(attempt), _said(attempt, evidence))
    if attempt.state == AttemptState.CAPTURED:
        return _already_captured(attempt, evidence, differences)
    if attempt.state in {AttemptState.ANOMALY, AttemptState.CLOSED}:
        return _already_in_doubt(attempt, evidence)
    if differences or attempt.state == AttemptState.PREPARED:
        return _contradict(attempt, evidence, differences or ["paiement jamais envoyé à la banque"], by=by)
    _capture(attempt, evidence, by=by)
    if attempt.sent_at is not None and clock.now() - attempt.sent_at > _LATE:
        logger.warning("payment %s was heard of late: its payer left on %s", attempt.reference, attempt.sent_at)
    return Settled.CAPTURED


def _asked(attempt: PaymentAttempt) -> rules.Asked:
    return rules.Asked(
        amount_cents=attempt.amount_cents,
        currency=attempt.currency,
        merchant=attempt.merchant,
        mode=attempt.mode,
        reference=attempt.reference,
        gateway_reference=attempt.gateway_reference,
    )


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


def _capture(attempt: PaymentAttempt, evidence: Evidence, *, by: Actor) -> Capture:
    now = clock.now()
    paid_at = evidence.occurred_at or now
    move(attempt, AttemptState.CAPTURED, by=by)
    faults.reach("capture-state")
    capture = Capture.objects.create(
        attempt=attempt,
        regie=attempt.regie,
        contract=attempt.contract,
        evidence=evidence,
        gateway_reference=evidence.gateway_reference,
        transaction_reference=evidence.transaction_reference,
        amount_cents=attempt.amount_cents,
        means=evidence.means,
        paid_at=paid_at,
        recorded_at=now,
    )
    surplus_cents = _allocate(attempt, capture, paid_at=paid_at)
    faults.reach("capture-allocated")
    _book_capture(attempt, capture, surplus_cents)
    faults.reach("capture-booked")
    issue_receipt(capture=capture, surplus_cents=surplus_cents)
    faults.reach("capture-receipted")
    if surplus_cents:
        open_case(
            kind=ReviewCase.Kind.SURPLUS,
            attempt=attempt,
            evidence=evidence,
            detail=f"{format_cents(surplus_cents)} portés à l’avoir de la famille {attempt.household.file_number}",
        )
    record(
        by=by,
        action="payment.captured",
        subject=attempt.public_id,
        details={"amount_cents": capture.amount_cents},
    )
    return capture


def _allocate(attempt: PaymentAttempt, capture: Capture, *, paid_at: datetime) -> int:
    """Settle the attempt's invoices and return the cents that none of them could take."""
    lines = list(AttemptLine.objects.filter(attempt=attempt).order_by("invoice_id"))
    invoices = {
        invoice.id: invoice
        for invoice in Invoice.objects.select_for_update(of=("self",))
        .filter(id__in=[line.invoice_id for line in lines])
        .order_by("id")
    }
    shares = [rules.Share(line.invoice_id, line.amount_cents, invoices[line.invoice_id].left_cents) for line in lines]
    settled, surplus_cents = rules.allocate(capture.amount_cents, shares)
    on = paid_at.astimezone(the_town().zone).date()
    for invoice_id, cents in settled.items():
        apply_allocation(invoice=invoices[invoice_id], amount_cents=cents, on=on)
        Allocation.objects.create(
            capture=capture,
            invoice=invoices[invoice_id],
            regie=attempt.regie,
            amount_cents=cents,
        )
    _empty_baskets(attempt, settled)
    if surplus_cents:
        FamilyCredit.objects.create(
            capture=capture,
            household=attempt.household,
            regie=attempt.regie,
            amount_cents=surplus_cents,
            recorded_at=capture.recorded_at,
        )
    return surplus_cents


def _empty_baskets(attempt: PaymentAttempt, paid: Iterable[int]) -> None:
    """Take out of every basket what is settled, and of the payer's what they just paid, be it a part (L18)."""
    lines = BasketLine.objects.filter(invoice__in=paid)
    lines.filter(Q(invoice__settled_on__isnull=False) | Q(user=attempt.checkout.user_id)).delete()


def _book_capture(attempt: PaymentAttempt, capture: Capture, surplus_cents: int) -> None:
    applied = capture.amount_cents - surplus_cents
    book(
        regie=attempt.regie,
        source_kind="capture",
        source_key=attempt.public_id,
        label=f"Paiement en ligne {attempt.reference}",
        booked_on=capture.paid_at.astimezone(the_town().zone).date(),
        postings=[
            Posting(AccountKind.CLEARING, capture.amount_cents, contract=attempt.contract),
            Posting(AccountKind.RECEIVABLE, -applied, household=attempt.household),
            Posting(AccountKind.FAMILY_CREDIT, -surplus_cents, household=attempt.household),
        ],
    )
