"""The DGFiP's return file for a client: accepted operations, in cents, days and minutes of Paris (3.4)."""

from preau.domain.payments.gateway import StatementKind, StatementLine
from preau.domain.payments.statement_files import (
    bank_reference,
    cents,
    columns,
    instant,
    merchant,
    one_of,
    our_reference,
    read_lines,
)
from preau.foundation.tabular import RowReading

_COLUMNS = columns("numcli", "exer", "refdet", "montant", "dattrans", "heurtrans", "numauto", "resultrans", "saisie")
#: resultrans → means; refused and abandoned ones moved no money.
_MEANS = {"P": "card_online", "V": "debit_online", "R": "", "Z": "", "A": ""}
_MODES = {"T": "test", "X": "activation", "W": "production"}


def read_statement(content: bytes) -> list[StatementLine]:
    """Payments by card and debits accepted; the protocol knows no other kind.

    Raises:
        StatementRefusedError: a fault at least.
    """
    return read_lines(content, _COLUMNS, _line)


def _line(reading: RowReading) -> StatementLine | None:
    means = one_of(reading, "resultrans", _MEANS, otherwise="")
    if not means:
        return None
    reference = our_reference(reading, "refdet")
    return StatementLine(
        number=reading.number,
        kind=StatementKind.PAYMENT,
        merchant=merchant(reading, "numcli"),
        reference=reference,
        gateway_reference="",  # the file does not name the operation (idOp)
        transaction_reference=bank_reference(reading, "numauto"),
        amount_cents=cents(reading, "montant"),
        currency="EUR",
        means=means,
        occurred_at=instant(reading, "dattrans", "heurtrans", shape="%d%m%Y %H%M"),
        mode=one_of(reading, "saisie", _MODES, otherwise=""),
    )
