"""The only door to the books, and the balances read from them."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.ledger.models import AccountKind, LedgerAccount, LedgerEntry, LedgerTransaction
from preau.domain.ledger.queries import household_balances, household_credit_cents, statement
from preau.domain.ledger.services import Draft, Posting, UnbalancedError, book, book_many
from tests.support.factories import make_household, make_regie

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 1)


@pytest.fixture
def regie(db):
    return make_regie()


@pytest.fixture
def household(db):
    return make_household(with_login=False, children=0)


def _draft(regie, key: str, *postings: Posting, on: date = DAY) -> Draft:
    return Draft(regie, "invoice", key, f"Facture {key}", on, postings)


def _owed(household, cents: int) -> tuple[Posting, Posting]:
    return Posting(AccountKind.RECEIVABLE, cents, household=household), Posting(AccountKind.PRODUCT, -cents)


@pytest.mark.parametrize("amounts", [(), (100,), (100, -99), (0, 0), (100, 0), (100, -100, 5)], ids=str)
def test_what_does_not_balance_is_not_booked(regie, amounts):
    kinds = [AccountKind.PRODUCT, AccountKind.SUSPENSE, AccountKind.RECEIVED_ELSEWHERE]
    postings = [Posting(kind, cents) for kind, cents in zip(kinds, amounts, strict=False)]
    with pytest.raises(UnbalancedError):
        book_many([_draft(regie, "F1", *postings)])
    assert LedgerTransaction.objects.count() == 0


def test_one_that_does_not_balance_stops_them_all(regie, household):
    with pytest.raises(UnbalancedError):
        book_many([_draft(regie, "F1", *_owed(household, 100)), _draft(regie, "F2", Posting(AccountKind.PRODUCT, 1))])
    assert (LedgerTransaction.objects.count(), LedgerAccount.objects.count()) == (0, 0)


def test_a_source_is_booked_once(regie, household):
    book_many([_draft(regie, "F1", *_owed(household, 100))])
    with pytest.raises(IntegrityError), transaction.atomic():
        book_many([_draft(regie, "F2", *_owed(household, 50)), _draft(regie, "F1", *_owed(household, 100))])
    assert household_balances(household) == {regie.id: -100}


def test_a_posting_of_zero_is_left_out(regie, household):
    zero = Posting(AccountKind.FAMILY_CREDIT, 0, household=household)
    book_many([_draft(regie, "F1", *_owed(household, 100), zero)])
    assert LedgerEntry.objects.count() == 2


def test_each_regie_keeps_its_own_accounts(regie, household):
    other = make_regie(label="Autre")
    book_many([_draft(regie, "F1", *_owed(household, 100)), _draft(other, "F2", *_owed(household, 70))])
    assert household_balances(household) == {regie.id: -100, other.id: -70}
    assert LedgerAccount.objects.count() == 4


def test_a_credit_is_what_the_regie_owes(regie, household):
    book(
        regie=regie,
        source_kind="capture",
        source_key="A",
        label="Paiement",
        booked_on=DAY,
        postings=[
            Posting(AccountKind.SUSPENSE, 150),
            Posting(AccountKind.RECEIVABLE, -100, household=household),
            Posting(AccountKind.FAMILY_CREDIT, -50, household=household),
        ],
    )
    assert household_credit_cents(household) == {regie.id: 50}
    assert household_balances(household) == {regie.id: 150}


def test_a_statement_runs_from_the_oldest_movement(regie, household):
    book_many(
        [
            _draft(regie, "F2", *_owed(household, 50), on=date(2026, 10, 2)),
            _draft(regie, "F1", *_owed(household, 100), on=date(2026, 9, 1)),
            _draft(regie, "F3", *_owed(household, -30), on=date(2026, 10, 2)),
        ],
    )
    lines = statement(household, regie_id=regie.id)
    assert [(m.source_key, m.amount_cents, m.balance_cents) for m in lines] == [
        ("F1", -100, -100),
        ("F2", -50, -150),
        ("F3", 30, -120),
    ]


@pytest.mark.parametrize("count", [1, 40])
def test_booking_costs_the_same_queries_for_one_and_for_forty(regie, household, django_assert_num_queries, count):
    drafts = [_draft(regie, f"F{n}", *_owed(household, 100)) for n in range(count)]
    with django_assert_num_queries(7):  # savepoint, accounts twice, opening them, two inserts, release
        book_many(drafts)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8))
def test_whatever_is_kept_balances_and_moves_something(amounts):
    draft = Draft(None, "k", "s", "l", DAY, [Posting(AccountKind.SUSPENSE, cents) for cents in amounts])
    try:
        kept = draft.kept()
    except UnbalancedError:
        assert sum(amounts) != 0 or len([cents for cents in amounts if cents]) < 2
    else:
        assert sum(posting.amount_cents for posting in kept) == 0
        assert all(posting.amount_cents for posting in kept)
