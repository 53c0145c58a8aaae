"""What régies owe families: credit not used yet, and sums that two people decided to give back. Amounts in cents."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from preau.domain.families.models import Household
from preau.domain.ledger.models import AccountKind, LedgerEntry
from preau.domain.payments.models import CaseDecision
from preau.domain.payments.outcomes import Outcome
from preau.domain.payments.queries.acts import Act, credit_note_proposals, refunds
from preau.domain.regies.models import Regie

_PAGE = 30


@dataclass(frozen=True, slots=True)
class OpenCredit:
    """What one régie owes one family: its credit, and what is to be given back."""

    household: Household
    regie: Regie
    credit_cents: int
    owed_cents: int


@dataclass(frozen=True, slots=True)
class OpenCreditList:
    """One page of them, by name of family, and the sums of all the pages."""

    rows: tuple[OpenCredit, ...]
    page: Page[Any]
    credit_cents: int
    owed_cents: int


@dataclass(frozen=True, slots=True)
class OwedDecision:
    """A sum that two people decided to give back, and what of it still is."""

    decision: CaseDecision
    owed_cents: int


def open_credits(regies: Collection[int], *, sought: str, page: str) -> OpenCreditList:
    """Families to which these régies owe something; `sought` is the number or the name of a file."""
    households = Household.objects.filter(_named(sought)) if sought else Household.objects.all()
    credit, owed = _credit_by_account(regies), _owed_by_account(regies)
    named = households.filter(id__in={household for household, _ in credit.keys() | owed.keys()}).order_by("file_name")
    families = {one.id: one for one in named}
    known = Regie.objects.in_bulk(regies)
    rank = {key: place for place, key in enumerate(families)}
    kept = [key for key in credit.keys() | owed.keys() if key[0] in families]
    kept.sort(key=lambda key: (rank[key[0]], known[key[1]].position, key[1]))
    found = Paginator(kept, _PAGE).get_page(page)
    rows = [
        OpenCredit(
            families[household], known[regie], credit.get((household, regie), 0), owed.get((household, regie), 0)
        )
        for household, regie in found
    ]
    return OpenCreditList(
        rows=tuple(rows),
        page=found,
        credit_cents=sum(credit.get(key, 0) for key in kept),
        owed_cents=sum(owed.get(key, 0) for key in kept),
    )


def _named(sought: str) -> Q:
    return Q(file_number__iexact=sought) | Q(file_name__icontains=sought)


def _credit_by_account(regies: Collection[int]) -> dict[tuple[int, int], int]:
    """Positive credits by (household, régie)."""
    entries = LedgerEntry.objects.filter(account__kind=AccountKind.FAMILY_CREDIT, account__regie__in=regies)
    sums = entries.values_list("account__household", "account__regie").annotate(s=Sum("amount_cents")).filter(s__lt=0)
    return {(household, regie): -cents for household, regie, cents in sums}


def _owed_by_account(regies: Collection[int]) -> dict[tuple[int, int], int]:
    sums: dict[tuple[int, int], int] = {}
    for one in _owed(Q(case__regie__in=regies)):
        key = (one.decision.case.attempt.household_id, one.decision.case.regie_id)  # type: ignore[union-attr]
        sums[key] = sums.get(key, 0) + one.owed_cents
    return sums


def _owed(which: Q) -> list[OwedDecision]:
    """Decisions to give back whose sum is not all given back, the oldest first."""
    decided = CaseDecision.objects.filter(which, outcome=Outcome.REFUND, confirmed_at__isnull=False, amount_cents__gt=0)
    given = Coalesce(Sum("refunds__amount_cents", filter=Q(refunds__confirmed_at__isnull=False)), 0)
    rows = decided.select_related("case__attempt__contract", "case__attempt__household", "case__regie")
    found = rows.annotate(given=given).order_by("confirmed_at", "id")
    return [OwedDecision(one, one.amount_cents - one.given) for one in found if one.amount_cents > one.given]


@dataclass(frozen=True, slots=True)
class CreditMove:
    """A line of the history of a credit: signed from the family's side."""

    entry: LedgerEntry

    @property
    def cents(self) -> int:
        return -self.entry.amount_cents


@dataclass(frozen=True, slots=True)
class FamilyCreditSheet:
    """What the régies of an agent owe one family, where it came from, and what was proposed about it."""

    household: Household
    credits: tuple[OpenCredit, ...]
    owed: tuple[OwedDecision, ...]
    moves: tuple[CreditMove, ...]
    acts: tuple[Act, ...]

    @property
    def is_owed(self) -> bool:
        """Whether something can be given back."""
        return bool(self.credits or self.owed)


def family_credit_sheet(regies: Collection[int], *, household_id: str) -> FamilyCreditSheet:
    """One family (public id) with which these régies have, or had, a credit.

    Raises:
        Household.DoesNotExist: there is none, or it never had a credit in these régies.
    """
    entries = LedgerEntry.objects.filter(account__kind=AccountKind.FAMILY_CREDIT, account__regie__in=regies)
    owing = _owed(Q(case__regie__in=regies, case__attempt__household__public_id=household_id))
    rows = entries.filter(account__household__public_id=household_id).select_related("transaction", "account__regie")
    moves = list(rows.order_by("-transaction__recorded_at", "-id"))
    given = refunds().filter(regie__in=regies, household__public_id=household_id)
    household = Household.objects.get(public_id=household_id)
    if not (moves or owing or given):
        raise Household.DoesNotExist
    held: dict[Regie, int] = {}
    for one in moves:
        held[one.account.regie] = held.get(one.account.regie, 0) - one.amount_cents
    acts: list[Act] = [*given, *credit_note_proposals().filter(regie__in=regies, household=household)]
    return FamilyCreditSheet(
        household=household,
        credits=tuple(OpenCredit(household, regie, cents, 0) for regie, cents in held.items() if cents > 0),
        owed=tuple(owing),
        moves=tuple(CreditMove(one) for one in moves),
        acts=tuple(sorted(acts, key=lambda act: act.proposed_at, reverse=True)),
    )
