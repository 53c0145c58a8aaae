"""Balances, read from the entries themselves."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, QuerySet, Sum
from django.db.models.functions import Coalesce

from preau.domain.families.models import Household
from preau.domain.ledger.models import PER_HOUSEHOLD, LedgerEntry


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of a family's statement: what it changed and the balance after it, both signed from the family's side.

    Negative means that the family owes (S20: « −60,00 € »).
    """

    on: date
    label: str
    source_kind: str
    source_key: str
    amount_cents: int
    balance_cents: int


def household_entries(household: Household) -> QuerySet[LedgerEntry]:
    """Entries on a family's accounts (what it owes, what it is owed), all régies."""
    return LedgerEntry.objects.filter(account__household=household, account__kind__in=PER_HOUSEHOLD)


def household_balances(household: Household) -> dict[int, int]:
    """Signed balance of the family in cents, by régie id: negative = the family owes."""
    rows = household_entries(household).values("account__regie_id").annotate(sum_cents=Sum("amount_cents"))
    return {row["account__regie_id"]: -row["sum_cents"] for row in rows}


def household_credit_cents(household: Household) -> dict[int, int]:
    """Cents the régies hold for the family (overpayments not used yet), by régie id."""
    rows = (
        LedgerEntry.objects.filter(account__household=household, account__kind="family_credit")
        .values("account__regie_id")
        .annotate(sum_cents=Coalesce(Sum("amount_cents"), 0, output_field=BigIntegerField()))
    )
    return {row["account__regie_id"]: -row["sum_cents"] for row in rows if row["sum_cents"]}


def statement(household: Household, *, regie_id: int) -> list[Movement]:
    """Every debit and credit of a family in one régie, oldest first, with the running balance (C17)."""
    rows = (
        household_entries(household)
        .filter(account__regie_id=regie_id)
        .values(
            "transaction_id",
            "transaction__booked_on",
            "transaction__label",
            "transaction__source_kind",
            "transaction__source_key",
        )
        .annotate(sum_cents=Sum("amount_cents"))
        .order_by("transaction__booked_on", "transaction_id")
    )
    balance, movements = 0, []
    for row in rows:
        balance -= row["sum_cents"]
        movements.append(
            Movement(
                on=row["transaction__booked_on"],
                label=row["transaction__label"],
                source_kind=row["transaction__source_kind"],
                source_key=row["transaction__source_key"],
                amount_cents=-row["sum_cents"],
                balance_cents=balance,
            ),
        )
    return movements
