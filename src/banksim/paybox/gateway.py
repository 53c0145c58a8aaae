"""Paybox as a bank: how a payment ends, what it answers, how it signs."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from banksim import clock
from banksim.bank import CREDIT, NOTIFICATION, Bank
from banksim.controls import Notify, ReturnMode
from banksim.gateways import Row
from banksim.notifier import Call
from banksim.operations import Operation
from banksim.paybox import codes, order, signature
from banksim.paybox.order import Account

#: The address the browser comes back to.
_RETURNS = {
    codes.ACCEPTED: "PBX_EFFECTUE",
    CREDIT: "PBX_EFFECTUE",
    codes.CANCELLED: "PBX_ANNULE",
    codes.PENDING: "PBX_ATTENTE",
}
#: What the test platform gives for an authorisation number.
_TEST_AUTHORISATION = "XXXXXX"
#: Nothing was asked to the authorisation centre: no call, no transaction.
_WITHOUT_CALL = frozenset({codes.CANCELLED, codes.IDLE})
_SIGNATURE_BYTES = 128


class Paybox(Bank[Account]):
    """The key of an operation is its PBX_CMD: the bank has no name of its own for it before the payment."""

    name = "paybox"
    label = "Paybox System (Verifone, Up2pay e-Transactions)"
    account_kind = Account
    #: « load » is the page that says the server is up.
    operations = ("paybox.page", "paybox.load")
    columns = (
        *("date", "heure", "site", "rang", "reference", "numero_appel", "numero_transaction"),
        *("montant", "devise", "operation", "erreur"),
    )
    outcomes = {**codes.LABELS, CREDIT: "Remboursé par la régie"}
    accepted = frozenset({codes.ACCEPTED})
    resumable = frozenset(codes.LABELS) - {codes.ACCEPTED, codes.PENDING}
    scenarios = {
        "pay": codes.ACCEPTED,
        "refuse": codes.REFUSED,
        "abandon": codes.CANCELLED,
        "wait": codes.PENDING,
        "wrong_code": codes.NO_STRONG_AUTHENTICATION,
    }
    lies = frozenset(
        {"forged", "unsigned", "altered", "resigned", "other_reference", "other_mode", "replay", "double_encoded"}
    )
    session = timedelta(minutes=15)

    def life(self, operation: Operation) -> timedelta:
        """PBX_DISPLAY seconds."""
        asked = operation.asked.get("PBX_DISPLAY")
        return self.session if asked is None else timedelta(seconds=int(asked))

    def challenges(self, operation: Operation) -> bool:
        """Without cart or address, 3-D Secure v2 asks for a code (5.3)."""
        return not {"PBX_SHOPPINGCART", "PBX_BILLING"} <= set(operation.asked)

    def forced(self, operation: Operation) -> str:
        """PBX_ERRORCODETEST, on the test platform."""
        account = self.account(operation.merchant)
        return "" if account is None or account.production else str(operation.asked.get("PBX_ERRORCODETEST", ""))

    def given(self, operation: Operation, outcome: str, code: str) -> Mapping[str, Any]:  # noqa: ARG002  (its code is the outcome)
        """Call and transaction numbers; what was pending keeps its own. Authorised: a number of six digits."""
        if outcome in _WITHOUT_CALL:
            return {}
        kept = operation.given if operation.outcome == codes.PENDING else {}
        account = self.account(operation.merchant)
        number = f"{secrets.randbelow(10**6):06d}" if account and account.production else _TEST_AUTHORISATION
        return {
            "numero_appel": kept.get("numero_appel", f"{10**9 + secrets.randbelow(9 * 10**9)}"),
            "numero_transaction": kept.get("numero_transaction", f"{10**8 + secrets.randbelow(9 * 10**8)}"),
            **({"autorisation": number} if outcome == codes.ACCEPTED else {}),
        }

    def state(self, operation: Operation, now: datetime) -> str:
        """One French word."""
        match operation.outcome:
            case None:
                return "périmée" if self.is_over(operation, now) else "page ouverte"
            case codes.ACCEPTED:
                return "payée"
            case codes.CANCELLED:
                return "annulée"
            case codes.PENDING:
                return "en attente"
            case "CREDIT":
                return "remboursée"
            case _:
                return "refusée"

    def notifies(self, operation: Operation) -> bool:
        """A refund is not told; nor anything to who gave no address."""
        return operation.outcome not in {None, CREDIT} and "PBX_REPONDRE_A" in operation.asked

    def notification(self, operation: Operation, notify: Notify) -> Call:
        """The IPN: GET unless PBX_RUF1 says POST. It signs the variables of PBX_RETOUR alone."""
        told = self.as_if_paid(operation, notify)
        content, signed = self._message(told, notify.lie, own="")
        return Call(
            gateway=self.name,
            operation=NOTIFICATION,
            reference=operation.key,
            address=operation.asked.get("PBX_REPONDRE_A", ""),
            content=content + "".join(f"&{name}={quote(value)}" for name, value in notify.extra.items()),
            signed=signed,
            method=notify.method or ("POST" if operation.asked.get("PBX_RUF1") == "POST" else "GET"),
        )

    def return_call(self, operation: Operation, mode: ReturnMode) -> Call | None:
        """One of four addresses. The signature covers the whole query, the address's own parameters included."""
        wanted = operation.asked.get(_RETURNS.get(operation.outcome or codes.CANCELLED, "PBX_REFUSE"), "")
        if not wanted:
            return None
        parts = urlsplit(wanted)
        content, signed = parts.query, ""
        if operation.outcome not in {None, CREDIT}:
            content, signed = self._message(operation, "altered" if mode == "altered" else "", own=parts.query)
        return Call(
            gateway=self.name,
            operation="retour",
            reference=operation.key,
            address=urlunsplit(parts._replace(query="")),
            content=content,
            signed=signed,
            method="POST" if mode == "post" else "GET",
        )

    def rows(self, merchant: str) -> Iterable[Row]:
        """Debits, but those only authorised, and refunds."""
        for movement in self.movements(merchant):
            operation, local = movement.operation, movement.at.astimezone(clock.PARIS)
            if operation.asked.get("PBX_AUTOSEULE") == "O":
                continue
            cells = {
                "date": local.strftime("%d/%m/%Y"),
                "heure": local.strftime("%H:%M:%S"),
                "site": operation.asked["PBX_SITE"],
                "rang": operation.asked["PBX_RANG"],
                "reference": operation.reference,
                "numero_appel": movement.given["numero_appel"],
                "numero_transaction": movement.given["numero_transaction"],
                "devise": "EUR",
                "operation": movement.kind,
                "erreur": codes.ACCEPTED,
            }
            yield Row(at=movement.at, reference=operation.reference, amount_cents=movement.amount_cents, cells=cells)

    def _message(self, operation: Operation, lie: str, *, own: str) -> tuple[str, str]:
        """The text sent and the text signed; `own` are parameters of the address, that come first."""
        pairs = self._values(_lied(operation, lie))
        begun = f"{own}&" if own else ""
        signed = begun + signature.encoded(pairs)
        made = signature.sign(signed, signature.own_key()) if lie != "forged" else _random_signature()
        sent = signed if lie != "altered" else begun + signature.encoded(self._values(_altered(operation)))
        account = self.account(operation.merchant)
        twice = lie == "double_encoded" or (account is not None and account.double_encoded)
        name = order.variables(operation.asked["PBX_RETOUR"])[-1][0]
        last = quote(quote(made, safe=""), safe="") if twice else quote(made, safe="")
        return (sent if lie == "unsigned" else f"{sent}&{name}={last}"), signed

    def _values(self, operation: Operation) -> list[tuple[str, str]]:
        """The variables of PBX_RETOUR in their order, those without a value left out."""
        local = (operation.outcome_at or operation.created_at).astimezone(clock.PARIS)
        by_letter = {
            "M": str(operation.amount_cents),
            "R": operation.reference,
            "A": operation.given.get("autorisation"),
            "E": operation.outcome,
            "T": operation.given.get("numero_appel"),
            "S": operation.given.get("numero_transaction"),
            "W": local.strftime("%Y%m%d"),
            "Q": local.strftime("%H:%M:%S"),
            **(_CARD if operation.given else {}),
        }
        asked = order.variables(operation.asked["PBX_RETOUR"])
        return [(name, value) for name, letter in asked if (value := by_letter.get(letter)) is not None]


