"""A family's situation: what it owes, to whom, until when; in as many queries for one invoice as for forty."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from preau.domain.accounts.models import User
from preau.domain.billing.queries import invoices_of
from preau.domain.billing.states import InvoiceState
from preau.domain.bookings.queries.week import FamilyWeek, week_of
from preau.domain.families.models import Household
from preau.domain.ledger.queries import Movement, household_balances, household_credit_cents, statement
from preau.domain.payments.queries.baskets import Payable, payables
from preau.domain.regies.models import Regie, ServiceGroup
from preau.domain.regies.queries import open_regies


@dataclass(frozen=True, slots=True)
class Tally:
    """How many invoices, and what is left on them, in cents."""

    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class Situation:
    """What a family owes. `due` is everything it may still decide to pay, `late` the part of it that is late.

    `deadlines` are the coming due dates (None = no due date), soonest first, with what they concern;
    `pending` is held by payments under way, until `pending_until` if they do not succeed. `opens_on` is set when
    nothing can be paid on line today but a payment window is announced. Credit is what régies owe the family.
    """

    due: Tally
    late: Tally
    late_since: date | None
    deadlines: tuple[tuple[date | None, Tally], ...]
    pending: Tally
    pending_until: datetime | None
    opens_on: date | None
    credit_cents: int
    next_invoice_on: date | None


@dataclass(frozen=True, slots=True)
class RegieOverview:
    """The same for one régie, as its lines on the home page say it (A09)."""

    regie: Regie
    due: Tally
    late: Tally
    pending: Tally
    credit_cents: int
    next_invoice_on: date | None

    @property
    def on_time(self) -> Tally:
        """What is due and not late."""
        return Tally(self.due.count - self.late.count, self.due.cents - self.late.cents)


@dataclass(frozen=True, slots=True)
class GroupOverview:
    """One block of the home page (L22, L23)."""

    group: ServiceGroup
    regies: tuple[RegieOverview, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The home page: money, and the children's week."""

    situation: Situation
    groups: tuple[GroupOverview, ...]
    week: FamilyWeek


class AccountState(StrEnum):
    """State of a family's account in one régie (S20)."""

    LATE = "late"
    DUE = "due"
    PENDING = "pending"
    TREASURY = "treasury"
    CREDIT = "credit"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class FamilyAccount:
    """A family's account in one régie; a negative balance (cents) is what the family owes."""

    regie: Regie
    balance_cents: int
    state: AccountState


def overview(*, user: User, household: Household, today: date) -> Overview:
    """Everything the home page tells about money, bookings included."""
    owed = payables(user=user, household=household, today=today)
    credit_cents = household_credit_cents(household)
    regies = _with_owed(open_regies(), owed)
    blocks = [_regie_overview(regie, owed, credit_cents.get(regie.id, 0), today) for regie in regies]
    groups: dict[int, list[RegieOverview]] = {}
    for block in blocks:
        groups.setdefault(block.regie.group_id, []).append(block)
    return Overview(
        situation=_situation(owed, sum(credit_cents.values()), blocks),
        groups=tuple(GroupOverview(same[0].regie.group, tuple(same)) for same in groups.values()),
        week=week_of(household, user=user, today=today),
    )


def accounts_of(*, user: User, household: Household, today: date) -> list[FamilyAccount]:
    """One account per régie in activity, and per closed one where something is still owed on either side."""
    owed = payables(user=user, household=household, today=today)
    balances = household_balances(household)
    regies = {regie.id: regie for regie in _with_owed(open_regies(), owed)}
    closed = Regie.objects.filter(id__in=[key for key, cents in balances.items() if cents and key not in regies])
    regies |= {regie.id: regie for regie in closed}
    return [
        FamilyAccount(regie, balances.get(regie.id, 0), _account_state(regie, balances.get(regie.id, 0), owed))
        for regie in regies.values()
    ]


@dataclass(frozen=True, slots=True)
class FamilyStatement:
    """Debits and credits of a family in one régie, most recent first, each with the balance after it (C17)."""

    regie: Regie
    movements: list[Movement]

    @property
    def balance_cents(self) -> int:
        """Negative when the family owes."""
        return self.movements[0].balance_cents if self.movements else 0


