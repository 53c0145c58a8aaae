"""A gateway in memory, for tests of the life of payments: it says what the test tells it to say.

The real wire is tested against the bank simulator; this one exists so that any order of events can be tried
thousands of times.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from preau.domain.payments.contract_settings import Setting
from preau.domain.payments.errors import GatewayError, GatewayUnavailableError, StatementRefusedError
from preau.domain.payments.gateway import (
    Answers,
    Checkup,
    Limits,
    Merchant,
    Message,
    Order,
    Presentation,
    Redirect,
    Report,
    StatementLine,
    register,
)
from preau.domain.payments.states import Verdict
from preau.domain.regies.models import Channel
from preau.foundation import clock


@dataclass
class Operation:
    """One operation as the fake bank knows it."""

    order: Order
    reference: str
    verdict: Verdict = Verdict.PENDING
    transaction_reference: str = ""
    changes: dict = field(default_factory=dict)


class FakeGateway:
    code = "fake"
    channel = Channel.ONLINE
    limits = Limits(min_cents=1_00, max_cents=100_000_00, session_minutes=15)
    presentation = Presentation(
        label="Banque d’essai",
        operator="Essai",
        official_host="banque.example",
        debit_days={"card_online": (2, 4)},
    )
    answers = Answers()
    number = Setting("merchant", "Numéro")
    settings = ()
    can_ask = True
    is_hearsay = False

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.operations: dict[str, Operation] = {}
        self.down = False
        self.refusal: GatewayError | None = None
        self.asked = 0
        self.statements: dict[bytes, list[StatementLine]] = {}
        self.refused_statements: dict[bytes, list[tuple[int, str]]] = {}

    def start(self, order: Order, *, timeout: float) -> Redirect:
        if self.refusal:
            raise self.refusal
        if self.down:
            raise GatewayUnavailableError("down")
        reference = f"op-{len(self.operations) + 1}-{order.reference[-6:]}"
        self.operations[reference] = Operation(order, reference)
        return Redirect(url=f"https://banque.example/{reference}", gateway_reference=reference)

    def pay(
        self, operation_id: str, *, verdict: Verdict = Verdict.PAID, transaction: str = "AUTO01", **changes
    ) -> None:
        operation = self.operations[operation_id]
        operation.verdict, operation.transaction_reference, operation.changes = verdict, transaction, changes

    def reference_in(self, message: Message) -> str | None:
        return dict(pair.split("=", 1) for pair in message.query.split("&") if "=" in pair).get("op")

    def read(self, merchant: Merchant, message: Message) -> Report | None:
        return None

    def ask(self, merchant: Merchant, gateway_reference: str, *, timeout: float) -> Report:
        self.asked += 1
        if self.down:
            raise GatewayUnavailableError("down")
        operation = self.operations[gateway_reference]
        report = Report(
            verdict=operation.verdict,
            authentic=True,
            gateway_reference=gateway_reference,
            reference=operation.order.reference,
            merchant=merchant.number,
            mode=merchant.mode,
            amount_cents=operation.order.amount_cents,
            transaction_reference=operation.transaction_reference,
            means="card_online",
            code=operation.verdict.value,
            label="dit par la banque d’essai",
            occurred_at=self._paid_at(),
        )
        return replace(report, **operation.changes)

    def _paid_at(self) -> datetime:
        return clock.now()

    def read_statement(self, content: bytes) -> list[StatementLine]:
        """The lines that a test puts in `statements` under the content of the file."""
        if content in self.refused_statements:
            raise StatementRefusedError(self.refused_statements[content])
        return self.statements[content]

    def problems(self, merchant: Merchant) -> list[str]:
        return []

    def probe(self, merchant: Merchant, *, timeout: float) -> Checkup:
        return Checkup(right=("La banque d’essai répond.",))

    def page_origins(self, merchant: Merchant) -> list[str]:
        return ["https://banque.example"]

    def checks_email(self, email: str) -> bool:
        return "@" in email and len(email) >= 6


BANK = FakeGateway()


def emptied_bank() -> FakeGateway:
    register(BANK)
    BANK.reset()
    return BANK


@pytest.fixture(autouse=True)
def bank():
    """The fake bank, empty; every test has it under the code « fake »."""
    return emptied_bank()
