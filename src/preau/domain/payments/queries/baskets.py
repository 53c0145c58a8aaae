"""What a person may pay now, and what they put in the basket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import is_paid_first, unsettled_invoices
from preau.domain.billing.rules import state_of
from preau.domain.billing.states import InvoiceState
from preau.domain.families.models import Household
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.gateway import Presentation, gateway_named
from preau.domain.payments.models import AttemptLine, BasketLine, PaymentAttempt
from preau.domain.payments.states import HELD_STATES
from preau.domain.regies.models import GatewayContract, Regie
from preau.domain.regies.queries import open_contracts, window_states
from preau.domain.regies.rules import ALWAYS_OPEN, WindowState, closed_sentence
from preau.foundation import clock


@dataclass(frozen=True, slots=True)
class Payable:
    """An invoice a family owes, with everything its line shows. Amounts in cents."""

    invoice: Invoice
    state: InvoiceState
    window: WindowState
    has_contract: bool
    attempt: PaymentAttempt | None
    in_basket: bool

    @property
    def is_locked(self) -> bool:
        """A payment under way holds it (A21)."""
        return self.attempt is not None

    @property
    def can_be_paid(self) -> bool:
        return self.has_contract and self.window.is_open and not self.is_locked

    @property
    def locked_until(self) -> datetime | None:
        return self.attempt.locked_until if self.attempt else None

    @property
    def closed_because(self) -> str:
        """Why it cannot be paid on line today, with the dates (L19); empty when it can, or is only locked."""
        return _closed_because(self.invoice, has_contract=self.has_contract, window=self.window)


@dataclass(frozen=True, slots=True)
class BasketItem:
    """A line of the basket: what is paid now on an invoice, in cents."""

    payable: Payable
    amount_cents: int
    is_part: bool


@dataclass(frozen=True, slots=True)
class BasketGroup:
    """The lines of one régie: one operation at its gateway (design 4.8). `credit_cents`: what it owes the family."""

    regie: Regie
    contract: GatewayContract | None
    items: tuple[BasketItem, ...]
    credit_cents: int

    @property
    def payable_items(self) -> tuple[BasketItem, ...]:
        return tuple(item for item in self.items if item.payable.can_be_paid)

    @property
    def presentation(self) -> Presentation | None:
        """What families are told about the gateway (V05)."""
        return gateway_named(self.contract.gateway).presentation if self.contract else None

    @property
    def subtotal_cents(self) -> int:
        return sum(item.amount_cents for item in self.payable_items)

    @property
    def refusal(self) -> str:
        """Why the whole cannot be paid at once though its lines can (its gateway's limits); empty when it can."""
        if not self.contract or not self.payable_items:
            return ""
        return gateway_named(self.contract.gateway).limits.refusal(self.subtotal_cents)


@dataclass(frozen=True, slots=True)
class Basket:
    """Groups in the order in which they will be paid."""

    groups: tuple[BasketGroup, ...]

    @property
    def total_cents(self) -> int:
        """What can be paid now, in cents."""
        return sum(group.subtotal_cents for group in self.ready_groups)

    @property
    def ready_groups(self) -> tuple[BasketGroup, ...]:
        return tuple(group for group in self.groups if group.payable_items and not group.refusal)

    @property
    def next_cents(self) -> int:
        """What the next click on « Payer » will ask, in cents."""
        return self.ready_groups[0].subtotal_cents if self.ready_groups else 0

    @property
    def count(self) -> int:
        return sum(len(group.items) for group in self.groups)


def payables(*, user: User, household: Household, today: date) -> list[Payable]:
    """Everything a family still owes, most urgent first: five queries whatever the number of invoices."""
    return _describe(list(unsettled_invoices(household)), user=user, today=today)


def _describe(invoices: list[Invoice], *, user: User, today: date) -> list[Payable]:
    regies = {invoice.regie_id: invoice.regie for invoice in invoices}
    contracts = open_contracts(regies.values())
    windows = window_states([(invoice.regie, invoice.billed_month) for invoice in invoices], on=today)
    attempts = attempts_holding(invoices)
    chosen = set(BasketLine.objects.filter(user=user).values_list("invoice_id", flat=True))
    return [
        Payable(
            invoice=invoice,
            state=state_of(
                left_cents=invoice.left_cents,
                received_cents=invoice.received_cents,
                due_on=invoice.due_on,
                sent_to_treasury=invoice.sent_to_treasury_on is not None,
                today=today,
            ),
            window=_window(invoice, windows),
            has_contract=invoice.regie_id in contracts,
            attempt=attempts.get(invoice.id),
            in_basket=invoice.id in chosen,
        )
        for invoice in invoices
    ]


def closed_because(invoice: Invoice, *, today: date) -> str:
    """Why one invoice cannot be paid on line today, with the dates (L19); empty when it can."""
    windows = window_states([(invoice.regie, invoice.billed_month)], on=today)
    has_contract = bool(open_contracts([invoice.regie]))
    return _closed_because(invoice, has_contract=has_contract, window=_window(invoice, windows))


def _window(invoice: Invoice, windows: Mapping[tuple[int, date], WindowState]) -> WindowState:
    """The payment window of an invoice; none closes what is paid first: bookings, or a top-up."""
    return ALWAYS_OPEN if is_paid_first(invoice) else windows[invoice.regie_id, invoice.billed_month]


def _closed_because(invoice: Invoice, *, has_contract: bool, window: WindowState) -> str:
    regie = invoice.regie
    if not has_contract:
        return f"{regie.label} ne prend pas encore les paiements en ligne."
    return "" if window.is_open else closed_sentence(regie.label, invoice.billed_month, window)


def attempts_holding(invoices: list[Invoice]) -> dict[int, PaymentAttempt]:
    """Attempts that hold these invoices; one whose time is over holds nothing, even before it is swept (A22)."""
    lines = AttemptLine.objects.filter(invoice__in=invoices, is_open=True).select_related("attempt")
    now = clock.now()
    return {
        line.invoice_id: line.attempt
        for line in lines
        if line.attempt.locked_until > now or line.attempt.state in HELD_STATES
    }


def basket_of(*, user: User, household: Household, today: date, only: frozenset[int] | None = None) -> Basket:
    """The basket, régie by régie, or these invoices of it (ids); those settled or passed on are no longer in it."""
    parts = dict(BasketLine.objects.filter(user=user).values_list("invoice_id", "amount_cents"))
    chosen = unsettled_invoices(household).filter(basket_lines__user=user)
    invoices = list(chosen if only is None else chosen.filter(id__in=only))
    described = _describe(invoices, user=user, today=today)
    contracts = open_contracts({payable.invoice.regie for payable in described})
    credit_cents = household_credit_cents(household)
    groups: dict[int, list[BasketItem]] = {}
    for payable in described:
        part = parts.get(payable.invoice.id)
        groups.setdefault(payable.invoice.regie_id, []).append(
            BasketItem(payable, payable.invoice.left_cents if part is None else part, part is not None),
        )
    ordered = sorted(groups.values(), key=lambda items: _rank(items[0].payable.invoice.regie))
    return Basket(
        tuple(
            BasketGroup(regie, contracts.get(regie.id), tuple(items), credit_cents.get(regie.id, 0))
            for items in ordered
            for regie in [items[0].payable.invoice.regie]
        ),
    )


def _rank(regie: Regie) -> tuple[int, int, int]:
    return (regie.group.position, regie.position, regie.id)


def basket_count(*, user: User, household: Household) -> int:
    """How many invoices of this family are in the person's basket and still owed."""
    return BasketLine.objects.filter(
        user=user,
        invoice__household=household,
        invoice__settled_on__isnull=True,
        invoice__sent_to_treasury_on__isnull=True,
    ).count()
