"""What a family holds and has to pay or to answer: the summary of its bookings (C35–C37, C39)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from preau.domain.billing.models import Invoice, OrderInvoice
from preau.domain.bookings.models import BookingOrder, OrderLine
from preau.domain.bookings.states import OPEN_ORDERS, OrderState
from preau.domain.families.models import Household
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.aftermath import usable_cents
from preau.domain.payments.gateway import gateway_named
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.states import OPEN_STATES
from preau.domain.regies.models import Regie
from preau.domain.regies.queries import open_contracts


def confirms_without_payment(order: BookingOrder) -> bool:
    """Whether an order needs no money to be confirmed: billed later, free, or giving money back."""
    return not order.is_paid_first or order.total_cents <= 0


def held_orders(household: Household) -> QuerySet[BookingOrder]:
    """Orders that wait for the family's last click or for its payment, oldest first."""
    rows = BookingOrder.objects.filter(household=household, state=OrderState.HELD)
    return rows.select_related("regie__group", "user").order_by("created_at", "id")


def offered_orders(household: Household) -> QuerySet[BookingOrder]:
    """Places that the waiting list offers to the family, the soonest limit first."""
    rows = BookingOrder.objects.filter(household=household, state=OrderState.OFFERED)
    return rows.select_related("regie__group").order_by("hold_until", "id")


def attempts_on(orders: Iterable[BookingOrder]) -> QuerySet[PaymentAttempt]:
    """Payments under way for these orders: no place of theirs is given away meanwhile (design 4.5, I17)."""
    return PaymentAttempt.objects.filter(
        lines__invoice__of_order__order__in=list(orders), state__in=OPEN_STATES
    ).distinct()


def is_being_paid(order: BookingOrder) -> bool:
    """Whether a payment that may still succeed was started for an order."""
    return attempts_on([order]).exists()


def holding_places(invoices: Iterable[Invoice]) -> set[int]:
    """Ids of those whose payment confirms places that are only held: a part of it would confirm nothing."""
    links = OrderInvoice.objects.filter(invoice__in=list(invoices), order__state__in=OPEN_ORDERS)
    return set(links.values_list("invoice", flat=True))


def carried_invoices(household: Household, regies: Iterable[Regie]) -> list[Invoice]:
    """What earlier changes left due, too little for the bank or made by an agent: joined to the next payment (C26).

    What is being paid already is not asked again.
    """
    rows = Invoice.objects.filter(
        household=household,
        regie__in=list(regies),
        settled_on__isnull=True,
        sent_to_treasury_on__isnull=True,
        of_order__order__state=OrderState.CONFIRMED,
    ).exclude(attempt_lines__is_open=True)
    return list(rows.select_related("regie__group").order_by("id"))


def smallest_by_regie(regies: Iterable[Regie]) -> dict[int, int]:
    """The least that each régie's gateway takes at once, in cents, by régie id."""
    regies = list(regies)
    contracts = open_contracts(regies)
    return {
        regie.id: gateway_named(contracts[regie.id].gateway).limits.min_cents if regie.id in contracts else 1
        for regie in regies
    }


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order with its lines by day; `asked_cents` is what it still asks now, before any credit."""

    order: BookingOrder
    lines: tuple[OrderLine, ...]
    asked_cents: int


@dataclass(frozen=True, slots=True)
class RegieDue:
    """What one régie is to be paid now, in cents. `carried_cents`: due from earlier changes. `credit_cents`: used."""

    regie: Regie
    orders_cents: int
    carried_cents: int
    credit_cents: int

    @property
    def to_pay_cents(self) -> int:
        return self.orders_cents + self.carried_cents - self.credit_cents


@dataclass(frozen=True, slots=True)
class Summary:
    """What waits for the family: orders to pay or to confirm, places offered, the money asked, régie by régie."""

    held: tuple[HeldOrder, ...]
    offers: tuple[HeldOrder, ...]
    dues: tuple[RegieDue, ...]
    attempt: PaymentAttempt | None

    @property
    def to_pay_cents(self) -> int:
        return sum(due.to_pay_cents for due in self.dues)

    @property
    def first_cents(self) -> int:
        """What the next click on « Payer » asks: the first régie's operation."""
        return next((due.to_pay_cents for due in self.dues if due.to_pay_cents > 0), 0)

    @property
    def operations(self) -> int:
        return sum(1 for due in self.dues if due.to_pay_cents > 0)

    @property
    def hold_until(self) -> datetime | None:
        """The soonest limit of what is held."""
        return min((held.order.hold_until for held in self.held if held.order.hold_until), default=None)

    @property
    def can_extend(self) -> bool:
        return any(not held.order.was_extended for held in self.held) and self.attempt is None

    @property
    def count(self) -> int:
        """Days held, added and removed (C29)."""
        return sum(len(held.lines) for held in self.held)


