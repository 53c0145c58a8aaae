"""The two databases under test, and how their append-only tables are emptied between tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.sqlite3.base import DatabaseOperations


def _flush_without_triggers(self, sql_list) -> None:
    """Empty the tables of a SQLite database whose triggers refuse DELETE.

    PostgreSQL uses TRUNCATE, which row triggers do not see; SQLite has no other way than DELETE.
    """
    with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {self.quote_name(name)}")
        for sql in sql_list:
            cursor.execute(sql)
        for _, definition in triggers:
            cursor.execute(definition)


@contextmanager
def without_triggers(table: str) -> Iterator[None]:
    """Let a test plant in a table what its triggers refuse."""
    if connection.vendor == "postgresql":
        connection.check_constraints()  # a table with checks to come cannot be altered
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
    yield
    with connection.cursor() as cursor:
        for _, definition in triggers:
            cursor.execute(definition)


def pytest_configure() -> None:
    DatabaseOperations.execute_sql_flush = _flush_without_triggers


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Remove the folder that settings_test made for this process."""
    folder = Path(settings.PREAU_DATA_DIR)
    if folder.name.startswith("preau-test-"):
        shutil.rmtree(folder, ignore_errors=True)


def on_postgresql() -> bool:
    return settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


def pytest_addoption(parser) -> None:
    parser.addoption(
        "--server-only",
        action="store_true",
        help="keep what the database or a real program can change; the rest has run on SQLite",
    )


#: Walks over every address: long, alike on both databases, and shown where the database is strictest.
_WALKS = "tests/security/"
#: Random stories of thousands of steps: shown where a step costs least.
_STORIES = (
    "test_story.py",
    "test_booking_story.py",
    "test_aftermath_story.py",
    "test_properties.py",
    "test_aftermath_rules.py",
)


def _depends_on_the_server(item) -> bool:
    if item.nodeid.startswith(_WALKS):
        return True
    if item.path.name in _STORIES:
        return False
    uses_database = {"db", "transactional_db"} & set(item.fixturenames) or item.get_closest_marker("django_db")
    return bool(uses_database) or any(item.get_closest_marker(mark) for mark in ("race", "process", "browser"))


def pytest_collection_modifyitems(config, items) -> None:
    """Races are shown on PostgreSQL only: SQLite lets one writer in at a time and would hide them."""
    if config.getoption("--server-only"):
        config.hook.pytest_deselected(items=[item for item in items if not _depends_on_the_server(item)])
        items[:] = [item for item in items if _depends_on_the_server(item)]
    if on_postgresql():
        return
    for item in items:
        if item.get_closest_marker("race"):
            item.add_marker(pytest.mark.skip(reason="a race: needs PostgreSQL (PREAU_TEST_DATABASE_URL)"))