def family_statement(household: Household, *, regie_id: str) -> FamilyStatement:
    """The statement of one account; `regie_id` is the régie's public id.

    Raises:
        Regie.DoesNotExist: no such account.
    """
    regie = account_regie(household, public_id=regie_id)
    return FamilyStatement(regie, statement(household, regie_id=regie.id)[::-1])


def account_regie(household: Household, *, public_id: str) -> Regie:
    """The régie of one of the family's accounts.

    Raises:
        Regie.DoesNotExist: neither in activity, nor ever in business with this family.
    """
    known = invoices_of(household).values("regie_id")
    return regie_among(Regie.objects.filter(is_active=True) | Regie.objects.filter(id__in=known), public_id)


def regie_among(regies: Iterable[Regie], public_id: str) -> Regie:
    """The régie that bears a public id, whatever a visitor typed as one.

    Raises:
        Regie.DoesNotExist: none of them.
    """
    for regie in regies:
        if regie.public_id == public_id:
            return regie
    raise Regie.DoesNotExist


def _with_owed(regies: Iterable[Regie], owed: Iterable[Payable]) -> list[Regie]:
    """Régies in activity, then those that are not but are still owed something."""
    known = {regie.id: regie for regie in regies}
    for payable in owed:
        known.setdefault(payable.invoice.regie_id, payable.invoice.regie)
    return list(known.values())


def tally(owed: Iterable[Payable]) -> Tally:
    """How many invoices these are, and what is left on them."""
    cents = [payable.invoice.left_cents for payable in owed]
    return Tally(len(cents), sum(cents))


def _late(owed: Iterable[Payable]) -> list[Payable]:
    return [payable for payable in owed if payable.state == InvoiceState.LATE]


def _regie_overview(regie: Regie, owed: list[Payable], credit_cents: int, today: date) -> RegieOverview:
    mine = [payable for payable in owed if payable.invoice.regie_id == regie.id]
    free = [payable for payable in mine if not payable.is_locked]
    coming = regie.next_invoice_on
    return RegieOverview(
        regie=regie,
        due=tally(free),
        late=tally(_late(free)),
        pending=tally(payable for payable in mine if payable.is_locked),
        credit_cents=credit_cents,
        next_invoice_on=coming if coming and coming >= today else None,
    )


def _situation(owed: list[Payable], credit_cents: int, blocks: list[RegieOverview]) -> Situation:
    free = [payable for payable in owed if not payable.is_locked]
    locked = [payable for payable in owed if payable.is_locked]
    late = _late(free)
    opening = [payable.window.next_opening.first_day for payable in free if payable.window.next_opening]
    can_pay = any(payable.can_be_paid for payable in free)
    return Situation(
        due=tally(free),
        late=tally(late),
        late_since=min((payable.invoice.due_on for payable in late if payable.invoice.due_on), default=None),
        deadlines=_deadlines([payable for payable in free if payable not in late]),
        pending=tally(locked),
        pending_until=max((payable.locked_until for payable in locked if payable.locked_until), default=None),
        opens_on=None if can_pay else min(opening, default=None),
        credit_cents=credit_cents,
        next_invoice_on=min((block.next_invoice_on for block in blocks if block.next_invoice_on), default=None),
    )


def _deadlines(owed: list[Payable]) -> tuple[tuple[date | None, Tally], ...]:
    days = sorted({payable.invoice.due_on for payable in owed}, key=lambda day: day or date.max)
    return tuple((day, tally(payable for payable in owed if payable.invoice.due_on == day)) for day in days)


def _account_state(regie: Regie, balance_cents: int, owed: list[Payable]) -> AccountState:
    mine = [payable for payable in owed if payable.invoice.regie_id == regie.id]
    if balance_cents >= 0:
        return AccountState.CREDIT if balance_cents else AccountState.SETTLED
    if _late(mine):
        return AccountState.LATE
    if not mine:
        return AccountState.TREASURY
    return AccountState.PENDING if all(payable.is_locked for payable in mine) else AccountState.DUE
