"""What the common parts must know of Payline: accounts, outcomes, notifications, returns, statement."""

import secrets
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from banksim import clock, controls, operations
from banksim.bank import CREDIT, NOTIFICATION, Bank, Batch
from banksim.controls import ControlRefusedError, Notify, ReturnMode
from banksim.gateways import Row
from banksim.notifier import Call, Delivery
from banksim.operations import Movement, Operation
from banksim.payline import codes
from banksim.payline.soap import OPERATIONS as SOAP_OPERATIONS

#: Payline notifies every minute for two hours.
_TRIES = 120
#: Mark of a result whose details the merchant has read.
_READ = "read"
#: Actions of a statement. What is cancelled before the remittance has no line of its own.
PAYMENT_ACTION, REFUND_ACTION, CANCELLATION = "101", "421", "reset"
#: Parameters of the other notifications, with an example each (a merchant answers 200 and forgets them).
_OTHER_NOTIFICATIONS: Mapping[str, Mapping[str, str]] = {
    "TRS": {"transactionId": "14341170746002"},
    "TRSWALLET": {"transactionId": "14341170746002", "walletId": "W1"},
    "WALLET": {"walletId": "W1", "contractNumber": "1234567"},
    "WEBWALLET": {"token": "1WalletToken"},
    "BILL": {"paymentRecordId": "11", "walletId": "W1", "transactionId": "14341170746002", "orderRef": "REF1"},
    "ALERT": {"alertId": "7", "transactionId": "14341170746002", "ruleName": "R1"},
}


@dataclass(frozen=True, kw_only=True)
class Account:
    """One contract of a merchant: several contracts are several accounts with the same `merchant_id`.

    `token_name` is the parameter of the browser's return, `repeat_seconds` the real time between two notifications
    that were not heard.
    """

    merchant_id: str
    access_key: str = field(repr=False)
    contract: str
    label: str
    token_name: str = "token"  # noqa: S105  (a parameter's name)
    repeat_seconds: float = 60

    def __post_init__(self) -> None:
        if self.token_name not in {"token", "paylinetoken"} or self.repeat_seconds < 0:
            raise ValueError("token_name vaut token ou paylinetoken, repeat_seconds n’est pas négatif")

    @property
    def number(self) -> str:
        """Names it in statements."""
        return f"{self.merchant_id}-{self.contract}"


