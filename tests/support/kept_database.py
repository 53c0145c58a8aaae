"""Migrations run once, not once per worker: the tables they make are kept and copied.

On SQLite they are kept in `build/`, under a name that changes with any migration; on PostgreSQL, as a template of the
server under test.
"""

import fcntl
import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import django
from django.db import connection
from django.db.backends.base.creation import BaseDatabaseCreation

from tests.support.places import ROOT

_FOLDER = ROOT / "build" / "tests"
_create: Callable[..., str] = BaseDatabaseCreation.create_test_db


def pytest_configure() -> None:
    BaseDatabaseCreation.create_test_db = _created


@cache
def _state() -> str:
    """Changes with everything that decides what the migrations leave in a database."""
    digest = hashlib.sha256(django.__version__.encode())
    sources = ROOT / "src" / "preau"
    for path in sorted([*sources.glob("**/migrations/*.py"), sources / "foundation" / "db.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def kept_file() -> Path:
    """The SQLite file to copy; there once a test has used a database."""
    return _FOLDER / f"{_state()}.sqlite3"


def kept_template() -> str:
    """The PostgreSQL database to copy; on the server once a test has used a database."""
    return f"preau_{_state()}"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _created(creation: BaseDatabaseCreation, **options: object) -> str:
    on_sqlite = connection.vendor == "sqlite"
    with _one_at_a_time():
        return (_on_sqlite if on_sqlite else _on_postgresql)(creation, options)


def _on_sqlite(creation: BaseDatabaseCreation, options: dict) -> str:
    kept = kept_file()
    if not kept.exists():
        name = _create(creation, **options)
        _keep(creation.connection.connection, kept)
        return name
    name = creation._get_test_db_name()
    creation.connection.close()
    creation.connection.settings_dict["NAME"] = name
    creation.connection.ensure_connection()
    with closing(sqlite3.connect(kept)) as source:
        source.backup(creation.connection.connection)
    return name


def _keep(made: sqlite3.Connection, kept: Path) -> None:
    for old in _FOLDER.glob("*.sqlite3"):
        old.unlink()
    unfinished = kept.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as target:
        made.backup(target)
    unfinished.rename(kept)


def _on_postgresql(creation: BaseDatabaseCreation, options: dict) -> str:
    template = kept_template()
    with creation._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        known = cursor.fetchone() is not None
    if known:
        creation.connection.settings_dict["TEST"]["TEMPLATE"] = template
        return _create(creation, **options)
    name = _create(creation, **options)
    creation.connection.close()
    with creation._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{template}" TEMPLATE "{name}"')
    return name
