"""Migration operations that make the database refuse: installed, named, taken away."""

from collections.abc import Sequence

import pytest
from django.db import connection

from preau.foundation.barriers import missing_barriers
from preau.foundation.db import AppendOnly, Balanced, FrozenColumns, KeptWith, SameOwner, WrittenOnce
from tests.support.database import on_postgresql, without_triggers
from tests.support.refusals import refused_with

pytestmark = pytest.mark.django_db


class Editor:
    """As much of a schema editor as the operations use, inside the test's own transaction."""

    connection = connection

    def execute(self, statement: str, params: object = ()) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)


def sql(statement: str, values: Sequence[object] | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def install(operation) -> None:
    operation.database_forwards("essai", Editor(), None, None)


def take_away(operation) -> None:
    operation.database_backwards("essai", Editor(), None, None)


@pytest.fixture(autouse=True)
def tables(db):
    """A régie's invoices, and the lines that must stay with them; a ledger."""
    sql("CREATE TABLE essai_parent (id integer PRIMARY KEY, regie_id integer, label text, UNIQUE (id, regie_id))")
    sql("CREATE TABLE essai_child (id integer PRIMARY KEY, parent_id integer NULL, regie_id integer)")
    sql("CREATE TABLE essai_book (id integer PRIMARY KEY)")
    sql("CREATE TABLE essai_entry (id integer PRIMARY KEY, book_id integer, amount_cents integer)")
    sql("INSERT INTO essai_parent VALUES (1, 10, 'un'), (2, 20, NULL)")


def test_append_only_refuses_every_change_until_it_is_taken_away():
    operation = AppendOnly("essai_parent")
    install(operation)
    for statement in ("UPDATE essai_parent SET label = label", "DELETE FROM essai_parent WHERE id = 1"):
        with refused_with("essai_parent is append-only"):
            sql(statement)
    sql("INSERT INTO essai_parent VALUES (3, 30, 'trois')")
    take_away(operation)
    sql("DELETE FROM essai_parent")
    assert operation.describe() == "Make essai_parent append-only"


@pytest.mark.parametrize(("label", "row"), [("autre", 1), (None, 1), ("", 2)])
def test_frozen_columns_refuse_another_value_null_included(label, row):
    install(FrozenColumns("essai_parent", ["label"]))
    with refused_with("frozen columns of essai_parent never change"):
        sql("UPDATE essai_parent SET label = %s WHERE id = %s", [label, row])


def test_a_column_frozen_once_known_is_written_once():
    install(FrozenColumns("essai_parent", ["regie_id"], once_known=("label",)))
    sql("UPDATE essai_parent SET label = 'deux' WHERE id = 2")
    for label in ("autre", None):
        with refused_with("frozen columns of essai_parent never change"):
            sql("UPDATE essai_parent SET label = %s WHERE id = 2", [label])


def test_frozen_columns_leave_the_others_alone_and_keep_the_rows():
    operation = FrozenColumns("essai_parent", ["label"])
    install(operation)
    sql("UPDATE essai_parent SET regie_id = 11, label = label")
    with refused_with("rows of essai_parent are never deleted"):
        sql("DELETE FROM essai_parent")
    take_away(operation)
    sql("DELETE FROM essai_parent")
    assert operation.describe() == "Freeze label of essai_parent"


@pytest.mark.parametrize("row", [(1, 1, 20), (1, 2, 10), (1, 99, 10)], ids=str)
def test_a_child_of_another_owner_is_refused(row):
    install(SameOwner("essai_child", "parent_id", "essai_parent", "regie_id"))
    with refused_with("essai_child.parent_id"):
        sql("INSERT INTO essai_child VALUES (%s, %s, %s)", row)


def test_a_child_stays_with_its_owner_until_the_link_is_taken_away():
    operation = SameOwner("essai_child", "parent_id", "essai_parent", "regie_id")
    install(operation)
    sql("INSERT INTO essai_child VALUES (1, 1, 10), (2, NULL, 20)")
    connection.check_constraints()
    with refused_with("essai_child.parent_id"):
        sql("UPDATE essai_child SET parent_id = 2 WHERE id = 1")
    take_away(operation)
    sql("UPDATE essai_child SET parent_id = 2 WHERE id = 1")
    assert operation.describe() == "Keep essai_child.parent_id within one regie_id"


@pytest.mark.parametrize("amounts", [[], [5], [5, -4], [5, -5], [5, -3, -2]], ids=str)
def test_a_ledger_balances_at_commit_on_postgresql(amounts):
    install(Balanced("essai_book", "essai_entry", "book_id"))

    def book() -> None:
        sql("INSERT INTO essai_book VALUES (1)")
        for rank, cents in enumerate(amounts):
            sql("INSERT INTO essai_entry VALUES (%s, 1, %s)", [rank, cents])

    if not on_postgresql() or (len(amounts) > 1 and sum(amounts) == 0):
        book()
        connection.check_constraints()
        return
    with refused_with("ledger transaction 1 is not balanced"):
        book()


def test_a_balance_no_longer_asked_is_no_longer_checked():
    operation = Balanced("essai_book", "essai_entry", "book_id")
    install(operation)
    take_away(operation)
    sql("INSERT INTO essai_book VALUES (1)")
    connection.check_constraints()
    assert operation.describe() == "Keep essai_book balanced"


def test_what_is_written_once_may_only_go():
    operation = WrittenOnce("essai_parent")
    install(operation)
    with refused_with("essai_parent is written once"):
        sql("UPDATE essai_parent SET label = label WHERE id = 1")
    sql("DELETE FROM essai_parent WHERE id = 1")
    take_away(operation)
    sql("UPDATE essai_parent SET label = 'deux'")
    assert operation.describe() == "Write rows of essai_parent once"


def test_rows_are_kept_with_their_parent_and_go_after_it():
    operation = KeptWith("essai_child", "parent_id", "essai_parent")
    install(operation)
    sql("INSERT INTO essai_child VALUES (1, 1, 10), (2, 2, 20)")
    with refused_with("rows of essai_child are kept with their essai_parent"):
        sql("DELETE FROM essai_child WHERE id = 1")
    sql("DELETE FROM essai_parent WHERE id = 1")
    sql("DELETE FROM essai_child WHERE id = 1")
    take_away(operation)
    sql("DELETE FROM essai_child WHERE id = 2")
    assert sql("SELECT count(*) FROM essai_child") == [(0,)]
    assert operation.describe() == "Keep essai_child with essai_parent"


@pytest.mark.parametrize(
    "operation",
    [
        AppendOnly("essai_parent"),
        FrozenColumns("essai_parent", ["label"]),
        SameOwner("essai_child", "parent_id", "essai_parent", "regie_id"),
        Balanced("essai_book", "essai_entry", "book_id"),
        WrittenOnce("essai_parent"),
        KeptWith("essai_child", "parent_id", "essai_parent"),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_an_operation_knows_the_names_of_what_it_installs(operation):
    install(operation)
    installed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'essai%'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'essai%' "
        "UNION SELECT conname FROM pg_constraint WHERE conname LIKE 'essai%\\_same\\_%'",
    }
    assert {name for (name,) in sql(installed[connection.vendor])} == operation.names(connection.vendor)


def test_nothing_is_missing_in_a_fresh_database():
    assert missing_barriers() == []


def test_a_trigger_put_to_sleep_is_missed():
    with without_triggers("payments_capture"):
        assert {"payments_capture_no_update", "payments_capture_no_delete"} <= set(missing_barriers())


def test_a_table_rebuilt_without_its_refusals_is_missed():
    if on_postgresql():
        sql("ALTER TABLE payments_allocation DROP CONSTRAINT allocation_is_positive")
        assert missing_barriers() == ["allocation_is_positive"]
        return
    definition = sql("SELECT sql FROM sqlite_master WHERE name = 'mail_outgoingmail'")[0][0]
    sql("DROP TABLE mail_outgoingmail")
    sql(definition.replace("outgoing_mail_is_sent_iff_dated", "autre"))
    assert missing_barriers() == ["outgoing_mail_is_sent_iff_dated"]