#: What the bank tells of the test card, for who asks: brand, first and last digits, countries, 3-D Secure.
_CARD = {
    "C": "CB",
    "N": "497010",
    "J": "00",
    "I": "FRA",
    "Y": "FRA",
    "P": "CARTE",
    "F": "Y",
    "G": "O",
    "O": "Y",
    "v": "2",
}


def _lied(operation: Operation, lie: str) -> Operation:
    """What is false and yet signed with the good key."""
    match lie:
        case "resigned":
            return replace(operation, amount_cents=operation.amount_cents + 1)
        case "other_reference":
            return replace(operation, reference=secrets.token_hex(12).upper())
        case "other_mode" if "autorisation" in operation.given:
            other = "123456" if operation.given["autorisation"] == _TEST_AUTHORISATION else _TEST_AUTHORISATION
            return replace(operation, given={**operation.given, "autorisation": other})
        case _:
            return operation


def _altered(operation: Operation) -> Operation:
    """What the payer may write himself: accepted instead of refused, or one cent more."""
    if operation.outcome != codes.ACCEPTED:
        return replace(operation, outcome=codes.ACCEPTED)
    return replace(operation, amount_cents=operation.amount_cents + 1)


def _random_signature() -> str:
    return base64.b64encode(secrets.token_bytes(_SIGNATURE_BYTES)).decode()


GATEWAY = Paybox()


def received(body: bytes) -> list[tuple[str, str]]:
    """The fields of a posted form, in its order."""
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
