"""The statement of a Paybox site: the only place where the bank names the shop that was paid (payment-gateways 5.7).

Euros, days and times of Paris; the code is that of the payment page (5.8).
"""

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
from preau.foundation.tabular import RowReading
from preau.plugins.gateways.paybox.codes import ACCEPTED

_COLUMNS = columns(
    *("date", "heure", "site", "rang", "reference", "numero_appel", "numero_transaction"),
    *("montant", "devise", "operation", "erreur"),
)
_KINDS = {"DEBIT": StatementKind.PAYMENT, "CREDIT": StatementKind.REFUND}


def read_statement(content: bytes) -> list[StatementLine]:
    """Accepted debits and refunds.

    Raises:
        StatementRefusedError: a fault at least.
    """
    return read_lines(content, _COLUMNS, _line)


def _line(reading: RowReading) -> StatementLine | None:
    if reading.cell("erreur") != ACCEPTED:
        return None
    reference = our_reference(reading, "reference")
    numbers = (bank_reference(reading, "numero_appel"), bank_reference(reading, "numero_transaction"))
    return StatementLine(
        number=reading.number,
        kind=one_of(reading, "operation", _KINDS, otherwise=StatementKind.PAYMENT),
        merchant=merchant(reading, "site"),
        reference=reference,
        gateway_reference=reference,
        transaction_reference="-".join(numbers),
        amount_cents=euros(reading, "montant"),
        currency=currency(reading, "devise"),
        means="card_online",
        occurred_at=instant(reading, "date", "heure", shape="%d/%m/%Y %H:%M:%S"),
    )
