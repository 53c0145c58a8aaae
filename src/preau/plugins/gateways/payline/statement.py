"""The statement of a Payline contract: actions of the service (8.3), euros, days and times of Paris."""

from preau.domain.payments.gateway import StatementKind, StatementLine
from preau.domain.payments.statement_files import (
    bank_reference,
    columns,
    currency,
    euros,
    instant,
    merchant,
    one_of,
    our_reference,
    read_lines,
)
from preau.domain.payments.states import Verdict
from preau.foundation.tabular import RowReading
from preau.plugins.gateways.payline.codes import verdict_of

_COLUMNS = columns("date", "contrat", "reference", "transaction", "montant", "devise", "operation", "code")
#: 101 authorisation and capture, 201 capture, 421 refund; an authorisation alone (100) moves nothing.
_KINDS = {
    "101": StatementKind.PAYMENT,
    "201": StatementKind.PAYMENT,
    "421": StatementKind.REFUND,
    "100": None,
}


def read_statement(content: bytes) -> list[StatementLine]:
    """Accepted payments and refunds.

    Raises:
        StatementRefusedError: a fault at least.
    """
    return read_lines(content, _COLUMNS, _line)


def _line(reading: RowReading) -> StatementLine | None:
    kind = one_of(reading, "operation", _KINDS, otherwise=None)
    if kind is None or verdict_of(reading.cell("code"), "ACCEPTED") != Verdict.PAID:
        return None
    return StatementLine(
        number=reading.number,
        kind=kind,
        merchant=merchant(reading, "contrat"),
        reference=our_reference(reading, "reference"),
        gateway_reference="",  # the statement has no token
        transaction_reference=bank_reference(reading, "transaction"),
        amount_cents=euros(reading, "montant"),
        currency=currency(reading, "devise"),
        means="card_online",
        occurred_at=instant(reading, "date", shape="%d/%m/%Y %H:%M:%S"),
    )
