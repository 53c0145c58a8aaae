"""The desk as an agent sees it: families found, what one of them owes, what was received today. Cents."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, Sum

from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import state_on
from preau.domain.billing.states import InvoiceState
from preau.domain.families.models import Household
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.models import Capture, PaymentAttempt
from preau.domain.payments.queries.addresses import address_of
from preau.domain.payments.queries.baskets import attempts_holding
from preau.domain.payments.queries.reconciliation import bounds
from preau.domain.regies.models import Channel, MeansOfPayment, Regie
from preau.domain.regies.queries import desk_means, open_contracts
from preau.domain.town.queries import the_town
from preau.foundation import clock

_PAGE = 30
_OWED = Q(invoices__settled_on__isnull=True, invoices__sent_to_treasury_on__isnull=True)


@dataclass(frozen=True, slots=True)
class FamilyList:
    """One page of families, each with what it owes some régies: `owed_count` invoices, `owed_cents`."""

    page: Page[Any]


def families_found(regies: Collection[int], *, sought: str, page: str) -> FamilyList:
    """Families that these régies ever billed, by file number, name or invoice number; none when nothing is sought."""
    mine = Q(invoices__regie__in=regies)
    rows = Household.objects.filter(id__in=_named(regies, sought)).annotate(
        owed_count=Count("invoices", filter=mine & _OWED),
        owed_cents=Sum("invoices__left_cents", filter=mine & _OWED, default=0),
    )
    return FamilyList(Paginator(rows.order_by("file_name", "file_number"), _PAGE).get_page(page))


def _named(regies: Collection[int], sought: str) -> Any:
    billed = Invoice.objects.filter(regie__in=regies)
    if not sought:
        return billed.none().values("household")
    named = (
        Q(household__file_number__iexact=sought) | Q(household__file_name__icontains=sought) | Q(number__iexact=sought)
    )
    return billed.filter(named).values("household")


@dataclass(frozen=True, slots=True)
class OwedAtDesk:
    """An invoice not settled. `attempt` holds it for now, else None; a debt passed to the Treasury is paid there."""

    invoice: Invoice
    state: InvoiceState
    attempt: PaymentAttempt | None

    @property
    def can_be_paid(self) -> bool:
        return self.attempt is None and self.state != InvoiceState.TREASURY


@dataclass(frozen=True, slots=True)
class DeskSheet:
    """A family before the desk of one régie; `others` are the agent's other régies where it owes something.

    `receipt_email` is where the receipt will go; empty when the family has no address, and it is printed (V11).
    """

    household: Household
    regie: Regie
    others: tuple[Regie, ...]
    owed: tuple[OwedAtDesk, ...]
    means: tuple[MeansOfPayment, ...]
    is_open: bool
    credit_cents: int
    receipt_email: str

    @property
    def payable(self) -> list[OwedAtDesk]:
        return [one for one in self.owed if one.can_be_paid]

    @property
    def payable_cents(self) -> int:
        return sum(one.invoice.left_cents for one in self.payable)


def desk_sheet(regies: Sequence[Regie], *, household_id: str, regie_id: str = "", today: date) -> DeskSheet:
    """One family that these régies billed, before one of them: the one named (public id), else the first it owes.

    Raises:
        ObjectDoesNotExist: no such family for these régies; or no such régie among them.
    """
    household = Household.objects.filter(invoices__regie__in=regies).distinct().get(public_id=household_id)
    unsettled = Invoice.objects.filter(household=household, regie__in=regies, settled_on__isnull=True)
    invoices = list(unsettled.select_related("regie").order_by("due_on", "id"))
    due = {one.regie_id for one in invoices if one.sent_to_treasury_on is None}
    regie = _chosen(regies, regie_id, due)
    mine = [one for one in invoices if one.regie_id == regie.id]
    attempts = attempts_holding(mine)
    return DeskSheet(
        household=household,
        regie=regie,
        others=tuple(one for one in regies if one.id in due and one != regie),
        owed=tuple(OwedAtDesk(one, state_on(one, today=today), attempts.get(one.id)) for one in mine),
        means=tuple(desk_means(regie)),
        is_open=bool(open_contracts([regie], channel=Channel.DESK)),
        credit_cents=household_credit_cents(household).get(regie.id, 0),
        receipt_email=address_of(household),
    )


def _chosen(regies: Sequence[Regie], regie_id: str, due: Collection[int]) -> Regie:
    if regie_id:
        found = next((one for one in regies if one.public_id == regie_id), None)
        if found is None:
            raise Regie.DoesNotExist
        return found
    return next((one for one in regies if one.id in due), regies[0])


@dataclass(frozen=True, slots=True)
class DeskTotal:
    """What a desk received by one means on a day."""

    regie_label: str
    means: str
    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class DeskDay:
    """The same, all together."""

    rows: tuple[DeskTotal, ...]

    @property
    def cents(self) -> int:
        return sum(one.cents for one in self.rows)


def desk_day(regies: Collection[int]) -> DeskDay:
    """What these régies wrote down at their desks today, by régie and means, whatever day it was received."""
    zone = the_town().zone
    first, after = bounds(clock.today(zone), zone)
    rows = Capture.objects.filter(
        regie__in=regies, contract__channel=Channel.DESK, recorded_at__gte=first, recorded_at__lt=after
    )
    sums = rows.values_list("regie__label", "means").annotate(n=Count("id"), s=Sum("amount_cents"))
    labels = dict(MeansOfPayment.choices)
    ordered = sums.order_by("regie__position", "regie__label", "means")
    return DeskDay(tuple(DeskTotal(label, str(labels.get(means, means)), n, s) for label, means, n, s in ordered))
