"""Payline (Monext) as a gateway of Préau (payment-gateways 8).

Nothing is signed: a message names an operation by its token, and what the service answers about that token, asked
with the contract's key, is the only truth.
"""

import logging
import re

from preau.domain.payments.contract_settings import Setting, value_of
from preau.domain.payments.errors import GatewayRefusedError, GatewayUnavailableError
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
)
from preau.domain.regies.models import Channel
from preau.foundation.instants import read_instant
from preau.foundation.money import read_cents
from preau.foundation.outbound import Breaker, CircuitOpenError, origin_of
from preau.foundation.wire import is_plain_email, single_fields
from preau.plugins.gateways.payline import codes, messages, statement, wire

logger = logging.getLogger(__name__)

_HOSTS = {"test": "homologation.payline.com"}
_HOST = "services.payline.com"
_PAGES, _TRIAL_PAGES = "https://webpayment.payline.com", "https://homologation-webpayment.payline.com"
_EURO = "978"
_TOKEN = re.compile(r"[0-9A-Za-z_-]{1,50}")
_EMAIL_LENGTH = range(6, 151)
#: A token that no operation has, to try a contract with.
_NO_TOKEN = "0" * 20

_MERCHANT_ID = Setting(
    "merchant_id", "Identifiant commerçant", pattern="[0-9]{1,20}", wrong="L’identifiant commerçant est un nombre."
)
_ACCESS_KEY = Setting(
    "access_key",
    "Clé d’accès",
    kind="secret",
    pattern="[!-~]{8,60}",
    wrong="La clé d’accès comporte au moins huit signes, sans espace.",
)
_ENDPOINT = Setting(
    "endpoint", "Adresse du service", kind="address", required=False, help_text="Vide : celle de Payline."
)
_PAGE_ORIGIN = Setting(
    "page_origin", "Site de la page de paiement", kind="address", required=False, help_text="Vide : celui de Payline."
)
_VERSION = Setting(
    "version", "Version du service", default="26", pattern="[0-9]{1,2}", wrong="La version est un nombre."
)


