"""Payments as an agent looks for them, and one payment with all that followed it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet, Sum

from preau.domain.billing.models import Invoice
from preau.domain.ledger.models import AccountKind, LedgerAccount, LedgerEntry, LedgerTransaction
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.aftermath import possible_reversals
from preau.domain.payments.models import Allocation, Capture, CreditNoteProposal, Refund, Reversal
from preau.domain.payments.queries.acts import Act, credit_note_proposals, refunds, reversals
from preau.domain.payments.queries.aftermath import returnable_cents
from preau.domain.payments.queries.cases import Booked
from preau.domain.regies.models import Channel
from preau.foundation import ids
from preau.foundation.money import parse_cents

_PAGE = 30
#: A receipt's number as it is printed: « 2026-000042 ».
_RECEIPT = re.compile(r"(\d{4})-(\d{1,8})", re.ASCII)


def captures_of(regies: Collection[int]) -> QuerySet[Capture]:
    """Payments of these régies, with all that names them."""
    with_all = ("regie", "contract", "credit", "receipt", "attempt__household", "attempt__checkout__agent")
    return Capture.objects.filter(regie__in=regies).select_related(*with_all)


@dataclass(frozen=True, slots=True)
class CaptureList:
    """One page of payments, the last first; `gone` says of each what was taken back or credited to its card, cents."""

    page: Page[Any]
    gone: dict[int, int]

    @property
    def rows(self) -> list[tuple[Capture, int]]:
        return [(one, self.gone.get(one.id, 0)) for one in self.page]


def listed_captures(regies: Collection[int], *, sought: str, page: str) -> CaptureList:
    """Payments of these régies; all that `sought` may name: a reference, a receipt, an invoice, a family, a sum."""
    rows = captures_of(regies).order_by("-paid_at", "-id")
    found = Paginator(rows.filter(_named(sought)) if sought else rows, _PAGE).get_page(page)
    gone: dict[int, int] = {}
    for acts in (Reversal.objects.all(), Refund.objects.all()):
        done = acts.order_by().filter(capture__in=[one.id for one in found], confirmed_at__isnull=False)
        for key, cents in done.values_list("capture").annotate(s=Sum("amount_cents")):
            gone[key] = gone.get(key, 0) + cents
    return CaptureList(found, gone)


def _named(sought: str) -> Q:
    asked = (
        Q(attempt__reference__iexact=sought)
        | Q(gateway_reference__iexact=sought)
        | Q(transaction_reference__iexact=sought)
        | Q(receipt__code=ids.ungrouped(sought))
        | Q(attempt__household__file_number__iexact=sought)
        | Q(attempt__household__file_name__icontains=sought)
        | Q(id__in=Allocation.objects.filter(invoice__number__iexact=sought).values("capture"))
    )
    if number := _RECEIPT.fullmatch(sought):
        asked |= Q(receipt__year=number[1], receipt__number=number[2])
    try:
        asked |= Q(amount_cents=parse_cents(sought))
    except ValueError:
        return asked
    return asked


@dataclass(frozen=True, slots=True)
class SettledInvoice:
    """An invoice that a payment settled: what it took of it, and what was taken back since; cents."""

    invoice: Invoice
    amount_cents: int
    gone_cents: int
    creditable_cents: int


@dataclass(frozen=True, slots=True)
class CaptureSheet:
    """One payment and what followed it. `returnable_cents`: what may still be taken back or credited to its card.

    `credit_cents` is what the régie holds for the family now, whatever brought it.
    """

    capture: Capture
    invoices: tuple[SettledInvoice, ...]
    acts: tuple[Act, ...]
    booked: tuple[Booked, ...]
    returnable_cents: int
    credit_cents: int

    @property
    def kinds(self) -> list[Reversal.Kind]:
        return possible_reversals(self.capture.means)

    @property
    def has_reversal_waiting(self) -> bool:
        return any(isinstance(act, Reversal) and act.is_waiting for act in self.acts)

    @property
    def creditable(self) -> list[SettledInvoice]:
        """Invoices of which something paid may still be given back by a credit note."""
        return [one for one in self.invoices if one.creditable_cents]


def capture_sheet(regies: Collection[int], *, payment_id: str) -> CaptureSheet:
    """One payment of these régies, by the public id of its attempt.

    Raises:
        Capture.DoesNotExist: there is none, or it is another régie's.
    """
    capture = captures_of(regies).get(attempt__public_id=payment_id)
    rows = Allocation.objects.filter(capture=capture).select_related("invoice").order_by("id")
    allocations = list(rows.annotate(gone=Sum("reversal_parts__amount_cents", default=0)))
    invoices = [one.invoice_id for one in allocations]
    acts: list[Act] = [*reversals().filter(capture=capture), *refunds().filter(capture=capture)]
    acts += credit_note_proposals().filter(invoice__in=invoices)
    credited = _credited(invoices)
    return CaptureSheet(
        capture=capture,
        invoices=tuple(
            SettledInvoice(
                invoice=one.invoice,
                amount_cents=one.amount_cents,
                gone_cents=one.gone,
                creditable_cents=max(one.invoice.received_cents - credited.get(one.invoice_id, 0), 0),
            )
            for one in allocations
        ),
        acts=tuple(sorted(acts, key=lambda act: act.proposed_at)),
        booked=_booked(capture, acts),
        returnable_cents=returnable_cents(capture),
        credit_cents=household_credit_cents(capture.attempt.household).get(capture.regie_id, 0),
    )


def _credited(invoices: Collection[int]) -> dict[int, int]:
    """What credit notes already gave back of what was paid, by invoice."""
    done = CreditNoteProposal.objects.order_by().filter(invoice__in=invoices, confirmed_at__isnull=False)
    return dict(done.values_list("invoice").annotate(s=Sum("amount_cents")))


def _booked(capture: Capture, acts: Collection[Act]) -> tuple[Booked, ...]:
    """What the books say of it: its capture, and what was taken back or given back of it."""
    about = [act.public_id for act in acts if not isinstance(act, CreditNoteProposal)]
    rows = LedgerTransaction.objects.filter(
        Q(source_kind="capture", source_key=capture.attempt.public_id)
        | Q(source_kind__in=["reversal", "refund"], source_key__in=about)
    )
    entries = Prefetch("entries", LedgerEntry.objects.select_related("account__contract").order_by("id"))
    return tuple(
        Booked(one, tuple((_account_label(entry.account), entry.amount_cents) for entry in one.entries.all()))
        for one in rows.order_by("recorded_at", "id").prefetch_related(entries)
    )


def _account_label(account: LedgerAccount) -> str:
    """Its name in the chart of accounts, except that no bank stands behind a desk."""
    if account.contract is not None and account.contract.channel == Channel.DESK:
        return "Caisse du guichet"
    return str(AccountKind(account.kind).label)
