"""Constats as a person reads them: on a screen, in a terminal, on paper."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from preau.domain.payments.documents.constat import ConstatSheet, SheetFinding, render_constat
from preau.domain.payments.gateway import gateway_choices, gateway_named
from preau.domain.payments.models import Reconciliation
from preau.domain.payments.reconciling import FindingKind
from preau.domain.regies.models import Channel, GatewayContract
from preau.domain.town.queries import look_of, the_town

_LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class ToldFinding:
    """One thing to explain; cents. `case` is the public id of its case, empty when there is none yet."""

    label: str
    reference: str
    amount_cents: int
    gap_cents: int
    case: str
    is_closed: bool


def told_findings(constat: Reconciliation) -> list[ToldFinding]:
    """What the constat found, in its order."""
    return [
        ToldFinding(
            label=str(FindingKind(one["kind"]).label),
            reference=one["reference"],
            amount_cents=one["amount_cents"],
            gap_cents=one["gap_cents"],
            case=one["case"],
            is_closed=one["is_closed"],
        )
        for one in constat.findings
    ]


def contract_label(contract: GatewayContract) -> str:
    """« Banque, contrat 090909 »."""
    return f"{gateway_named(contract.gateway).presentation.label}, contrat {contract.merchant}"


# A month


@dataclass(frozen=True, slots=True)
class ContractMonth:
    """One contract, and its days from the last one gone by; None in place of a constat that was never made."""

    contract: GatewayContract
    label: str
    days: tuple[tuple[date, Reconciliation | None], ...]

    @property
    def constats(self) -> list[Reconciliation]:
        return [one for _, one in self.days if one is not None]

    @property
    def bank_cents(self) -> int:
        return sum(one.bank_cents or 0 for one in self.constats)

    @property
    def captured_cents(self) -> int:
        return sum(one.captured_cents for one in self.constats)

    @property
    def booked_cents(self) -> int:
        return sum(one.booked_cents for one in self.constats)

    @property
    def gap_cents(self) -> int:
        return sum(one.gap_cents or 0 for one in self.constats)


@dataclass(frozen=True, slots=True)
class Month:
    """What a month comes to, contract by contract."""

    first: date
    today: date
    contracts: tuple[ContractMonth, ...]

    @property
    def constats(self) -> list[Reconciliation]:
        return [constat for one in self.contracts for constat in one.constats]

    @property
    def to_explain(self) -> int:
        """How many days have something that nobody explained."""
        return sum(one.needs_somebody for one in self.constats)

    @property
    def awaited(self) -> int:
        """How many days wait for a statement."""
        return sum(one.outcome == Reconciliation.Outcome.WAITING for one in self.constats)

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date | None:
        """The next month, once it began."""
        after = (self.first + timedelta(days=_LONGEST_MONTH)).replace(day=1)
        return after if after <= self.today else None


def month_of(regies: Collection[int], first: date, *, today: date) -> Month:
    """The contracts of these régies in the month that begins on `first`: two queries, whatever the days."""
    after = (first + timedelta(days=_LONGEST_MONTH)).replace(day=1)
    last = min(after, today) - timedelta(days=1)
    contracts = contracts_of(regies).filter(opened_on__lte=max(first, last)).exclude(closed_on__lt=first)
    rows = Reconciliation.objects.filter(contract__in=contracts, day__gte=first, day__lt=after)
    in_force = {(one.contract_id, one.day): one for one in rows.order_by("number")}
    return Month(first, today, tuple(_contract_month(one, in_force, first, last) for one in contracts))


def _contract_month(
    contract: GatewayContract, in_force: dict[tuple[int, date], Reconciliation], first: date, last: date
) -> ContractMonth:
    first = max(first, contract.opened_on)
    gone_by = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    days = gone_by | {day for contract_id, day in in_force if contract_id == contract.id}
    told = tuple((day, in_force.get((contract.id, day))) for day in sorted(days, reverse=True))
    return ContractMonth(contract, contract_label(contract), told)


def contracts_of(regies: Collection[int]) -> QuerySet[GatewayContract]:
    """The contracts of these régies that a bank keeps, whose gateway is installed, in the order of the home page."""
    installed = [code for code, _ in gateway_choices(Channel.ONLINE)]
    contracts = GatewayContract.objects.filter(regie__in=regies, gateway__in=installed).select_related("regie")
    return contracts.order_by("regie__position", "regie__label", "id")


# A day


def constat_named(regies: Collection[int], public_id: str) -> Reconciliation:
    """One constat of these régies.

    Raises:
        Reconciliation.DoesNotExist: there is none, or it is another régie's.
    """
    rows = Reconciliation.objects.filter(contract__regie__in=regies)
    return rows.select_related("contract__regie", "statement__file", "statement__imported_by", "made_by").get(
        public_id=public_id
    )


def same_day(constat: Reconciliation) -> list[Reconciliation]:
    """All the constats of its day, the one in force first."""
    rows = Reconciliation.objects.filter(contract=constat.contract_id, day=constat.day)
    return list(rows.order_by("-number").select_related("made_by"))


def constat_document(constat: Reconciliation) -> bytes:
    """The PDF of a constat: the same bytes each time, since a constat never changes."""
    town = the_town()
    regie = constat.contract.regie
    sheet = ConstatSheet(
        town_name=town.name,
        issuer_name=regie.issuer_name,
        regie_label=regie.label,
        regie_act=regie.founding_act,
        contract_label=contract_label(constat.contract),
        day=constat.day,
        number=constat.number,
        made_at=constat.made_at.astimezone(town.zone),
        basis=_basis(constat),
        outcome=str(Reconciliation.Outcome(constat.outcome).label),
        is_clear=constat.outcome == Reconciliation.Outcome.CLEAR,
        bank_count=constat.bank_count,
        bank_cents=constat.bank_cents,
        captured_count=constat.captured_count,
        captured_cents=constat.captured_cents,
        caught_up_count=constat.caught_up_count,
        suspended_cents=constat.suspended_cents,
        booked_cents=constat.booked_cents,
        other_cents=constat.other_cents,
        gap_cents=constat.gap_cents,
        findings=tuple(_sheet_findings(told_findings(constat))),
        digest=constat.digest,
    )
    return render_constat(sheet, look=look_of(town))


def _basis(constat: Reconciliation) -> str:
    if constat.statement is None:
        return str(Reconciliation.Basis(constat.basis).label)
    return f"relevé « {constat.statement.file.name} », SHA-256 {constat.statement.sha256}"


def _sheet_findings(found: Iterable[ToldFinding]) -> Iterable[SheetFinding]:
    for one in found:
        state = "dossier clos" if one.is_closed else "dossier ouvert" if one.case else "à suivre"
        yield SheetFinding(one.label, one.reference, one.amount_cents, one.gap_cents, state)
