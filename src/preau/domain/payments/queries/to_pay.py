"""The page where a family chooses what it pays (A15, A16, L29, V20, V21)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from preau.domain.accounts.models import User
from preau.domain.billing.queries import LineGroup, line_groups
from preau.domain.families.models import Household
from preau.domain.payments.queries.baskets import Payable, payables
from preau.domain.payments.queries.overview import Tally, account_regie, tally
from preau.domain.regies.models import Regie


@dataclass(frozen=True, slots=True)
class OwedInvoice:
    """An invoice still owed, with what it bills. `closed_because` says why it cannot be paid on line, else empty.

    `is_ticked`: chosen when the page opens. What is in the basket stays chosen; with an empty basket, all of it is.
    """

    payable: Payable
    lines: list[LineGroup]
    closed_because: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class OwedToRegie:
    """What one régie waits for: what can be paid on line today, then the rest, most urgent first; never empty."""

    regie: Regie
    invoices: tuple[OwedInvoice, ...]
    tally: Tally

    @property
    def has_closed(self) -> bool:
        """Whether one of them cannot be paid on line today."""
        return any(owed.closed_because and not owed.payable.is_locked for owed in self.invoices)

    @property
    def last_day(self) -> date | None:
        """The last day of the payment window now open for these invoices; None when none limits them."""
        ends = [owed.payable.window.current.last_day for owed in self.invoices if owed.payable.window.current]
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class ToPay:
    """`choices`: régies with invoices to pay. `shown`: the chosen one, or all of them. `pending`: under way (A21)."""

    choices: tuple[OwedToRegie, ...]
    shown: tuple[OwedToRegie, ...]
    pending: tuple[OwedInvoice, ...]
    chosen: Regie | None

    @property
    def tickable(self) -> Tally:
        """What can be put in the basket from the page."""
        return tally(o.payable for owed in self.shown for o in owed.invoices if o.payable.can_be_paid)

    @property
    def total(self) -> Tally:
        """What the shown régies wait for, payable on line today or not."""
        return Tally(sum(o.tally.count for o in self.shown), sum(o.tally.cents for o in self.shown))


def to_pay(*, user: User, household: Household, today: date, regie_id: str = "") -> ToPay:
    """What the family owes, régie by régie; `regie_id` (public id) keeps one of them.

    Raises:
        Regie.DoesNotExist: no such régie for this family.
    """
    chosen = account_regie(household, public_id=regie_id) if regie_id else None
    owed = payables(user=user, household=household, today=today)
    lines = line_groups([payable.invoice for payable in owed], household=household)
    basket_is_empty = not any(payable.in_basket and payable.can_be_paid for payable in owed)
    invoices = [
        OwedInvoice(
            payable=payable,
            lines=lines.get(payable.invoice.id, []),
            closed_because=payable.closed_because,
            is_ticked=payable.can_be_paid and (basket_is_empty or payable.in_basket),
        )
        for payable in owed
    ]
    choices = _by_regie(invoice for invoice in invoices if not invoice.payable.is_locked)
    return ToPay(
        choices=choices,
        shown=tuple(c for c in choices if chosen is None or c.regie == chosen),
        pending=tuple(
            i for i in invoices if i.payable.is_locked and (chosen is None or i.payable.invoice.regie == chosen)
        ),
        chosen=chosen or (choices[0].regie if len(choices) == 1 else None),
    )


def _by_regie(invoices: Iterable[OwedInvoice]) -> tuple[OwedToRegie, ...]:
    groups: dict[int, list[OwedInvoice]] = {}
    for invoice in invoices:
        groups.setdefault(invoice.payable.invoice.regie_id, []).append(invoice)
    ordered = sorted(groups.values(), key=lambda same: _rank(same[0].payable.invoice.regie))
    return tuple(
        OwedToRegie(
            same[0].payable.invoice.regie, tuple(sorted(same, key=_is_closed)), tally(owed.payable for owed in same)
        )
        for same in ordered
    )


def _is_closed(owed: OwedInvoice) -> bool:
    return not owed.payable.can_be_paid


def _rank(regie: Regie) -> tuple[int, int, int]:
    return (regie.group.position, regie.position, regie.id)
