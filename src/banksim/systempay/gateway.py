"""Systempay as a bank: how a payment ends, what it tells, how it signs."""

import base64
import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from banksim.bank import CREDIT, NOTIFICATION, Bank
from banksim.controls import Notify, ReturnMode
from banksim.gateways import Row
from banksim.notifier import Call
from banksim.operations import Movement, Operation
from banksim.systempay import signature, statuses
from banksim.systempay.order import Account

#: The return address by vads_result; vads_url_return serves for those that are not given.
_RETURNS = {"00": "vads_url_success", "05": "vads_url_refused", "17": "vads_url_cancel"}
_ECHOED = ("vads_ext_info_", "vads_order_", "vads_cust_", "vads_contrib", "vads_language")
_HASH_BYTES = 32
Fields = dict[str, str]


class Systempay(Bank[Account]):
    """The key of an operation is its vads_order_id, else `<vads_trans_date>_<vads_trans_id>`."""

    name = "systempay"
    aliases = ("payzen", "spplus", "scellius", "sogecommerce")
    label = "Systempay, PayZen et SP Plus"
    account_kind = Account
    operations = ("systempay.page",)
    columns = (
        *("date", "site_id", "order_id", "trans_uuid", "trans_id"),
        *("montant", "devise", "operation_type", "trans_status"),
    )
    outcomes = {**statuses.LABELS, CREDIT: "Remboursé par la mairie"}
    accepted = statuses.ACCEPTED
    resumable = frozenset({statuses.ABANDONED})
    scenarios = {
        "pay": statuses.AUTHORISED,
        "refuse": statuses.REFUSED,
        "abandon": statuses.ABANDONED,
        "wait": statuses.WAITING,
        "wrong_code": statuses.REFUSED,
    }
    lies = frozenset(
        {
            *("forged", "unsigned", "altered", "resigned", "other_reference", "other_merchant"),
            *("other_mode", "other_currency", "replay", "back_office"),
        }
    )
    session = timedelta(minutes=10)
    tells_first = True

    def given(self, operation: Operation, outcome: str, code: str) -> Mapping[str, Any]:
        """The transaction's identifier, kept while it lives, and the answer of the authorisation centre."""
        lives = operation.outcome in statuses.LIVE and outcome not in {operation.outcome, CREDIT}
        secured = not (outcome == statuses.REFUSED and operation.wrong_codes)
        authorised = outcome in {*statuses.LIVE, CREDIT}
        return {
            "trans_uuid": operation.given["trans_uuid"] if lives else uuid.uuid4().hex,
            "trans_id": f"9{secrets.randbelow(10**5):05d}" if outcome == CREDIT else operation.asked["vads_trans_id"],
            "auth_result": code or ("00" if authorised else "05" if secured else ""),
            "auth_number": secrets.token_hex(3) if authorised else "",
            "threeds_status": "Y" if secured else "N",
        }

    def state(self, operation: Operation, now: datetime) -> str:
        """One French word."""
        if operation.outcome is None:
            return "périmée" if self.is_over(operation, now) else "page ouverte"
        if operation.outcome in statuses.ACCEPTED:
            return "payée"
        if operation.outcome in statuses.LIVE:
            return "en attente"
        return {statuses.ABANDONED: "abandonnée", statuses.CANCELLED: "annulée", CREDIT: "remboursée"}.get(
            operation.outcome, "refusée"
        )

    def notifies(self, operation: Operation) -> bool:
        """Abandonments only where the shop's rule is active; nothing without an address."""
        account = self.account(operation.merchant)
        told = operation.outcome != statuses.ABANDONED or (account is not None and account.notify_abandoned)
        return operation.outcome is not None and told and bool(self._address(operation, _source(operation, "")))

    def notification(self, operation: Operation, notify: Notify) -> Call:
        """The IPN, a POST; from the back office it goes to the address kept there."""
        told = self.as_if_paid(operation, notify)
        source = _source(told, notify.lie)
        fields = {**self._fields(told), "vads_url_check_src": source, **notify.extra}
        sent, signed = self._signed(told, fields, notify.lie)
        return Call(
            gateway=self.name,
            operation=NOTIFICATION,
            reference=operation.key,
            address=self._address(told, source),
            content=urlencode(sent),
            signed=signed,
            method=notify.method or "POST",
        )

    def return_call(self, operation: Operation, mode: ReturnMode) -> Call | None:
        """Where the browser goes, with the signed fields unless vads_return_mode brings nothing."""
        asked = operation.asked
        named = _RETURNS[statuses.RESULTS.get(operation.outcome or statuses.ABANDONED, "00")]
        wanted = asked.get(named) or asked.get("vads_url_return")
        if not wanted:
            return None
        parts = urlsplit(wanted)
        content, signed = parts.query, ""
        if operation.outcome is not None and (asked.get("vads_return_mode") in {"GET", "POST"} or mode == "post"):
            sent, signed = self._signed(operation, self._fields(operation), "altered" if mode == "altered" else "")
            content = "&".join(filter(None, [content, urlencode(sent)]))
        posts = mode == "post" or (asked.get("vads_return_mode") == "POST" and operation.outcome is not None)
        return Call(
            gateway=self.name,
            operation="retour",
            reference=operation.key,
            address=urlunsplit(parts._replace(query="")),
            content=content,
            signed=signed,
            method="POST" if posts else "GET",
        )

    def rows(self, merchant: str) -> Iterable[Row]:
        """Debits with the status they have now, and refunds; times in UTC."""
        for movement in self.movements(merchant):
            operation = movement.operation
            cells = {
                "date": f"{movement.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                "site_id": operation.merchant,
                "order_id": operation.asked.get("vads_order_id", ""),
                "trans_uuid": movement.given["trans_uuid"],
                "trans_id": movement.given["trans_id"],
                "devise": "EUR",
                "operation_type": movement.kind,
                "trans_status": _status_now(movement),
            }
            yield Row(at=movement.at, reference=operation.reference, amount_cents=movement.amount_cents, cells=cells)

    def _address(self, operation: Operation, source: str) -> str:
        account = self.account(operation.merchant)
        kept = "" if account is None else account.notify_url
        return (operation.asked.get("vads_url_check") or kept) if source == "PAY" else kept

    def _fields(self, operation: Operation) -> Fields:
        """What both the notification and the return tell."""
        asked, given, outcome = operation.asked, operation.given, operation.outcome or ""
        cents = str(operation.amount_cents)
        fields = {name: value for name, value in asked.items() if name.startswith(_ECHOED)} | {
            "vads_amount": cents,
            "vads_auth_mode": "FULL",
            "vads_auth_number": given["auth_number"],
            "vads_auth_result": given["auth_result"],
            "vads_capture_delay": asked.get("vads_capture_delay") or "0",
            "vads_card_brand": "CB",
            "vads_card_number": "497010XXXXXX0000",
            "vads_ctx_mode": asked["vads_ctx_mode"],
            "vads_currency": asked["vads_currency"],
            "vads_effective_amount": cents,
            "vads_effective_creation_date": f"{(operation.outcome_at or operation.created_at):%Y%m%d%H%M%S}",
            "vads_effective_currency": asked["vads_currency"],
            "vads_extra_result": "",
            "vads_operation_type": "CREDIT" if outcome == CREDIT else "DEBIT",
            "vads_page_action": asked["vads_page_action"],
            "vads_payment_config": asked["vads_payment_config"],
            "vads_result": statuses.RESULTS.get(outcome, "00"),
            "vads_sequence_number": "1",
            "vads_site_id": asked["vads_site_id"],
            "vads_threeds_status": given["threeds_status"],
            "vads_trans_date": asked["vads_trans_date"],
            "vads_trans_id": given["trans_id"],
            "vads_trans_status": statuses.AUTHORISED if outcome == CREDIT else outcome,
            "vads_trans_uuid": given["trans_uuid"],
            "vads_validation_mode": asked.get("vads_validation_mode") or "0",
            "vads_version": "V2",
            "vads_warranty_result": "YES" if outcome in statuses.LIVE else "NO",
        }
        if outcome == statuses.ABANDONED:  # no card was typed: nothing is told of one
            return {name: value for name, value in fields.items() if not name.startswith(("vads_auth_", "vads_card_"))}
        return fields

    def _signed(self, operation: Operation, true: Fields, lie: str) -> tuple[Fields, str]:
        """The fields sent, with their signature, and the text signed, its key not shown."""
        fields = _lied(true, lie)
        mode = fields["vads_ctx_mode"]
        account = self.account(operation.merchant)
        key, sha1 = (account.key(mode), account.sha1) if account else ("", False)
        made = signature.sign(fields, key, sha1=sha1)
        if lie == "forged":
            made = base64.b64encode(secrets.token_bytes(_HASH_BYTES)).decode()
        sent = _altered(fields) if lie == "altered" else fields
        shown = signature.text(fields, f"(clé {mode})")
        return sent if lie == "unsigned" else {**sent, signature.FIELD: made}, shown


