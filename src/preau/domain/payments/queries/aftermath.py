"""What was taken back, used and given back since a payment, and what still can be. Amounts in cents."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import invoice_of, unsettled_invoices
from preau.domain.families.models import Household
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.aftermath import Settled, usable_cents
from preau.domain.payments.models import (
    Allocation,
    AttemptLine,
    Capture,
    CaseDecision,
    CreditNoteProposal,
    CreditUse,
    Receipt,
    Refund,
    Reversal,
    ReversalPart,
)
from preau.domain.payments.queries.baskets import attempts_holding
from preau.domain.payments.queries.contracts import smallest_payment_cents
from preau.domain.payments.queries.overview import account_regie
from preau.domain.regies.models import AllowedMeans, MeansOfPayment, Regie


def reversals_of(receipts: Iterable[Receipt]) -> dict[int, list[Reversal]]:
    """What the bank took back of the payments of these receipts, confirmed, oldest first, by receipt id; one query.

    A receipt stays as it was written; whoever shows it says these beside it.
    """
    captures = {receipt.capture_id: receipt.id for receipt in receipts}
    found: dict[int, list[Reversal]] = {}
    for one in Reversal.objects.filter(capture__in=captures, confirmed_at__isnull=False):
        found.setdefault(captures[one.capture_id], []).append(one)
    return found


def returnable_cents(capture: Capture) -> int:
    """What the bank can still take back of a payment, or an agent credit to its card (I8)."""
    gone = _sum(capture.reversals.filter(confirmed_at__isnull=False))
    return capture.amount_cents - gone - _sum(capture.refunds.filter(confirmed_at__isnull=False))


def owed_cents(decision: CaseDecision) -> int:
    """What is still to be given back of what two people decided to give back."""
    return decision.amount_cents - _sum(decision.refunds.filter(confirmed_at__isnull=False))


def creditable_cents(invoice: Invoice) -> int:
    """What a credit note may still give back of what an invoice received."""
    asked = CreditNoteProposal.objects.filter(invoice=invoice, confirmed_at__isnull=False)
    return max(invoice.received_cents - _sum(asked), 0)


def refund_means(regie: Regie, *, by_card: bool) -> list[Refund.Means]:
    """How a régie may give money back: in cash only if its act names it, on a card only when a payment is known."""
    has_cash = AllowedMeans.objects.filter(regie=regie, means=MeansOfPayment.CASH).exists()
    cash = [Refund.Means.CASH] if has_cash else []
    return [Refund.Means.TRANSFER, Refund.Means.CHEQUE, *cash, *([Refund.Means.CARD] if by_card else [])]


def surplus_left_cents(capture: Capture) -> int:
    """What a payment brought to the family's credit and no reversal took back yet, used meanwhile or not."""
    brought = capture.credit.amount_cents if hasattr(capture, "credit") else 0
    parts = ReversalPart.objects.filter(reversal__capture=capture)
    return brought - _sum(parts.exclude(source=ReversalPart.Source.ALLOCATION))


def settled_by(capture: Capture) -> list[Settled]:
    """What a payment still settles, by allocation, in the order in which it was allocated."""
    rows = Allocation.objects.filter(capture=capture).order_by("id")
    return _still_settled(rows, ReversalPart.objects.filter(allocation__in=rows), "allocation_id")


def settled_by_credit(household: Household, regie: Regie) -> list[Settled]:
    """What a family's credit still settles in a régie, by use, the first use first."""
    rows = CreditUse.objects.filter(household=household, regie=regie).order_by("id")
    return _still_settled(rows, ReversalPart.objects.filter(credit_use__in=rows), "credit_use_id")


def _still_settled(rows: Iterable[Allocation | CreditUse], parts: QuerySet[ReversalPart], key: str) -> list[Settled]:
    gone = {row[key]: row["s"] for row in parts.values(key).annotate(s=Sum("amount_cents"))}
    return [Settled(row.id, row.amount_cents - gone.get(row.id, 0)) for row in rows]


