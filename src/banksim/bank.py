"""A bank with accounts, pages, outcomes and notifications, as the shared pages and control interface see it."""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Generic

from django.urls import reverse

from banksim import accounts, clock, controls, journal, notifier, operations
from banksim.accounts import A
from banksim.controls import ControlRefusedError, Notify, ReturnMode
from banksim.gateways import Line, Row
from banksim.notifier import Call
from banksim.operations import Kind, Movement, Operation
from banksim.wording import euros, plain_euros

Batch = Future[list[notifier.Delivery]]
#: The outcome that decides nothing: the payer went away.
NOTHING = "none"
#: The outcome that gives the money back.
CREDIT = "CREDIT"
NOTIFICATION = "notification"
#: What the browser page waits for a notification that must come before the return.
_BEFORE_RETURN_SECONDS = 25


class Bank(ABC, Generic[A]):
    """One imitated bank; its folder names an instance `GATEWAY`. What is abstract or without a value is its own."""

    name: str
    label: str
    account_kind: type[A]
    schema = accounts.SCHEMA + operations.SCHEMA
    #: What a fault may be set on, as `<name>.page`, and its own kinds of fault.
    operations: tuple[str, ...]
    faults: Mapping[str, str] = {}
    columns: tuple[str, ...]
    #: Native codes of the ways a payment ends, each with its French wording.
    outcomes: Mapping[str, str]
    #: Outcomes that move money, and those after which the payer may try again on the same page.
    accepted: frozenset[str]
    resumable: frozenset[str]
    #: The outcome of « VALIDER » by scenario: pay, refuse, abandon, wait; at 3-D Secure, `wrong_code` after three of
    #: them, and `abandon_3ds` where it is not that of `abandon`.
    scenarios: Mapping[str, str]
    #: How its notifications may be false or odd, among `controls.LIES`; « replay » is done here for who lists it.
    lies: frozenset[str]
    #: How long the payment page lives.
    session: timedelta
    #: Other names of the same bank, for the control interface.
    aliases: tuple[str, ...] = ()
    #: Whether it waits for the merchant's answer before it shows the result.
    tells_first = False

    # What each bank says.

    @abstractmethod
    def given(self, operation: Operation, outcome: str, code: str) -> Mapping[str, Any]:
        """The numbers the bank gives with this outcome; `code` is the authorisation centre's, if one was asked for."""

    @abstractmethod
    def notification(self, operation: Operation, notify: Notify) -> Call:
        """The call that tells the merchant, true or false as `notify.lie` says."""

    @abstractmethod
    def return_call(self, operation: Operation, mode: ReturnMode) -> Call | None:
        """The address and the content the browser comes back with; altered when `mode` says so.

        None where the protocol brings nobody back.
        """

    @abstractmethod
    def state(self, operation: Operation, now: datetime) -> str:
        """One French word for lists."""

    @abstractmethod
    def rows(self, merchant: str) -> Iterable[Row]:
        """The accepted operations of a merchant, for its statement."""

    def life(self, operation: Operation) -> timedelta:  # noqa: ARG002  (a bank may read what was asked)
        """How long this operation's page lives."""
        return self.session

    def challenges(self, operation: Operation) -> bool:  # noqa: ARG002
        """Whether « VALIDER » leads to 3-D Secure when the scenario only says to pay."""
        return False

    def forced(self, operation: Operation) -> str:  # noqa: ARG002
        """The outcome that the merchant asked for itself, on a test platform."""
        return ""

    def notifies(self, operation: Operation) -> bool:
        """Whether this outcome is told at all."""
        return operation.outcome is not None

    # What is common.

    def declare(self, declared: Mapping[str, Any]) -> None:
        """Declare an account from JSON, or change it.

        Raises:
            ControlRefusedError: it is badly described.
        """
        accounts.declare(self.name, self.account_kind, declared)

    def accounts(self) -> list[A]:
        """The declared accounts."""
        return accounts.listed(self.name, self.account_kind)

    def account(self, number: str) -> A | None:
        """The account of this number."""
        return next((known for known in self.accounts() if known.number == number), None)

    def open(self, *, key: str, merchant: str, reference: str, cents: int, asked: Mapping[str, Any]) -> Operation:
        """Keep a new operation, with an identifier for its pages."""
        return operations.insert(
            Operation(
                id=secrets.token_urlsafe(16),
                gateway=self.name,
                key=key,
                merchant=merchant,
                reference=reference,
                amount_cents=cents,
                asked=asked,
                created_at=clock.now(),
            )
        )

    def clear(self) -> None:
        """Forget operations; accounts stay declared."""
        operations.clear(self.name)

    def is_over(self, operation: Operation, now: datetime) -> bool:
        """Whether its page has lived too long."""
        return now - operation.created_at > self.life(operation)

    def page(self, operation: Operation) -> str:
        """The address of its first page."""
        return reverse("bank_card", args=[self.name, operation.id])

    def summary(self, now: datetime) -> Sequence[Line]:
        """The last operations."""
        return [
            Line(
                key=operation.key,
                reference=operation.reference,
                creditor=operation.merchant,
                amount=euros(operation.amount_cents),
                state=self.state(operation, now),
                page="" if operation.outcome or self.is_over(operation, now) else self.page(operation),
            )
            for operation in operations.listed(self.name, limit=30)
        ]

    def write_amount(self, cents: int) -> str:
        """`42,50`."""
        return plain_euros(cents)

    def movements(self, merchant: str) -> list[Movement]:
        """The money moved for a merchant; `1999888` takes all its ranks `1999888-32`, `1999888-33`."""
        return [
            movement
            for movement in operations.movements(self.name)
            if merchant == movement.operation.merchant or movement.operation.merchant.startswith(f"{merchant}-")
        ]

    # How a payment ends.

    def decide(
        self, operation: Operation, outcome: str, *, code: str = "", replace: bool = True
    ) -> tuple[Operation, bool]:
        """Write how it ends; with `replace=False`, as on the pages, only over nothing or a resumable outcome.

        Gives the operation and whether this call wrote its outcome. Accepted twice is two debits.

        Raises:
            ControlRefusedError: an outcome the bank does not know, or a credit of what was not debited.
        """
        if outcome == NOTHING:
            self.tell(operation, "résultat", "le payeur n’a rien décidé")
            return operation, False
        if outcome not in self.outcomes:
            raise ControlRefusedError(f"outcome attendu : {', '.join([*self.outcomes, NOTHING])}")
        if outcome == CREDIT and operation.outcome not in self.accepted:
            raise ControlRefusedError("rien à rembourser : cette opération n’est pas payée")
        written = operations.conclude(
            operation,
            outcome=outcome,
            at=clock.now(),
            given=self.given(operation, outcome, code),
            over=None if replace else self.resumable,
            moves=self._moves(operation, outcome),
        )
        ended = operations.fresh(operation)
        was = "" if operation.outcome is None else f", remplace {operation.outcome}"
        self.tell(ended, "résultat", f"{outcome}{was}" if written else f"{outcome} ignoré : déjà {ended.outcome}")
        return ended, written

    def _moves(self, operation: Operation, outcome: str) -> Kind | None:
        """From one accepted outcome to another one nothing moves; the same again is a second debit."""
        if outcome == CREDIT:
            return "CREDIT"
        again = operation.outcome not in self.accepted or operation.outcome == outcome
        return "DEBIT" if outcome in self.accepted and again else None

    # How the merchant hears of it.

    def announce(self, operation: Operation, *, returned: bool) -> Batch | None:
        """Notify if the moment has come: at once when the outcome falls, or once the browser has returned."""
        notify = controls.notify_of(operation)
        if not self.notifies(operation) or notify.when == "never" or (notify.when == "after_return") != returned:
            return None
        batch = self.send_notification(operation, notify)
        if notify.when == "before_return" or (self.tells_first and not notify.delay_seconds and not returned):
            batch.result(_BEFORE_RETURN_SECONDS)
        return batch

    def send_notification(self, operation: Operation, notify: Notify) -> Batch:
        """Notify now, this way, whatever the moment.

        Raises:
            ControlRefusedError: a replay of what was never sent.
        """
        if notify.shift_seconds:
            clock.shift(notify.shift_seconds)
        true = self.notification(operation, notify)
        call = self._replayed(true, notify.of or operation.key) if notify.lie == "replay" else true
        return notifier.launch([call] * notify.copies, parallel=notify.parallel, delay_seconds=notify.delay_seconds)

    def as_if_paid(self, operation: Operation, notify: Notify) -> Operation:
        """For a bank that signs: what a forger claims of an operation without outcome.

        Raises:
            ControlRefusedError: the bank itself has nothing to tell of it.
        """
        if operation.outcome is not None:
            return operation
        if notify.lie not in {"forged", "unsigned", "altered", "replay"}:
            raise ControlRefusedError("rien à notifier : le payeur n’a rien décidé")
        paid = self.scenarios["pay"]
        return replace(operation, outcome=paid, outcome_at=clock.now(), given=self.given(operation, paid, ""))

    def _replayed(self, call: Call, key: str) -> Call:
        """The earliest message about `key`, to the letter, to the address of `call`."""
        sent = [
            entry
            for entry in journal.entries(reference=key, limit=journal.KEPT_ENTRIES)
            if (entry.gateway, entry.direction, entry.operation) == (self.name, "emitted", NOTIFICATION)
        ]
        if not sent:
            raise ControlRefusedError(f"aucun message à renvoyer pour {key}")
        return Call(
            gateway=self.name,
            operation="notification rejouée",
            reference=call.reference,
            address=call.address,
            content=sent[-1].sent,
            signed=sent[-1].signed,
            method="GET" if sent[-1].method == "GET" else "POST",
        )

    def play_return(self, operation: Operation) -> Batch | None:
        """Come back without a browser: no cookie, no session."""
        mode = controls.return_of(operation)
        call = self.return_call(operation, mode)
        if mode == "none" or call is None:
            return None
        return notifier.launch([call] * (2 if mode == "duplicated" else 1))

    def tell(self, operation: Operation, what: str, verdict: str) -> None:
        """Write in the journal what the payer did."""
        journal.record(
            journal.Entry(
                gateway=self.name, direction="received", operation=what, reference=operation.key, verdict=verdict
            )
        )
