"""What the database refuses about the books, whoever writes."""

from datetime import date

import pytest

from preau.domain.ledger.models import AccountKind, LedgerAccount, LedgerEntry, LedgerTransaction
from preau.domain.ledger.services import Posting, book
from preau.foundation import clock
from tests.support.database import on_postgresql
from tests.support.factories import make_household, make_regie
from tests.support.refusals import refused_by, refused_whole, refused_with, save_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def regie(db):
    return make_regie()


@pytest.fixture
def household(db):
    return make_household(with_login=False, children=0)


@pytest.fixture
def booked(regie, household) -> LedgerTransaction:
    """One transaction with its two entries, on two accounts."""
    book(
        regie=regie,
        source_kind="invoice",
        source_key="F1",
        label="Facture F1",
        booked_on=date(2026, 10, 1),
        postings=[
            Posting(AccountKind.RECEIVABLE, 2400, household=household),
            Posting(AccountKind.PRODUCT, -2400),
        ],
    )
    return LedgerTransaction.objects.get()


def test_a_second_account_of_a_family_is_refused(booked):
    with refused_by("one_account_per_regie_kind_and_household"):
        save_again(LedgerAccount.objects.get(kind=AccountKind.RECEIVABLE))


def test_a_second_account_of_a_regie_is_refused(booked):
    with refused_by("one_account_per_regie_and_kind"):
        save_again(LedgerAccount.objects.get(kind=AccountKind.PRODUCT))


def test_a_second_account_of_a_contract_is_refused(regie):
    contract = regie.contracts.get()
    account = LedgerAccount.objects.create(regie=regie, kind=AccountKind.CLEARING, contract=contract)
    with refused_by("one_account_per_regie_kind_and_contract"):
        save_again(account)


@pytest.mark.parametrize(
    ("kind", "of_household", "of_contract"),
    [
        (AccountKind.RECEIVABLE, False, False),
        (AccountKind.RECEIVABLE, True, True),
        (AccountKind.FAMILY_CREDIT, False, False),
        (AccountKind.CLEARING, False, False),
        (AccountKind.CLEARING, True, False),
        (AccountKind.PRODUCT, True, False),
        (AccountKind.SUSPENSE, False, True),
        (AccountKind.RECEIVED_ELSEWHERE, True, False),
    ],
)
def test_an_account_without_the_holder_its_kind_asks_is_refused(regie, household, kind, of_household, of_contract):
    with refused_by("ledger_account_has_the_holder_its_kind_asks"):
        LedgerAccount.objects.create(
            regie=regie,
            kind=kind,
            household=household if of_household else None,
            contract=regie.contracts.get() if of_contract else None,
        )


def test_a_contract_of_another_regie_is_refused(regie):
    with refused_with("ledger_ledgeraccount.contract_id"):
        LedgerAccount.objects.create(
            regie=regie, kind=AccountKind.CLEARING, contract=make_regie(label="Autre").contracts.get()
        )


def test_an_account_cannot_move_to_a_contract_of_another_regie(regie):
    account = LedgerAccount.objects.create(regie=regie, kind=AccountKind.CLEARING, contract=regie.contracts.get())
    other = make_regie(label="Autre").contracts.get()
    with refused_with("ledger_ledgeraccount.contract_id"):
        LedgerAccount.objects.filter(id=account.id).update(contract=other)


def test_a_source_booked_twice_is_refused(booked):
    with refused_by("a_source_is_booked_once"):
        save_again(booked)


def test_an_entry_of_zero_is_refused(booked):
    with refused_by("ledger_entry_is_never_zero"):
        save_again(booked.entries.all()[0], amount_cents=0)


def test_what_is_booked_is_never_changed_nor_removed(booked):
    refused_whole(booked)
    refused_whole(booked.entries.all()[0])


needs_postgresql = pytest.mark.skipif(
    not on_postgresql(), reason="SQLite has no trigger at commit: the self-check holds it there"
)


@needs_postgresql
@pytest.mark.parametrize("amounts", [[], [100], [100, -99], [100, 100]], ids=str)
def test_a_transaction_that_does_not_balance_is_refused_at_commit(booked, amounts):
    account = LedgerAccount.objects.get(kind=AccountKind.PRODUCT)
    with refused_with("is not balanced"):
        bad = LedgerTransaction.objects.create(
            regie=booked.regie,
            source_kind="invoice",
            source_key="F2",
            label="Facture F2",
            booked_on=date(2026, 10, 1),
            recorded_at=clock.now(),
        )
        LedgerEntry.objects.bulk_create(
            LedgerEntry(transaction=bad, account=account, amount_cents=cents) for cents in amounts
        )


@needs_postgresql
def test_an_entry_added_later_to_a_balanced_transaction_is_refused(booked):
    with refused_with("is not balanced"):
        save_again(booked.entries.all()[0])
