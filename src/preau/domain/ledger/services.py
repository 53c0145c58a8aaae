"""The only door to the books: balanced transactions, each booked once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q, Sum

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


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction to book; zero postings are left out."""

    regie: Regie
    source_kind: str
    source_key: str
    label: str
    booked_on: date
    postings: Sequence[Posting]

    def kept(self) -> list[Posting]:
        """The postings that move something.

        Raises:
            UnbalancedError: fewer than two, or they do not sum to zero.
        """
        kept = [posting for posting in self.postings if posting.amount_cents]
        if len(kept) < _MIN_ENTRIES or sum(posting.amount_cents for posting in kept) != 0:
            raise UnbalancedError(f"{self.source_kind} {self.source_key}: {[p.amount_cents for p in kept]}")
        return kept


def book(
    *,
    regie: Regie,
    source_kind: str,
    source_key: str,
    label: str,
    booked_on: date,
    postings: Sequence[Posting],
) -> None:
    """Book one transaction; see `book_many`."""
    book_many([Draft(regie, source_kind, source_key, label, booked_on, postings)])


@transaction.atomic
def book_many(drafts: Sequence[Draft]) -> None:
    """Book transactions, all or none, in a number of queries that does not grow with them.

    Raises:
        UnbalancedError: one of them does not balance.
        IntegrityError: one source was booked before (`a_source_is_booked_once`).
    """
    kept = [draft.kept() for draft in drafts]
    accounts = _accounts([(draft.regie, posting) for draft in drafts for posting in draft.kept()])
    now = clock.now()
    booked = LedgerTransaction.objects.bulk_create(
        LedgerTransaction(
            regie=draft.regie,
            source_kind=draft.source_kind,
            source_key=draft.source_key,
            label=draft.label[:150],
            booked_on=draft.booked_on,
            recorded_at=now,
        )
        for draft in drafts
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            transaction=one,
            account_id=accounts[_key(draft.regie, posting)],
            amount_cents=posting.amount_cents,
        )
        for one, draft, postings in zip(booked, drafts, kept, strict=True)
        for posting in postings
    )


def lock_credit(*, household: Household, regie: Regie) -> int:
    """Lock a family's credit in a régie until the transaction ends; the cents that it holds now.

    Whoever takes from it locks it first, so that nothing is spent twice; whoever adds to it need not wait.
    """
    accounts = LedgerAccount.objects.filter(regie=regie, household=household, kind=AccountKind.FAMILY_CREDIT)
    list(accounts.select_for_update(of=("self",), no_key=True))
    entries = LedgerEntry.objects.filter(account__in=accounts)
    return -(entries.aggregate(sum_cents=Sum("amount_cents"))["sum_cents"] or 0)


_Key = tuple[int, str, int | None, int | None]


def _key(regie: Regie, posting: Posting) -> _Key:
    household_id = posting.household.id if posting.household else None
    return (regie.id, posting.kind.value, household_id, posting.contract.id if posting.contract else None)


def _accounts(wanted: Sequence[tuple[Regie, Posting]]) -> dict[_Key, int]:
    """Ids of the accounts to post on, opened where they do not exist yet; safe when two writers open one."""
    keys = {_key(regie, posting) for regie, posting in wanted}
    found = _find_accounts(keys)
    missing = sorted(keys - found.keys(), key=str)
    if missing:
        LedgerAccount.objects.bulk_create(
            [LedgerAccount(regie_id=r, kind=k, household_id=h, contract_id=c) for r, k, h, c in missing],
            ignore_conflicts=True,
        )
        found = _find_accounts(keys)
    return found


def _find_accounts(keys: set[_Key]) -> dict[_Key, int]:
    rows = LedgerAccount.objects.filter(
        Q(household__in={h for _, _, h, _ in keys if h}) | Q(household__isnull=True),
        regie__in={r for r, *_ in keys},
    )
    fields = ("regie_id", "kind", "household_id", "contract_id", "id")
    return {(r, k, h, c): pk for r, k, h, c, pk in rows.values_list(*fields) if (r, k, h, c) in keys}
