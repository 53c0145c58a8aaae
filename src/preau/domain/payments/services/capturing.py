"""Money that surely came: the state, the capture, what it settles, the books, the receipt, in one transaction."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, Sum

from preau.domain.billing.models import Invoice
from preau.domain.billing.services import apply_allocation
from preau.domain.billing.services.top_ups import credit_paid_top_ups
from preau.domain.ledger.models import AccountKind
from preau.domain.ledger.services import Posting, book
from preau.domain.payments import rules
from preau.domain.payments.models import (
    Allocation,
    AttemptLine,
    BasketLine,
    Capture,
    Evidence,
    FamilyCredit,
    PaymentAttempt,
    ReviewCase,
)
from preau.domain.payments.receipts import issue_receipt
from preau.domain.payments.services.cases import open_case
from preau.domain.payments.services.moves import move
from preau.domain.payments.services.order_settlement import confirm_settled, find_places_again, lock_orders
from preau.domain.payments.states import AttemptState, Origin
from preau.domain.town.queries import the_town
from preau.foundation import clock, faults
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.money import format_cents


def capture(*, attempt: PaymentAttempt, evidence: Evidence, by: Actor) -> Capture:
    """Take a locked attempt's money in, in the caller's transaction; `evidence` verified, equal to what was asked."""
    now = clock.now()
    paid_at = evidence.occurred_at or now
    move(attempt, AttemptState.CAPTURED, by=by)
    faults.reach("capture-state")
    taken = Capture.objects.create(
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
    lock_orders(AttemptLine.objects.filter(attempt=attempt).values_list("invoice", flat=True))
    surplus_cents = _allocate(attempt, taken, paid_at=paid_at)
    faults.reach("capture-allocated")
    _book_capture(attempt, taken, surplus_cents)
    faults.reach("capture-booked")
    settled = list(taken.allocations.values_list("invoice", flat=True))
    confirm_settled(settled, by=by)
    credit_paid_top_ups(settled, on=clock.today(the_town().zone))
    unused_cents = surplus_cents - (_used_late(attempt, by=by) if surplus_cents else 0)
    issue_receipt(capture=taken, surplus_cents=surplus_cents)
    faults.reach("capture-receipted")
    if unused_cents > 0 and evidence.origin != Origin.DESK:  # an agent knows what they chose to keep
        _tell_surplus(attempt, evidence, unused_cents)
    record(
        by=by,
        action="payment.captured",
        subject=attempt.public_id,
        details={"amount_cents": taken.amount_cents},
    )
    return taken


def _tell_surplus(attempt: PaymentAttempt, evidence: Evidence, cents: int) -> None:
    open_case(
        kind=ReviewCase.Kind.SURPLUS,
        attempt=attempt,
        evidence=evidence,
        detail=f"{format_cents(cents)} portés à l’avoir de la famille {attempt.household.file_number}",
    )


def _used_late(attempt: PaymentAttempt, *, by: Actor) -> int:
    """Cents of a surplus that went where the payer wanted all the same: to places found again, to a late top-up."""
    late = AttemptLine.objects.filter(attempt=attempt, invoice__source=Invoice.Source.TOP_UP)
    asked = late.filter(invoice__credited_cents__gt=0).aggregate(summed=Sum("amount_cents"))["summed"] or 0
    return find_places_again(attempt, by=by) + asked


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
        label=f"Paiement {attempt.contract.get_channel_display()} {attempt.reference}",
        booked_on=capture.paid_at.astimezone(the_town().zone).date(),
        postings=[
            Posting(AccountKind.CLEARING, capture.amount_cents, contract=attempt.contract),
            Posting(AccountKind.RECEIVABLE, -applied, household=attempt.household),
            Posting(AccountKind.FAMILY_CREDIT, -surplus_cents, household=attempt.household),
        ],
    )
