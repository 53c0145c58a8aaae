"""The journal of a Systempay shop, with the status that each transaction has now; euros, times in UTC."""

from collections.abc import Mapping
from datetime import UTC

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
from preau.foundation.text import quoted
from preau.plugins.gateways.systempay.results import is_documented, reading_of

_COLUMNS = columns(
    *("date", "site_id", "order_id", "trans_uuid", "trans_id"),
    *("montant", "devise", "operation_type", "trans_status"),
)
_OPERATIONS = {name: name for name in ("DEBIT", "CREDIT", "VERIFICATION")}
#: (operation, what its status says of a debit); anything else has not moved money, or not yet.
_KINDS: Mapping[tuple[str, Verdict], StatementKind] = {
    ("DEBIT", Verdict.PAID): StatementKind.PAYMENT,
    ("DEBIT", Verdict.UNDONE): StatementKind.UNPAID,
    ("CREDIT", Verdict.PAID): StatementKind.REFUND,
}


def read_statement(content: bytes) -> list[StatementLine]:
    """Debits that the bank will pay, those it will not after all, and refunds.

    Raises:
        StatementRefusedError: a fault at least.
    """
    return read_lines(content, _COLUMNS, _line)


def _line(reading: RowReading) -> StatementLine | None:
    operation = one_of(reading, "operation_type", _OPERATIONS, otherwise="")
    kind = _KINDS.get((operation, _verdict(reading)))
    if kind is None:
        return None
    reference = our_reference(reading, "order_id")
    return StatementLine(
        number=reading.number,
        kind=kind,
        merchant=merchant(reading, "site_id"),
        reference=reference,
        gateway_reference=reference,
        transaction_reference=bank_reference(reading, "trans_uuid"),
        amount_cents=euros(reading, "montant"),
        currency=currency(reading, "devise"),
        means="card_online",
        occurred_at=instant(reading, "date", shape="%Y-%m-%d %H:%M:%S", zone=UTC),
    )


def _verdict(reading: RowReading) -> Verdict:
    status = reading.cell("trans_status")
    if not is_documented(status):
        reading.fault("trans_status", f"statut {quoted(status)} inconnu", "error")
    verdict, _ = reading_of({"vads_operation_type": "DEBIT", "vads_trans_status": status})
    return verdict
