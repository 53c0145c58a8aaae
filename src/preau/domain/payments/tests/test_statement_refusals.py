"""What the database refuses about statements and constats, whoever writes."""

from datetime import date, timedelta

import pytest

from preau.domain.payments.models import BankStatement, Reconciliation, StatementEntry
from preau.foundation.files.services import store
from tests.support.factories import NOON, make_contract, make_regie
from tests.support.refusals import refused_by, refused_frozen, refused_whole, refused_with, save_again

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 8)


def stored(content: bytes = b"releve"):
    return store(content=content, name="releve.csv", content_type="text/csv")


@pytest.fixture
def statement(scene) -> BankStatement:
    statement = BankStatement.objects.create(
        gateway="fake",
        file=stored(),
        sha256="a" * 64,
        lines=1,
        first_day=DAY,
        last_day=DAY,
        imported_at=NOON,
        imported_by=scene.user,
    )
    statement.contracts.set(scene.regie.contracts.all())
    return statement


@pytest.fixture
def entry(scene, statement) -> StatementEntry:
    return StatementEntry.objects.create(
        statement=statement,
        line=2,
        contract=scene.regie.contracts.get(),
        attempt=scene.send(),
        kind="payment",
        reference="RP2026A1",
        transaction_reference="T1",
        amount_cents=2400,
        currency="EUR",
        means="card_online",
        occurred_at=NOON,
        day=DAY,
    )


@pytest.fixture
def constat(scene, statement) -> Reconciliation:
    return Reconciliation.objects.create(
        contract=scene.regie.contracts.get(),
        day=DAY,
        number=1,
        made_at=NOON,
        basis="statement",
        statement=statement,
        outcome="clear",
        bank_count=1,
        bank_cents=2400,
        captured_count=1,
        captured_cents=2400,
        caught_up_count=0,
        suspended_cents=0,
        booked_cents=2400,
        other_cents=0,
        gap_cents=0,
        digest="b" * 64,
    )


def test_the_same_statement_is_imported_once_unless_it_lists_nothing(statement):
    with refused_by("a_statement_that_lists_something_is_imported_once"):
        save_again(statement, file_id=stored().id)
    save_again(statement, file_id=stored().id, lines=0)
    save_again(statement, file_id=stored().id, lines=0)
    assert BankStatement.objects.count() == 3


def test_a_statement_that_ends_before_it_begins_is_refused(statement):
    with refused_by("a_statement_ends_after_it_begins"):
        save_again(statement, file_id=stored().id, sha256="c" * 64, last_day=DAY - timedelta(days=1))


def test_a_statement_and_the_contracts_it_covers_are_written_once(statement):
    refused_whole(statement)
    refused_whole(BankStatement.contracts.through.objects.get())


def test_an_operation_of_the_bank_counts_once(entry):
    with refused_by("an_operation_of_the_bank_counts_once"):
        save_again(entry, line=3)
    save_again(entry, kind="refund")
    save_again(entry, reference="RP2026A2")


def test_an_entry_of_nothing_is_refused(entry):
    with refused_by("statement_entry_is_positive"):
        save_again(entry, transaction_reference="T2", amount_cents=0)


def test_what_a_bank_listed_never_changes(entry):
    StatementEntry.objects.update(handled_at=NOON)
    other = make_contract(make_regie(contract=False))
    refused_frozen(
        entry,
        {
            "statement_id": save_again(entry.statement, file_id=stored().id, sha256="c" * 64).id,
            "line": 3,
            "contract_id": other.id,
            "attempt_id": None,
            "kind": "refund",
            "reference": "X",
            "gateway_reference": "X",
            "transaction_reference": "X",
            "mode": "test",
            "amount_cents": 1,
            "currency": "USD",
            "means": "x",
            "occurred_at": NOON + timedelta(seconds=1),
            "day": DAY + timedelta(days=1),
        },
    )


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"bank_cents": 2401}, "a_gap_is_what_the_bank_has_and_the_portal_has_not"),
        ({"suspended_cents": 1}, "a_gap_is_what_the_bank_has_and_the_portal_has_not"),
        (
            {"basis": "nothing", "statement_id": None, "outcome": "waiting"},
            "a_gap_is_what_the_bank_has_and_the_portal_has_not",
        ),
        ({"gap_cents": None}, "a_gap_is_what_the_bank_has_and_the_portal_has_not"),
        ({"bank_count": None}, "a_gap_is_what_the_bank_has_and_the_portal_has_not"),
        ({"statement_id": None}, "a_reconciliation_rests_on_what_it_names"),
        ({"basis": "asked"}, "a_reconciliation_rests_on_what_it_names"),
        ({"bank_cents": 2500, "gap_cents": 100}, "a_clear_day_has_no_gap"),
        ({"booked_cents": 0}, "a_clear_day_has_no_gap"),
        ({"findings": [{"kind": "ledger"}]}, "a_clear_day_has_no_gap"),
        ({"outcome": "waiting"}, "a_day_waits_for_a_statement_only_without_one"),
        (
            {"basis": "nothing", "statement_id": None, "bank_count": None, "bank_cents": None, "gap_cents": None,
             "outcome": "gap"},
            "a_day_waits_for_a_statement_only_without_one",
        ),
    ],
)  # fmt: skip
def test_a_constat_that_makes_no_sense_is_refused(constat, changes, constraint):
    with refused_by(constraint):
        save_again(constat, number=2, **changes)


def test_the_constats_of_a_day_are_numbered(constat):
    with refused_by("reconciliations_of_a_day_are_numbered"):
        save_again(constat)


def test_a_constat_is_written_once(constat):
    refused_whole(constat)


def test_a_file_is_kept_by_one_statement(statement):
    with refused_with("file_id"):
        save_again(statement, sha256="c" * 64)
