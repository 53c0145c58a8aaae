"""What the statements of all banks have in common: a table, read whole or not at all, every fault told."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TypeVar

from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.gateway import StatementLine
from preau.foundation.instants import PARIS, read_instant
from preau.foundation.money import parse_cents, read_cents
from preau.foundation.tabular import Column, Fault, Layout, RowReading, Table, at_most
from preau.foundation.text import quoted

T = TypeVar("T")

_REFERENCE = 64
_MERCHANT = 40
_EURO = {"EUR", "978"}
#: Stands where an instant could not be read; its line is refused.
_NO_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def columns(*titles: str) -> tuple[Column, ...]:
    """Columns that a statement must all have, each known by its title."""
    return tuple(Column(title, (title,), required=True) for title in titles)


def read_lines(
    content: bytes, known: Sequence[Column], line_of: Callable[[RowReading], StatementLine | None]
) -> list[StatementLine]:
    """What `line_of` makes of each row, in their order; None for a row that moved no money.

    Raises:
        StatementRefusedError: one fault at least, in the file or in a row.
    """
    table = Table(io.BytesIO(content), size=len(content), may_be_empty=True)
    layout = Layout(table, known)
    faults, lines = [*layout.faults], []
    if layout.complete:
        for row in table:
            line = line_of(RowReading(layout, row, faults))
            lines.extend([] if line is None else [line])
    wrong = [fault for fault in (*table.faults, *faults) if fault.severity == "error"]
    if wrong:
        raise StatementRefusedError([(fault.line, _told(fault)) for fault in sorted(wrong, key=lambda one: one.line)])
    return lines


def _told(fault: Fault) -> str:
    return f"colonne {quoted(fault.column)}\u202f: {fault.reason}" if fault.column else fault.reason


def our_reference(reading: RowReading, key: str) -> str:
    """The merchant's own reference, cut where ours never end; empty when the operation has none."""
    return reading.cell(key)[:_REFERENCE]


def bank_reference(reading: RowReading, key: str) -> str:
    """What the bank calls the operation; an error without it."""
    return _needed(reading, key, partial(at_most, limit=_REFERENCE), otherwise="")


def merchant(reading: RowReading, key: str) -> str:
    """The number of the contract."""
    return _needed(reading, key, partial(at_most, limit=_MERCHANT), otherwise="")


def euros(reading: RowReading, key: str) -> int:
    """Cents of an amount in euros, positive."""
    return _needed(reading, key, lambda text: _positive(text, parse_cents(text)), otherwise=0)


def cents(reading: RowReading, key: str) -> int:
    """Cents written as such, positive."""
    return _needed(reading, key, lambda text: _positive(text, read_cents(text)), otherwise=0)


def currency(reading: RowReading, key: str) -> str:
    """Three letters, or the number of a currency."""
    return _needed(reading, key, lambda text: "EUR" if text in _EURO else at_most(text, 3), otherwise="")


def one_of(reading: RowReading, key: str, known: Mapping[str, T], *, otherwise: T) -> T:
    """What a code means; `otherwise`, and an error, when nobody documents it."""
    return _needed(reading, key, partial(_meaning, known), otherwise=otherwise)


def instant(reading: RowReading, *keys: str, shape: str, zone: tzinfo = PARIS) -> datetime:
    """The UTC instant of the cells of `keys`, read one after the other (`strptime` shape)."""
    text = " ".join(reading.cell(key) for key in keys)
    found = read_instant(text, shape, zone=zone)
    if found is None:
        reading.fault(keys[0], f"{quoted(text)} n’est pas une date et une heure", "error")
    return found or _NO_INSTANT


def _needed(reading: RowReading, key: str, parse: Callable[[str], T], *, otherwise: T) -> T:
    return reading.value(key, parse, otherwise=otherwise, required=True, unreadable="error")


def _positive(text: str, amount: int | None) -> int:
    if not amount or amount < 0:
        raise ValueError(f"{quoted(text)} n’est pas un montant positif")
    return amount


def _meaning(known: Mapping[str, T], code: str) -> T:
    try:
        return known[code]
    except KeyError:
        raise ValueError(f"{quoted(code)} inconnu ({', '.join(known)} attendus)") from None