class Payline(Bank[Account]):
    """The SOAP services and the payment page of Monext."""

    name = "payline"
    label = "Payline (Monext), service SOAP"
    account_kind = Account
    operations = (*(name for names in SOAP_OPERATIONS.values() for name in names), "payline.page")
    faults: Mapping[str, str] = {
        "unauthorized": "HTTP 401, comme pour une clé d’accès fausse",
        "technical_02101": "code technique 02101",
        "technical_02103": "code technique 02103 (plus de 25 secondes)",
        "other_token": "doWebPayment rend un autre jeton que celui de la page",
        "altered_amount": "le montant de la réponse est augmenté d’un centime",
        "other_currency": "la réponse est dans une autre devise",
        "other_contract": "la réponse porte un autre contrat",
        "other_ref": "la réponse porte une autre référence de commande",
        "other_private_data": "la réponse porte une autre donnée privée",
        "paid_twice": "la réponse porte une seconde transaction",
        "external_entity": "la réponse déclare une entité externe",
        "wrong_namespace": "la réponse est dans un autre espace de noms",
    }
    columns = ("date", "contrat", "reference", "transaction", "montant", "devise", "operation", "code")
    outcomes: Mapping[str, str] = codes.OUTCOMES
    accepted = codes.ACCEPTED
    resumable = codes.CANCELLATIONS
    offered: Mapping[str, str] = codes.OFFERED
    scenarios: Mapping[str, str] = {
        "pay": codes.PAID,
        "refuse": codes.REFUSED,
        "abandon": codes.CANCELLED,
        "abandon_3ds": codes.CANCELLED_AT_3DS,
        "wait": codes.WAITING,
        "wrong_code": codes.SECURE_REFUSED,
    }
    lies: frozenset[str] = frozenset({"forged", "replay"})
    session = timedelta(minutes=15)

    def given(self, operation: Operation, outcome: str, code: str) -> Mapping[str, Any]:  # noqa: ARG002  (the code is the outcome)
        """A transaction unless the payer left before one, an authorisation number when paid."""
        if outcome == codes.CANCELLED or outcome in codes.EXPIRED:
            return {}
        number = f"{secrets.randbelow(10**6):06d}" if outcome in codes.ACCEPTED else ""
        return {"transaction": _transaction_id(), "authorization": number}

    def notification(self, operation: Operation, notify: Notify) -> Call:
        """A GET with a type and a token: the merchant must ask what happened."""
        kind = str(notify.extra.get("notificationType", "WEBTRS"))
        token = operation.key if notify.identifier == "own" else new_token()
        told = {"notificationType": kind, **_OTHER_NOTIFICATIONS.get(kind, {"token": token}), **notify.extra}
        if notify.lie == "forged":
            told |= {"code": codes.PAID, "shortMessage": "ACCEPTED", "amount": "100"}
        return Call(
            gateway=self.name,
            operation=NOTIFICATION,
            reference=operation.key,
            address=operation.asked["notification_url"],
            fields=told,
            method=notify.method or "GET",
        )

    def return_call(self, operation: Operation, mode: ReturnMode) -> Call:
        """`cancelURL` for who left before typing a card, else `returnURL`; the token under the account's own name."""
        account = self.account(operation.merchant)
        name = account.token_name if account else "token"
        fields = {name: operation.key}
        if mode == "altered":
            fields = {name: new_token(), "code": codes.PAID, "amount": "100"}
        left = operation.outcome == codes.CANCELLED
        return Call(
            gateway=self.name,
            operation="retour",
            reference=operation.key,
            address=operation.asked["cancel_url" if left else "return_url"],
            fields=fields,
            method="POST" if mode == "post" else "GET",
        )

    def state(self, operation: Operation, now: datetime) -> str:
        """From the code the service would answer."""
        if operation.outcome is None and not self.is_over(operation, now):
            return "page ouverte" if operation.opened_at else "créée"
        return codes.STATES[codes.message(self.code(operation, now)).short]

    def notifies(self, operation: Operation) -> bool:
        """Every result is told to who gave an address; a session that expires is not."""
        return bool(operation.outcome and operation.asked["notification_url"])

    def forced(self, operation: Operation) -> str:
        """On the pages, amounts of the homologation platform force their result."""
        return codes.FORCED.get(operation.amount_cents, "")

    def code(self, operation: Operation, now: datetime) -> str:
        """What `getWebPaymentDetails` answers about it."""
        if operation.outcome is not None:
            return operation.outcome
        if not self.is_over(operation, now):
            return codes.IN_PROGRESS
        return codes.SESSION_EXPIRED if operation.opened_at else codes.NEVER_OPENED

    # Money.

    def decide(
        self, operation: Operation, outcome: str, *, code: str = "", replace: bool = True
    ) -> tuple[Operation, bool]:
        """A credit is a refund made at the bank: another transaction, and the payment stays as it was.

        Raises:
            ControlRefusedError: an outcome that does not end a payment, or a refund of what was not paid.
        """
        if outcome != CREDIT:
            return super().decide(operation, outcome, code=code, replace=replace)
        paid = [movement for movement in self._movements_of(operation) if movement.kind == "DEBIT"]
        if not paid:
            raise ControlRefusedError("rien à rembourser : cette opération n’est pas payée")
        self.give_back(paid[-1], self.left(paid[-1]), REFUND_ACTION)
        return operation, False

    def debit(self, transaction: str, merchant_id: str) -> Movement | None:
        """The payment of this transaction, if it is this merchant's."""
        return next(
            (
                movement
                for movement in self.movements(merchant_id)
                if movement.kind == "DEBIT" and movement.given["transaction"] == transaction
            ),
            None,
        )

    def left(self, paid: Movement) -> int:
        """Cents of a payment that were not given back."""
        return paid.amount_cents - sum(given.amount_cents for given in self._given_back(paid))

    def give_back(self, paid: Movement, cents: int, action: str) -> Mapping[str, Any]:
        """Write a refund or a cancellation; its transaction."""
        given = {"transaction": _transaction_id(), "of": paid.given["transaction"], "action": action}
        operations.move(paid.operation, kind="CREDIT", cents=cents, at=clock.now(), outcome=codes.PAID, given=given)
        self.tell(paid.operation, "remboursement" if action == REFUND_ACTION else "annulation", f"{cents} centimes")
        return given

    def is_remitted(self, paid: Movement) -> bool:
        """Whether the payment has left for the bank: the night after it, in Paris."""
        return paid.at.astimezone(clock.PARIS).date() < clock.now().astimezone(clock.PARIS).date()

    def rows(self, merchant: str) -> Iterable[Row]:
        """Payments (101) less what was cancelled before the remittance, and refunds (421).

        `merchant` is a merchant id, `<merchant id>-<contract>` or a contract alone.
        """
        for movement in self.movements(merchant) or self._movements_of_contract(merchant):
            action, cents = PAYMENT_ACTION, movement.amount_cents
            if movement.kind == "CREDIT":
                action = movement.given["action"]
            else:
                cents -= sum(
                    back.amount_cents for back in self._given_back(movement) if back.given["action"] != REFUND_ACTION
                )
            if action in {PAYMENT_ACTION, REFUND_ACTION} and cents:
                yield self._row(movement, action, cents)

    def _row(self, movement: Movement, action: str, cents: int) -> Row:
        cells = {
            "date": f"{movement.at.astimezone(clock.PARIS):%d/%m/%Y %H:%M:%S}",
            "contrat": movement.operation.asked["contract"],
            "reference": movement.operation.reference,
            "transaction": movement.given["transaction"],
            "devise": "EUR",
            "operation": action,
            "code": movement.outcome,
        }
        return Row(at=movement.at, reference=movement.operation.reference, amount_cents=cents, cells=cells)

    def _movements_of_contract(self, contract: str) -> list[Movement]:
        return [
            movement for movement in operations.movements(self.name) if movement.operation.asked["contract"] == contract
        ]

    def _movements_of(self, operation: Operation) -> list[Movement]:
        return [movement for movement in operations.movements(self.name) if movement.operation.id == operation.id]

    def _given_back(self, paid: Movement) -> list[Movement]:
        return [
            back for back in self._movements_of(paid.operation) if back.given.get("of") == paid.given["transaction"]
        ]

    # Notifications, until somebody hears them or asks.

    def mark_read(self, operation: Operation) -> None:
        """The merchant knows this result: nothing more is sent about it."""
        operations.note(operation, _READ)

    def announce(self, operation: Operation, *, returned: bool) -> Batch | None:
        """Notify, then again every minute until it is answered 200 or the details are read."""
        batch = super().announce(operation, returned=returned)
        genuine = controls.notify_of(operation).lie == "" and controls.notify_of(operation).identifier == "own"
        if batch is not None and genuine:
            batch.add_done_callback(lambda done: self._repeat(operation, done, _TRIES - 1))
        return batch

    def _repeat(self, operation: Operation, done: Future[list[Delivery]], tries: int) -> None:
        heard = done.exception() is None and any(delivery.status == 200 for delivery in done.result())  # noqa: PLR2004
        account = self.account(operation.merchant)
        if heard or not tries or account is None:
            return
        again = threading.Timer(account.repeat_seconds, self._notify_again, [operation, tries])
        again.daemon = True
        again.start()

    def _notify_again(self, operation: Operation, tries: int) -> None:
        now = operations.by_id(self.name, operation.id)
        if now is None or now.outcome_at != operation.outcome_at:
            return  # forgotten, or another result was told since
        if now.given.get(_READ):
            self.tell(now, "notification", "plus envoyée : getWebPaymentDetails a été appelé")
            return
        batch = self.send_notification(now, Notify())
        batch.add_done_callback(lambda done: self._repeat(operation, done, tries - 1))


def new_token() -> str:
    """The identifier of a web payment, at most 50 characters."""
    return f"{secrets.token_hex(10)}{int(clock.now().timestamp() * 1000)}"


def _transaction_id() -> str:
    return f"14{secrets.randbelow(10**12):012d}"


GATEWAY = Payline()