class PaylineGateway:
    """Card on Monext's pages: a merchant identifier and its key, one contract number per régie."""

    code = "payline"
    channel = Channel.ONLINE
    limits = Limits(min_cents=1, max_cents=99_999_99, session_minutes=15)
    presentation = Presentation(
        label="Payline (Monext)",
        operator="Monext, pour la banque de la commune",
        official_host="webpayment.payline.com",
        debit_days={"card_online": (1, 3)},
    )
    answers = Answers()
    number = Setting(
        "merchant",
        "Numéro de contrat",
        pattern="[0-9A-Za-z_-]{1,20}",
        wrong="Le numéro de contrat a vingt signes au plus.",
    )
    settings: tuple[Setting, ...] = (_MERCHANT_ID, _ACCESS_KEY, _ENDPOINT, _PAGE_ORIGIN, _VERSION)
    can_ask = True
    is_hearsay = False

    def __init__(self) -> None:
        self._breaker = Breaker()

    def start(self, order: Order, *, timeout: float) -> Redirect:
        """Open an operation: its token, and the address that the service chose for its page."""
        asked = messages.web_payment(order, version=value_of(_VERSION, order.merchant.settings))
        answer = self._call(order.merchant, "doWebPayment", asked, timeout)
        code, token, page = answer.text("result", "code"), answer.text("token"), answer.text("redirectURL")
        if code != "00000":
            if codes.is_technical(code) and code not in codes.CONFIGURATION:
                raise GatewayUnavailableError(code)
            raise GatewayRefusedError(code, answer.text("result", "longMessage"))
        if not _TOKEN.fullmatch(token) or origin_of(page) not in self.page_origins(order.merchant):
            logger.error("the service gave %s no usable page: %s", order.reference, origin_of(page))
            raise GatewayUnavailableError("an answer without a usable page")
        return Redirect(url=page, gateway_reference=token)

    def reference_in(self, message: Message) -> str | None:
        """The token, under either of its two names; other kinds of notices than a web payment's name none."""
        fields = single_fields(message.query) or {}
        if fields.get("notificationType", "WEBTRS") != "WEBTRS":
            return None
        named = {fields[name] for name in ("token", "paylinetoken") if fields.get(name)}
        token = named.pop() if len(named) == 1 else ""
        return token if _TOKEN.fullmatch(token) else None

    def read(self, merchant: Merchant, message: Message) -> Report | None:
        """Nothing: a notice carries no signature, only the token to ask about."""
        del merchant, message
        return None

    def ask(self, merchant: Merchant, gateway_reference: str, *, timeout: float) -> Report:
        """`getWebPaymentDetails`, compared field by field by whoever asked."""
        asked = messages.web_payment_details(gateway_reference, version=value_of(_VERSION, merchant.settings))
        answer = self._call(merchant, "getWebPaymentDetails", asked, timeout)
        code = answer.text("result", "code")
        if codes.is_technical(code) or not code:
            raise GatewayUnavailableError(code)
        return _report(merchant, gateway_reference, code, answer)

    def read_statement(self, content: bytes) -> list[StatementLine]:
        """The bank's file (see `statement`)."""
        return statement.read_statement(content)

    def problems(self, merchant: Merchant) -> list[str]:
        """None beyond each setting."""
        del merchant
        return []

    def probe(self, merchant: Merchant, *, timeout: float) -> Checkup:
        """Ask about a token that nobody has: whoever may ask is told that there is none."""
        asked = messages.web_payment_details(_NO_TOKEN, version=value_of(_VERSION, merchant.settings))
        try:
            wire.call(_access(merchant), "getWebPaymentDetails", asked, timeout=timeout)
        except wire.AccessRefusedError:
            return Checkup(wrong=("Le service refuse l’identifiant commerçant ou la clé d’accès.",))
        except wire.SilenceError:
            return Checkup(wrong=("Le service n’a pas répondu : vérifiez son adresse, ou réessayez plus tard.",))
        return Checkup(
            right=("Le service accepte l’identifiant commerçant et la clé d’accès.",),
            untried=("Le numéro de contrat ne se vérifie qu’en payant.",),
        )

    def page_origins(self, merchant: Merchant) -> list[str]:
        """Where the service may send the browser."""
        page = value_of(_PAGE_ORIGIN, merchant.settings) or (_TRIAL_PAGES if merchant.mode == "test" else _PAGES)
        return [origin_of(page)]

    def checks_email(self, email: str) -> bool:
        """6 to 150 characters of ASCII with one `@`."""
        return is_plain_email(email, _EMAIL_LENGTH)

    def _call(self, merchant: Merchant, operation: str, content: wire.Tree, timeout: float) -> wire.Answer:
        try:
            return self._breaker.call(
                lambda: wire.call(_access(merchant), operation, content, timeout=timeout),
                counts=(wire.SilenceError,),
                answers=(wire.AccessRefusedError,),
            )
        except wire.AccessRefusedError as refused:
            logger.exception("the service refuses the contract %s", merchant.number)
            raise GatewayUnavailableError(str(refused)) from refused
        except (wire.SilenceError, CircuitOpenError) as silence:
            raise GatewayUnavailableError(str(silence)) from silence


def _access(merchant: Merchant) -> wire.Access:
    host = _HOSTS.get(merchant.mode, _HOST)
    endpoint = value_of(_ENDPOINT, merchant.settings) or f"https://{host}/V4/services/WebPaymentAPI"
    return wire.Access(endpoint, value_of(_MERCHANT_ID, merchant.settings), merchant.secret(_ACCESS_KEY.name))


def _report(merchant: Merchant, token: str, code: str, answer: wire.Answer) -> Report:
    verdict = codes.verdict_of(code, answer.text("result", "shortMessage"))
    reference, ours = answer.text("order", "ref"), answer.private(messages.PRIVATE_KEY)
    currency = answer.text("payment", "currency")
    return Report(
        verdict=verdict,
        authentic=True,
        gateway_reference=token,
        # Two places of the answer carry our reference: when they differ neither is ours.
        reference=reference if ours in {"", reference} else f"{reference} / {ours}",
        merchant=answer.text("payment", "contractNumber"),
        # The answer names no platform: its address and its key are the mode's own.
        mode=merchant.mode,
        amount_cents=read_cents(answer.text("payment", "amount")),
        currency="EUR" if currency in {_EURO, ""} else currency,
        transaction_reference=answer.text("transaction", "id"),
        means="card_online",
        code=code,
        label=codes.label_of(verdict),
        occurred_at=read_instant(answer.text("transaction", "date"), "%d/%m/%Y %H:%M:%S")
        or read_instant(answer.text("transaction", "date"), "%d/%m/%Y %H:%M"),
        raw={
            "code": code,
            "shortMessage": answer.text("result", "shortMessage"),
            "longMessage": answer.text("result", "longMessage"),
            "transaction": answer.text("transaction", "id"),
            "authorization": answer.text("authorization", "number"),
        },
    )
