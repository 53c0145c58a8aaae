"""Statements of the fake bank, and the morning after."""

from datetime import datetime, timedelta
from hashlib import sha256

from preau.domain.payments.gateway import StatementKind, StatementLine
from preau.domain.payments.models import BankStatement, PaymentAttempt, Reconciliation
from preau.domain.payments.services.reconciliation import reconcile
from preau.domain.payments.services.statements import import_statement
from preau.domain.regies.models import GatewayContract
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM


def line_of(attempt: PaymentAttempt, **changes) -> StatementLine:
    """What an honest bank lists of an attempt that was paid a minute after its payer left."""
    values = {
        "number": 2,
        "kind": StatementKind.PAYMENT,
        "merchant": attempt.merchant,
        "reference": attempt.reference,
        "gateway_reference": "",
        "transaction_reference": "AUTO01",
        "amount_cents": attempt.amount_cents,
        "currency": "EUR",
        "means": "card_online",
        "occurred_at": (attempt.sent_at or clock.now()) + timedelta(minutes=1),
    }
    return StatementLine(**{**values, **changes})


def file_of(bank, *lines: StatementLine, salt: str = "") -> bytes:
    """A file that the fake bank reads as these lines; another `salt`, another file."""
    content = f"{salt}{lines!r}".encode()
    content = sha256(content).hexdigest().encode()
    bank.statements[content] = list(lines)
    return content


def take(bank, *lines: StatementLine, salt: str = "", **values) -> BankStatement:
    """Import a statement of these lines, among all contracts."""
    return import_statement(
        **{
            "gateway": "fake",
            "content": file_of(bank, *lines, salt=salt),
            "name": "releve.csv",
            "by": SYSTEM,
            "among": list(GatewayContract.objects.all()),
            **values,
        }
    )


def constat_of(contract: GatewayContract, day, *, at: datetime | None = None, **values) -> Reconciliation:
    """Reconcile a day, at an instant if one is given."""
    if at is None:
        return reconcile(contract=contract, day=day, by=SYSTEM, **values)
    with clock.frozen(at):
        return reconcile(contract=contract, day=day, by=SYSTEM, **values)
