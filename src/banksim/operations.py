"""What payers do at the banks, and the money it moves: one table for every bank that has accounts."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from banksim import store

SCHEMA = """
CREATE TABLE IF NOT EXISTS operation (
    id TEXT PRIMARY KEY,
    gateway TEXT NOT NULL,
    key TEXT NOT NULL,
    merchant TEXT NOT NULL,
    reference TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    asked TEXT NOT NULL,
    created_at TEXT NOT NULL,
    opened_at TEXT,
    returned_at TEXT,
    outcome TEXT,
    outcome_at TEXT,
    given TEXT NOT NULL,
    wrong_codes INTEGER NOT NULL DEFAULT 0,
    scenario TEXT,
    notify TEXT,
    return_mode TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS operation_key ON operation (gateway, key);
CREATE TABLE IF NOT EXISTS movement (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL REFERENCES operation (id),
    at TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('DEBIT', 'CREDIT')),
    amount_cents INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    given TEXT NOT NULL
) STRICT;
"""

Kind = Literal["DEBIT", "CREDIT"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One payment page, or one order for it.

    `id` is the simulator's own and names its pages; `key` is what the control interface calls it. `asked` is what
    the merchant sent, `given` what the bank answers besides its outcome (numbers, dates). `outcome` is a native code.
    `notify` and `return_mode` are its own controls, as asked; None means the defaults.
    """

    id: str
    gateway: str
    key: str
    merchant: str
    reference: str
    amount_cents: int
    asked: Mapping[str, Any]
    created_at: datetime
    opened_at: datetime | None = None
    returned_at: datetime | None = None
    outcome: str | None = None
    outcome_at: datetime | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    wrong_codes: int = 0
    scenario: str | None = None
    notify: Any = None
    return_mode: str | None = None


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Money that moved: `given` and `outcome` are those of the operation at that instant."""

    operation: Operation
    at: datetime
    kind: Kind
    amount_cents: int
    outcome: str
    given: Mapping[str, Any]


_COLUMNS = tuple(column.name for column in fields(Operation))
_INSTANTS = ("created_at", "opened_at", "returned_at", "outcome_at")
_OBJECTS = ("asked", "given", "notify")
_MOVE = "INSERT INTO movement (operation, at, kind, amount_cents, outcome, given) VALUES (?, ?, ?, ?, ?, ?)"


def insert(operation: Operation) -> Operation:
    """Keep a new operation."""
    marks = ", ".join(f":{column}" for column in _COLUMNS)
    with store.writing() as connection:
        connection.execute(
            f"INSERT INTO operation ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608  (our own columns)
            _stored(asdict(operation)),
        )
    return operation


def change(operation: Operation, **values: Any) -> Operation:
    """Change some columns and give the operation back."""
    with store.writing() as connection:
        _update(connection, operation.id, values)
    return fresh(operation)


def mark_once(operation: Operation, moment: Literal["opened_at", "returned_at"], at: datetime) -> bool:
    """Write a moment that happens once; of two calls at the same instant one gets True."""
    with store.writing() as connection:
        done = connection.execute(
            f"UPDATE operation SET {moment} = ? WHERE id = ? AND {moment} IS NULL",  # noqa: S608  (two literals)
            [at.isoformat(), operation.id],
        )
        return done.rowcount == 1


def conclude(
    operation: Operation,
    *,
    outcome: str,
    at: datetime,
    given: Mapping[str, Any],
    over: Collection[str] | None = None,
    moves: Kind | None = None,
) -> bool:
    """Write how it ends, and the money it moves if any.

    `over` names the outcomes it may replace, besides none; None means any. Whether it was written.
    """
    with store.writing() as connection:
        row = connection.execute("SELECT outcome FROM operation WHERE id = ?", [operation.id]).fetchone()
        if over is not None and row["outcome"] is not None and row["outcome"] not in over:
            return False
        _update(connection, operation.id, {"outcome": outcome, "outcome_at": at, "given": given})
        if moves is not None:
            moved = [operation.id, at.isoformat(), moves, operation.amount_cents, outcome, json.dumps(given)]
            connection.execute(_MOVE, moved)
        return True


def move(operation: Operation, *, kind: Kind, cents: int, at: datetime, outcome: str, given: Mapping[str, Any]) -> None:
    """Write money that moves without changing how the operation ended: a refund of a part."""
    with store.writing() as connection:
        connection.execute(_MOVE, [operation.id, at.isoformat(), kind, cents, outcome, json.dumps(given)])


def note(operation: Operation, name: str) -> None:
    """Add a mark to what the bank gave with this outcome, unless it ended otherwise since."""
    with store.writing() as connection:
        connection.execute(
            "UPDATE operation SET given = json_set(given, ?, json('true')) WHERE id = ? AND outcome_at = ?",
            [f"$.{name}", operation.id, operation.outcome_at and operation.outcome_at.isoformat()],
        )


def count_wrong_code(operation: Operation) -> int:
    """One more wrong 3-D Secure code; how many so far."""
    with store.writing() as connection:
        connection.execute("UPDATE operation SET wrong_codes = wrong_codes + 1 WHERE id = ?", [operation.id])
    return fresh(operation).wrong_codes


def fresh(operation: Operation) -> Operation:
    """The same operation as it is now."""
    return by_id(operation.gateway, operation.id) or operation


def by_id(gateway: str, identifier: str) -> Operation | None:
    """The operation of these pages."""
    return _first("gateway = ? AND id = ?", [gateway, identifier])


def by_key(gateway: str, key: str) -> Operation | None:
    """The newest operation of this key."""
    return _first("gateway = ? AND key = ?", [gateway, key])


def listed(gateway: str, *, reference: str = "", limit: int = 500) -> list[Operation]:
    """The newest first; `reference` keeps those of one."""
    return _select("gateway = ? AND ? IN ('', reference)", [gateway, reference], limit)


def movements(gateway: str) -> list[Movement]:
    """Every movement of a gateway, the oldest first."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT movement.* FROM movement JOIN operation ON operation.id = movement.operation"
            " WHERE gateway = ? ORDER BY movement.id",
            [gateway],
        ).fetchall()
    known = {operation.id: operation for operation in listed(gateway, limit=-1)}
    return [
        Movement(
            operation=known[row["operation"]],
            at=datetime.fromisoformat(row["at"]),
            kind=row["kind"],
            amount_cents=row["amount_cents"],
            outcome=row["outcome"],
            given=json.loads(row["given"]),
        )
        for row in rows
    ]


