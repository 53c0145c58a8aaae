"""The summary page: what is drafted, held, offered, asked, and who takes the payment (C35–C38)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from preau.domain.accounts.models import User
from preau.domain.bookings.models import BookingOrder, OrderLine
from preau.domain.bookings.queries.enrolments import children_of
from preau.domain.bookings.queries.proposals import Proposal, proposal_of
from preau.domain.bookings.states import OrderState
from preau.domain.families.models import Household
from preau.domain.payments.gateway import Presentation, gateway_named
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.queries.orders import HeldOrder, Summary, lines_by_order, summary_of
from preau.domain.regies.models import GatewayContract, Regie
from preau.domain.regies.queries import open_contracts


@dataclass(frozen=True, slots=True)
class Operator:
    """Who takes the payment of a régie, as the page announces it."""

    regie: Regie
    contract: GatewayContract
    presentation: Presentation


@dataclass(frozen=True, slots=True)
class FamilySummary:
    """Everything the summary page shows. `saved`: orders that a click just confirmed; `ranks`: stickers by child id."""

    summary: Summary
    proposal: Proposal
    saved: tuple[HeldOrder, ...]
    operators: tuple[Operator, ...]
    ranks: Mapping[int, int]

    @property
    def is_empty(self) -> bool:
        return not (self.summary.held or self.summary.offers or self.proposal.count or self.saved)


def family_summary(*, user: User, household: Household, form_key: str, now: datetime, zone: ZoneInfo) -> FamilySummary:
    """A number of queries that does not grow with the orders; `form_key`: the click that just saved, if one did."""
    summary = summary_of(household)
    return FamilySummary(
        summary=summary,
        proposal=proposal_of(user=user, household=household, now=now, zone=zone),
        saved=_saved(household, form_key) if form_key else (),
        operators=_operators(due.regie for due in summary.dues if due.to_pay_cents > 0),
        ranks={child.id: rank for rank, child in children_of(household)},
    )


def _saved(household: Household, form_key: str) -> tuple[HeldOrder, ...]:
    rows = BookingOrder.objects.filter(household=household, form_key=form_key, state=OrderState.CONFIRMED)
    return _described(rows.select_related("regie__group").order_by("id"))


def _described(orders: Iterable[BookingOrder]) -> tuple[HeldOrder, ...]:
    orders = list(orders)
    lines = lines_by_order(orders)
    return tuple(HeldOrder(order, tuple(lines.get(order.id, ())), 0) for order in orders)


def _operators(regies: Iterable[Regie]) -> tuple[Operator, ...]:
    regies = list(regies)
    contracts = open_contracts(regies) if regies else {}
    return tuple(
        Operator(regie, contracts[regie.id], gateway_named(contracts[regie.id].gateway).presentation)
        for regie in regies
        if regie.id in contracts
    )


def booked_by(attempt: PaymentAttempt) -> list[OrderLine]:
    """Days that a payment confirmed, added and removed, in the order of the days; one query."""
    rows = OrderLine.objects.filter(
        order__invoices__invoice__attempt_lines__attempt=attempt, order__state=OrderState.CONFIRMED
    ).select_related("booking__child", "booking__activity", "booking__unit")
    return list(rows.distinct().order_by("booking__day", "booking__child__first_name", "id"))
