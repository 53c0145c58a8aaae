"""The imitated gateways: each is a folder whose `gateway` module names in `GATEWAY` what the common parts must know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol, cast

from banksim import settings


@dataclass(frozen=True, kw_only=True)
class Line:
    """One operation on the home page: `key` finds it in the journal, `page` opens its payment page if it still can."""

    key: str
    reference: str
    creditor: str
    amount: str
    state: str
    page: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One accepted operation of a statement: its cells by column, but that of the amount."""

    at: datetime
    reference: str
    amount_cents: int
    cells: Mapping[str, str]


class Gateway(Protocol):
    """What each folder declares."""

    name: str
    label: str
    aliases: tuple[str, ...]  # other names of the same
    schema: str  # CREATE TABLE IF NOT EXISTS…
    operations: tuple[str, ...]  # what a fault may be set on
    faults: Mapping[str, str]  # fault kinds of its own, each with its description
    columns: tuple[str, ...]  # of its statement; the amount is « montant »

    def declare(self, declared: Mapping[str, Any]) -> None:
        """Make a merchant known, from JSON."""

    def clear(self) -> None:
        """Forget operations; merchants stay declared."""

    def summary(self, now: datetime) -> Sequence[Line]:
        """The last operations."""

    def rows(self, merchant: str) -> Iterable[Row]:
        """The accepted operations of a merchant, for its statement."""

    def write_amount(self, cents: int) -> str:
        """An amount as its statement writes it."""


def each() -> list[Gateway]:
    """The gateways of the settings."""
    return [cast("Gateway", import_module(f"{package}.gateway").GATEWAY) for package in settings.BANKSIM_GATEWAYS]


def named(name: str) -> Gateway | None:
    """The gateway of this name, or of this other name."""
    return next((gateway for gateway in each() if name in {gateway.name, *gateway.aliases}), None)