def _source(operation: Operation, lie: str) -> str:
    return "BO" if lie == "back_office" else statuses.SOURCES.get(operation.outcome or "", "PAY")


def _status_now(movement: Movement) -> str:
    """What became of a debit since; of a refund, its own."""
    operation = movement.operation
    if movement.kind == "CREDIT":
        return statuses.AUTHORISED
    same = operation.given.get("trans_uuid") == movement.given["trans_uuid"]
    return str(operation.outcome) if same else movement.outcome


def _lied(fields: Fields, lie: str) -> Fields:
    """What is false and yet signed with the good key."""
    more = str(int(fields["vads_amount"]) + 1)
    other = secrets.token_hex(12).upper()
    named = {name: other for name in fields if name == "vads_order_id" or name.startswith("vads_ext_info_")}
    lies: Mapping[str, Fields] = {
        "resigned": {"vads_amount": more, "vads_effective_amount": more},
        "other_reference": {**named, "vads_trans_id": secrets.token_hex(3)},
        "other_merchant": {"vads_site_id": f"{(int(fields['vads_site_id']) + 1) % 10**8:08d}"},
        "other_mode": {"vads_ctx_mode": "TEST" if fields["vads_ctx_mode"] == "PRODUCTION" else "PRODUCTION"},
        "other_currency": {"vads_currency": "840", "vads_effective_currency": "840"},
    }
    return {**fields, **lies.get(lie, {})}


def _altered(fields: Fields) -> Fields:
    """What the payer may write himself: accepted instead of refused, or one cent more."""
    if fields["vads_trans_status"] not in statuses.ACCEPTED:
        return {**fields, "vads_result": "00", "vads_trans_status": statuses.AUTHORISED}
    return {**fields, "vads_amount": str(int(fields["vads_amount"]) + 1)}


GATEWAY = Systempay()
