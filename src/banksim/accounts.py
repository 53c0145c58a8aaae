"""Merchants declared to the banks, with their keys: one table for all, each bank says what its account holds."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar, Protocol, TypeVar

from banksim import store
from banksim.controls import ControlRefusedError

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    gateway TEXT NOT NULL,
    number TEXT NOT NULL,
    declared TEXT NOT NULL,
    PRIMARY KEY (gateway, number)
) STRICT;
"""


class Account(Protocol):
    """A frozen dataclass of JSON values; `number` names it in statements, `label` is the merchant's name on pages."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def number(self) -> str: ...
    @property
    def label(self) -> str: ...


A = TypeVar("A", bound=Account)


def declare(gateway: str, kind: type[A], declared: Mapping[str, Any]) -> None:
    """Declare the account that this JSON describes, or change it.

    Raises:
        ControlRefusedError: an unknown field, one that is missing, or a value that its account refuses.
    """
    try:
        account = kind(**declared)
    except (AttributeError, TypeError, ValueError) as error:
        raise ControlRefusedError(f"compte mal décrit : {error}") from error
    with store.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO account VALUES (?, ?, ?)",
            [gateway, account.number, json.dumps(asdict(account), ensure_ascii=False)],
        )


def listed(gateway: str, kind: type[A]) -> list[A]:
    """The accounts of a gateway."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT declared FROM account WHERE gateway = ? ORDER BY number", [gateway]
        ).fetchall()
    return [kind(**json.loads(row["declared"])) for row in rows]


def forget(gateway: str) -> None:
    """Nobody has an account there any more."""
    with store.writing() as connection:
        connection.execute("DELETE FROM account WHERE gateway = ?", [gateway])
