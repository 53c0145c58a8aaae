"""The simulator's own SQLite file. One connection per use: requests and notifications run in threads."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from banksim import gateways, settings

#: How long a writer waits for another one.
BUSY_SECONDS = 15

SCHEMA = """
CREATE TABLE IF NOT EXISTS control (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    gateway TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('received', 'emitted')),
    operation TEXT NOT NULL,
    reference TEXT NOT NULL,
    method TEXT NOT NULL,
    address TEXT NOT NULL,
    sent TEXT NOT NULL,
    status INTEGER,
    answer TEXT NOT NULL,
    verdict TEXT NOT NULL,
    signed TEXT NOT NULL DEFAULT ''
) STRICT;
"""

#: One connection for the life of the program: when the last one closes, SQLite folds its write-ahead file back
#: into the database, which would happen at every request.
_anchor: list[sqlite3.Connection] = []


def prepare() -> None:
    """Create the file and its tables; a file that exists keeps its content."""
    settings.BANKSIM_DATABASE.parent.mkdir(parents=True, exist_ok=True)
    anchor = _connect()
    anchor.execute("PRAGMA journal_mode = WAL")
    for schema in (SCHEMA, *(gateway.schema for gateway in gateways.each())):
        anchor.executescript(schema)
    _complete(anchor)
    _anchor.append(anchor)


def _complete(connection: sqlite3.Connection) -> None:
    """A journal kept from before signatures has no column for them."""
    columns = {row["name"] for row in connection.execute("PRAGMA table_info (journal)")}
    if "signed" not in columns:
        connection.execute("ALTER TABLE journal ADD COLUMN signed TEXT NOT NULL DEFAULT ''")


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(settings.BANKSIM_DATABASE, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    # A killed program loses nothing; only a power cut may cost a simulator its last lines.
    connection.execute("PRAGMA synchronous = OFF")
    return connection


@contextmanager
def _connection() -> Iterator[sqlite3.Connection]:
    connection = _connect()
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def reading() -> Iterator[sqlite3.Connection]:
    """A connection to read with."""
    with _connection() as connection:
        yield connection


@contextmanager
def writing() -> Iterator[sqlite3.Connection]:
    """One transaction that holds the write lock from its first statement, so a read inside it stays true."""
    with _connection() as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def control(name: str, default: Any, *, inside: sqlite3.Connection | None = None) -> Any:
    """A setting of the simulator (JSON value), or `default`; `inside` joins a transaction already open."""
    if inside is None:
        with reading() as connection:
            return control(name, default, inside=connection)
    row = inside.execute("SELECT value FROM control WHERE name = ?", [name]).fetchone()
    return default if row is None else json.loads(row["value"])


def set_control(name: str, value: Any, *, inside: sqlite3.Connection | None = None) -> None:
    """Keep a setting; `inside` joins a transaction already open."""
    if inside is None:
        with writing() as connection:
            set_control(name, value, inside=connection)
        return
    inside.execute(
        "INSERT INTO control VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, json.dumps(value)],
    )


def clear() -> None:
    """Forget settings and journal; gateways clear their own tables."""
    with writing() as connection:
        connection.execute("DELETE FROM control")
        connection.execute("DELETE FROM journal")