def clear(gateway: str) -> None:
    """Forget the operations of a gateway."""
    with store.writing() as connection:
        connection.execute(
            "DELETE FROM movement WHERE operation IN (SELECT id FROM operation WHERE gateway = ?)", [gateway]
        )
        connection.execute("DELETE FROM operation WHERE gateway = ?", [gateway])


def _update(connection: sqlite3.Connection, identifier: str, values: Mapping[str, Any]) -> None:
    assignments = ", ".join(f"{column} = :{column}" for column in values if column in _COLUMNS)
    connection.execute(
        f"UPDATE operation SET {assignments} WHERE id = :id",  # noqa: S608  (our own columns)
        _stored({**values, "id": identifier}),
    )


def _first(where: str, values: list[str]) -> Operation | None:
    return next(iter(_select(where, values, 1)), None)


def _select(where: str, values: list[str], limit: int) -> list[Operation]:
    with store.reading() as connection:
        rows = connection.execute(
            f"SELECT * FROM operation WHERE {where} ORDER BY rowid DESC LIMIT ?",  # noqa: S608  (our own conditions)
            [*values, limit],
        ).fetchall()
    return [_operation(row) for row in rows]


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    stored = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    return {
        name: json.dumps(value) if name in _OBJECTS and value is not None else value for name, value in stored.items()
    }


def _operation(row: sqlite3.Row) -> Operation:
    values = dict(row)
    for name in _INSTANTS:
        values[name] = None if values[name] is None else datetime.fromisoformat(values[name])
    for name in _OBJECTS:
        values[name] = None if values[name] is None else json.loads(values[name])
    return Operation(**values)