def summary_of(household: Household) -> Summary:
    """A number of queries that does not grow with the orders."""
    held = list(held_orders(household))
    offers = list(offered_orders(household))
    lines = lines_by_order([*held, *offers])
    left = dict(
        OrderInvoice.objects.filter(order__in=held, invoice__settled_on__isnull=True).values_list(
            "order", "invoice__left_cents"
        )
    )
    described = tuple(HeldOrder(o, tuple(lines.get(o.id, ())), _asked(o, left)) for o in held)
    return Summary(
        held=described,
        offers=tuple(HeldOrder(o, tuple(lines.get(o.id, ())), o.total_cents) for o in offers),
        dues=_dues(household, described),
        attempt=attempts_on(held).select_related("regie").first() if held else None,
    )


def _asked(order: BookingOrder, left: dict[int, int]) -> int:
    return 0 if confirms_without_payment(order) else left.get(order.id, order.total_cents)


def lines_by_order(orders: Iterable[BookingOrder]) -> dict[int, list[OrderLine]]:
    rows = OrderLine.objects.filter(order__in=list(orders)).select_related(
        "booking__child", "booking__activity", "booking__unit", "booking__tariff_version__tariff"
    )
    found: dict[int, list[OrderLine]] = {}
    for row in rows.order_by("booking__day", "booking__child__first_name", "id"):
        found.setdefault(row.order_id, []).append(row)
    return found


def _dues(household: Household, held: tuple[HeldOrder, ...]) -> tuple[RegieDue, ...]:
    """Régies in the order in which they are paid, with what their credit will take off."""
    asking = [one for one in held if one.asked_cents > 0]
    regies = {one.order.regie_id: one.order.regie for one in asking}
    if not regies:
        return ()
    smallest, credit = smallest_by_regie(regies.values()), household_credit_cents(household)
    carried: dict[int, int] = {}
    for invoice in carried_invoices(household, regies.values()):
        carried[invoice.regie_id] = carried.get(invoice.regie_id, 0) + invoice.left_cents
    ordered = sorted(regies.values(), key=lambda regie: (regie.group.position, regie.position, regie.id))
    return tuple(
        _due(
            regie,
            [one.asked_cents for one in asking if one.order.regie_id == regie.id],
            carried_cents=carried.get(regie.id, 0),
            credit_cents=credit.get(regie.id, 0),
            smallest_cents=smallest[regie.id],
        )
        for regie in ordered
    )


def _due(regie: Regie, asked: list[int], *, carried_cents: int, credit_cents: int, smallest_cents: int) -> RegieDue:
    """What the click will ask, order by order, credit first; too little for the bank is carried over (rule 4)."""
    used = to_pay = 0
    for cents in asked:
        usable = usable_cents(credit_cents=credit_cents - used, left_cents=cents, smallest_cents=smallest_cents)
        used += usable
        to_pay += cents - usable if cents - usable >= smallest_cents else 0
    if not to_pay:
        return RegieDue(regie, sum(asked), 0, sum(asked))
    return RegieDue(regie, to_pay + used, carried_cents, used)


@dataclass(frozen=True, slots=True)
class Balance:
    """What earlier changes left in a régie, in cents: due when positive, to the family's credit when negative (C26)."""

    regie: Regie
    cents: int


def balances_of(household: Household, regies: Iterable[Regie]) -> list[Balance]:
    """The amounts due and the credits that the next immediate payment will join; two queries."""
    regies = {regie.id: regie for regie in regies}.values()
    credit = household_credit_cents(household)
    due: dict[int, int] = {}
    for invoice in carried_invoices(household, regies):
        due[invoice.regie_id] = due.get(invoice.regie_id, 0) + invoice.left_cents
    return [Balance(regie, due.get(regie.id, 0) - credit.get(regie.id, 0)) for regie in regies]
