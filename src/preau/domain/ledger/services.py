"""The only door to the books: balanced transactions, each booked once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from preau.domain.families.models import Household
from preau.domain.ledger.models import AccountKind, LedgerAccount, LedgerEntry, LedgerTransaction
from preau.domain.regies.models import GatewayContract, Regie
from preau.foundation import clock

_MIN_ENTRIES = 2


class UnbalancedError(Exception):
    """Debits and credits differ: nothing was booked."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry to book: positive cents debit the account, negative cents credit it."""

    kind: AccountKind
    amount_cents: int
    household: Household | None = None
    contract: GatewayContract | None = None


@transaction.atomic
def book(
    *,
    regie: Regie,
    source_kind: str,
    source_key: str,
    label: str,
    booked_on: date,
    postings: Sequence[Posting],
) -> LedgerTransaction:
    """Book a transaction; zero postings are left out.

    Raises:
        UnbalancedError: fewer than two entries remain, or they do not sum to zero.
        IntegrityError: this source was booked before (`a_source_is_booked_once`).
    """
    kept = [posting for posting in postings if posting.amount_cents]
    if len(kept) < _MIN_ENTRIES or sum(posting.amount_cents for posting in kept):
        raise UnbalancedError(f"{source_kind} {source_key}: {[posting.amount_cents for posting in kept]}")
    booked = LedgerTransaction.objects.create(
        regie=regie,
        source_kind=source_kind,
        source_key=source_key,
        label=label[:150],
        booked_on=booked_on,
        recorded_at=clock.now(),
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(transaction=booked, account=_account(regie, posting), amount_cents=posting.amount_cents)
        for posting in kept
    )
    return booked


def _account(regie: Regie, posting: Posting) -> LedgerAccount:
    account, _ = LedgerAccount.objects.get_or_create(
        regie=regie,
        kind=posting.kind,
        household=posting.household,
        contract=posting.contract,
    )
    return account