def _sum(rows: QuerySet[Refund] | QuerySet[Reversal] | QuerySet[ReversalPart] | QuerySet[CreditNoteProposal]) -> int:
    return sum(rows.values_list("amount_cents", flat=True))


@dataclass(frozen=True, slots=True)
class CreditOffer:
    """What a family may do with its credit on one of its invoices; `refusal` says why it can do nothing, else empty."""

    invoice: Invoice
    credit_cents: int
    usable_cents: int
    refusal: str

    @property
    def left_cents(self) -> int:
        """What would be left to pay on the invoice."""
        left: int = self.invoice.left_cents
        return left - self.usable_cents

    @property
    def credit_left_cents(self) -> int:
        return self.credit_cents - self.usable_cents


def credit_offer(household: Household, *, invoice_id: str) -> CreditOffer:
    """The family's credit and one of its invoices (public id), as they are now.

    Raises:
        Invoice.DoesNotExist: no such invoice, or another family's (W11).
    """
    invoice = invoice_of(household, public_id=invoice_id)
    credit = household_credit_cents(household).get(invoice.regie_id, 0)
    return next(iter(_offers([invoice], invoice.regie, credit)))


def _offers(invoices: Iterable[Invoice], regie: Regie, credit_cents: int) -> list[CreditOffer]:
    """What a credit can do for each invoice of its régie; two queries whatever their number, none without credit."""
    invoices = list(invoices)
    held = attempts_holding(invoices) if credit_cents > 0 else {}
    smallest = smallest_payment_cents(regie) if credit_cents > 0 else 1
    return [
        offer_on(one, credit_cents=credit_cents, smallest_cents=smallest, is_held=one.id in held) for one in invoices
    ]


def offer_on(invoice: Invoice, *, credit_cents: int, smallest_cents: int, is_held: bool) -> CreditOffer:
    """What the credit of an invoice's régie can do for it; it may be held by a payment under way."""
    refusal = _refusal(invoice, credit_cents, is_held=is_held)
    if refusal:
        return CreditOffer(invoice, credit_cents, 0, refusal)
    left: int = invoice.left_cents
    usable = usable_cents(credit_cents=credit_cents, left_cents=left, smallest_cents=smallest_cents)
    too_little = "Il resterait trop peu pour être payé en ligne ensuite. Votre avoir servira sur une autre facture."
    return CreditOffer(invoice, credit_cents, usable, "" if usable else too_little)


@dataclass(frozen=True, slots=True)
class CreditPage:
    """A family's credit in one régie, and the invoices on which it may be used, most urgent first."""

    regie: Regie
    credit_cents: int
    offers: tuple[CreditOffer, ...]


def credit_page(household: Household, *, regie_id: str) -> CreditPage:
    """The credit of one account of the family; `regie_id` is the régie's public id.

    Raises:
        Regie.DoesNotExist: no such account.
    """
    regie = account_regie(household, public_id=regie_id)
    credit = household_credit_cents(household).get(regie.id, 0)
    owed = unsettled_invoices(household).filter(regie=regie) if credit > 0 else []
    return CreditPage(regie, credit, tuple(_offers(owed, regie, credit)))


def _refusal(invoice: Invoice, credit_cents: int, *, is_held: bool) -> str:
    if credit_cents <= 0:
        return f"Vous n’avez pas d’avoir pour «\u202f{invoice.regie.label}\u202f»."
    if not invoice.left_cents:
        return "Cette facture n’est plus à payer."
    if invoice.is_top_up:
        return "Cette facture recharge votre avoir\u202f: il ne peut pas la régler."
    if invoice.sent_to_treasury_on is not None:
        return "Cette facture a été transmise à la Trésorerie\u202f: l’avoir ne peut plus la régler ici."
    if is_held:
        return "Un paiement est en cours sur cette facture. Attendez qu’il se termine, ou annulez-le."
    return ""


def is_held(invoice: Invoice) -> bool:
    """Whether a payment holds an invoice, its time over or not: whoever asks has freed those whose time is over."""
    return AttemptLine.objects.filter(invoice=invoice, is_open=True).exists()
