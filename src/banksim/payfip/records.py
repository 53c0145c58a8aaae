"""PayFiP's clients and operations in the simulator's database."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from banksim import store
from banksim.payfip.fields import Client, Order

SCHEMA = """
CREATE TABLE IF NOT EXISTS payfip_client (
    numcli TEXT PRIMARY KEY,
    label_1 TEXT NOT NULL,
    label_2 TEXT NOT NULL,
    label_3 TEXT NOT NULL,
    secured INTEGER NOT NULL,
    ceiling_cents INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS payfip_payment (
    idop TEXT PRIMARY KEY,
    page_key TEXT NOT NULL UNIQUE,
    numcli TEXT NOT NULL,
    exer TEXT NOT NULL,
    refdet TEXT NOT NULL,
    objet TEXT,
    montant INTEGER NOT NULL,
    mel TEXT NOT NULL,
    urlnotif TEXT NOT NULL,
    urlredirect TEXT NOT NULL,
    saisie TEXT NOT NULL,
    created_at TEXT NOT NULL,
    opened_at TEXT,
    returned_at TEXT,
    result TEXT CHECK (result IN ('P', 'V', 'R', 'Z', 'A')),
    result_at TEXT,
    numauto TEXT,
    wrong_codes INTEGER NOT NULL DEFAULT 0,
    purged INTEGER NOT NULL DEFAULT 0,
    scenario TEXT,
    notify TEXT,
    return_mode TEXT
) STRICT;
"""


@dataclass(frozen=True, kw_only=True)
class Payment(Order):
    """One operation (idOp). `notify` and `return_mode` are its own controls, as asked; None means the defaults."""

    idop: str
    page_key: str
    created_at: datetime
    opened_at: datetime | None = None
    returned_at: datetime | None = None
    result: str | None = None
    result_at: datetime | None = None
    numauto: str | None = None
    wrong_codes: int = 0
    purged: bool = False
    scenario: str | None = None
    notify: Any = None
    return_mode: str | None = None


_INSTANTS = ("created_at", "opened_at", "returned_at", "result_at")
_COLUMNS = tuple(field.name for field in fields(Payment))


def read_client(declared: Mapping[str, Any]) -> Client:
    """A client from JSON: `numcli`, `label_1` to `label_3`, `secured`, `ceiling_cents`.

    Raises:
        TypeError: an unknown field, or none of the two mandatory ones.
    """
    return Client(**declared)


def save_client(client: Client) -> None:
    """Declare a client, or change it."""
    with store.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO payfip_client VALUES"
            " (:numcli, :label_1, :label_2, :label_3, :secured, :ceiling_cents)",
            asdict(client),
        )


def client(numcli: str) -> Client | None:
    """The declared client, if any."""
    return next((known for known in clients() if known.numcli == numcli), None)


def clients() -> list[Client]:
    """The declared clients."""
    with store.reading() as connection:
        rows = connection.execute("SELECT * FROM payfip_client ORDER BY numcli").fetchall()
    return [Client(**{**dict(row), "secured": bool(row["secured"])}) for row in rows]


def insert(payment: Payment) -> None:
    """Keep a new operation."""
    marks = ", ".join(f":{column}" for column in _COLUMNS)
    with store.writing() as connection:
        connection.execute(
            f"INSERT INTO payfip_payment ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608  (our own columns)
            _stored(asdict(payment)),
        )


def change(idop: str, **values: Any) -> Payment:
    """Change some columns of an operation and give it back."""
    assignments = ", ".join(f"{column} = :{column}" for column in values if column in _COLUMNS)
    with store.writing() as connection:
        connection.execute(
            f"UPDATE payfip_payment SET {assignments} WHERE idop = :idop",  # noqa: S608  (our own columns)
            _stored({**values, "idop": idop}),
        )
        row = connection.execute("SELECT * FROM payfip_payment WHERE idop = ?", [idop]).fetchone()
    return _payment(row)


def mark_once(idop: str, moment: Literal["opened_at", "returned_at"], at: datetime) -> bool:
    """Write a moment that happens once; of two calls at the same instant one gets True."""
    with store.writing() as connection:
        done = connection.execute(
            f"UPDATE payfip_payment SET {moment} = ? WHERE idop = ? AND {moment} IS NULL",  # noqa: S608  (two literals)
            [at.isoformat(), idop],
        )
        return done.rowcount == 1


def conclude(idop: str, *, result: str, at: datetime, numauto: str | None, replace: bool) -> bool:
    """Write the result; unless `replace`, only over none or over an abandonment. Whether it was written."""
    with store.writing() as connection:
        done = connection.execute(
            "UPDATE payfip_payment SET result = ?, result_at = ?, numauto = ?"
            " WHERE idop = ? AND (? OR result IS NULL OR result = 'A')",
            [result, at.isoformat(), numauto, idop, replace],
        )
        return done.rowcount == 1


def count_wrong_code(idop: str) -> int:
    """One more wrong 3-D Secure code; how many so far."""
    with store.writing() as connection:
        connection.execute("UPDATE payfip_payment SET wrong_codes = wrong_codes + 1 WHERE idop = ?", [idop])
        row = connection.execute("SELECT wrong_codes FROM payfip_payment WHERE idop = ?", [idop]).fetchone()
        return int(row["wrong_codes"])


def payment(*, idop: str = "", page_key: str = "") -> Payment | None:
    """The operation of this idOp, or of this payment page."""
    with store.reading() as connection:
        row = connection.execute(
            "SELECT * FROM payfip_payment WHERE idop = ? OR page_key = ?", [idop, page_key]
        ).fetchone()
    return None if row is None else _payment(row)


def payments(*, refdet: str = "", limit: int = 500) -> list[Payment]:
    """The newest first; `refdet` keeps those of one debt."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM payfip_payment WHERE ? IN ('', refdet) ORDER BY created_at DESC, rowid DESC LIMIT ?",
            [refdet, limit],
        ).fetchall()
    return [_payment(row) for row in rows]


def purge() -> int:
    """The night passes over: operations without a result are forgotten. How many."""
    with store.writing() as connection:
        return connection.execute("UPDATE payfip_payment SET purged = 1 WHERE result IS NULL AND NOT purged").rowcount


def clear() -> None:
    """Forget operations; clients stay declared."""
    with store.writing() as connection:
        connection.execute("DELETE FROM payfip_payment")


def forget_clients() -> None:
    """Nobody is a client any more."""
    with store.writing() as connection:
        connection.execute("DELETE FROM payfip_client")


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    stored = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
    if stored.get("notify") is not None:
        stored["notify"] = json.dumps(stored["notify"])
    return stored


def _payment(row: sqlite3.Row) -> Payment:
    values = dict(row)
    for name in _INSTANTS:
        values[name] = None if values[name] is None else datetime.fromisoformat(values[name])
    values["notify"] = None if values["notify"] is None else json.loads(values["notify"])
    return Payment(**{**values, "purged": bool(values["purged"])})
