"""Systempay v2 and its sisters as gateways of Préau (payment-gateways 6): one protocol, one address per brand.

What the guides call « SP Plus » is today's Systempay: the protocol of that time is gone.
"""

import logging
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlsplit

import requests

from preau.domain.payments.contract_settings import Setting, value_of
from preau.domain.payments.errors import GatewayRefusedError
from preau.domain.payments.gateway import (
    Answers,
    Checkup,
    Limits,
    Merchant,
    Message,
    NeverAsked,
    Order,
    Presentation,
    Redirect,
    Report,
    StatementLine,
)
from preau.domain.payments.states import Verdict
from preau.domain.regies.models import Channel
from preau.foundation import clock
from preau.foundation.instants import read_instant
from preau.foundation.money import read_cents
from preau.foundation.outbound import DeadlineError, origin_of, within
from preau.foundation.text import clean
from preau.foundation.wire import is_plain_email, single_fields
from preau.plugins.gateways.systempay import statement, wire
from preau.plugins.gateways.systempay.results import reading_of

logger = logging.getLogger(__name__)

_EURO = "978"
_INSTANT = "%Y%m%d%H%M%S"
_TRANS_ID = string.digits + string.ascii_letters
_EMAIL_LENGTH = range(6, 128)
_PUBLIC_KEY = "1122334455667788"
#: Seconds that the bank shows its own result before bringing the payer back.
_SHOWN_SECONDS = "5"
_KEY = Setting(
    "key",
    "Clé (celle du mode choisi)",
    kind="secret",
    pattern="[0-9A-Za-z]{16,64}",
    wrong="La clé comporte au moins seize lettres et chiffres.",
)
_ALGORITHM = Setting(
    "signature_algo",
    "Signature",
    kind="choice",
    default="hmac_sha256",
    choices={"hmac_sha256": "HMAC-SHA-256", "sha1": "SHA-1 (anciens contrats)"},
)


@dataclass(frozen=True, slots=True)
class Brand:
    """A bank's own name and address for the same service (6.1)."""

    code: str
    label: str
    operator: str
    service_url: str


BRANDS = (
    Brand(
        "systempay",
        "Systempay (ex-SP Plus)",
        "Systempay, pour la banque de la commune",
        "https://paiement.systempay.fr/vads-payment/",
    ),
    Brand("payzen", "PayZen", "Lyra, pour la banque de la commune", "https://secure.payzen.eu/vads-payment/"),
    Brand(
        "scellius",
        "Scellius",
        "La Banque Postale",
        "https://scelliuspaiement.labanquepostale.fr/vads-payment/",
    ),
    Brand(
        "sogecommerce",
        "Sogecommerce",
        "la Société Générale",
        "https://sogecommerce.societegenerale.eu/vads-payment/",
    ),
)


class SystempayGateway(NeverAsked):
    """Card on the bank's pages: an eight-digit shop and one key per mode."""

    limits = Limits(min_cents=1, max_cents=99_999_99, session_minutes=10)
    answers = Answers(accepted="Notification enregistrée", refused_status=400)
    number = Setting(
        "merchant", "Identifiant de boutique", pattern="[0-9]{8}", wrong="L’identifiant de boutique a huit chiffres."
    )
    channel = Channel.ONLINE
    is_hearsay = False

    def __init__(self, brand: Brand) -> None:
        self.code = brand.code
        self.presentation = Presentation(
            label=brand.label,
            operator=brand.operator,
            official_host=urlsplit(brand.service_url).netloc,
            debit_days={"card_online": (1, 3)},
        )
        self._address = Setting(
            "service_url", "Adresse de la page de paiement", kind="address", default=brand.service_url
        )
        self.settings: tuple[Setting, ...] = (_KEY, _ALGORITHM, self._address)

    def start(self, order: Order, *, timeout: float) -> Redirect:
        """A signed form; nothing is asked of the bank before the payer arrives there."""
        del timeout
        key = order.merchant.secret(_KEY.name)
        if not key:
            raise GatewayRefusedError("key", "the contract has no key")
        fields = _fields(order)
        signature = wire.sign(fields, key, _algorithm(order.merchant))
        return Redirect(
            url=value_of(self._address, order.merchant.settings),
            gateway_reference=order.reference,
            fields={**fields, "signature": signature},
        )

    def reference_in(self, message: Message) -> str | None:
        """Our own reference (`vads_order_id`)."""
        fields = single_fields(_text(message)) or {}
        return fields.get("vads_order_id") or None

    def read(self, merchant: Merchant, message: Message) -> Report | None:
        """The message itself when one of the contract's keys signed it; else a report that proves nothing."""
        keys = merchant.secrets.get(_KEY.name, ())
        fields = wire.verified_fields(_text(message), keys, _algorithm(merchant))
        if fields is None:
            return Report(verdict=Verdict.PENDING, authentic=False, gateway_reference=self.reference_in(message) or "")
        return _report(merchant, fields)

    def read_statement(self, content: bytes) -> list[StatementLine]:
        """The bank's file (see `statement`)."""
        return statement.read_statement(content)

    def problems(self, merchant: Merchant) -> list[str]:
        """The published test key used for real money."""
        if merchant.mode != "test" and merchant.secret(_KEY.name) == _PUBLIC_KEY:
            return ["Cette clé d’essai est publique : elle ne peut servir qu’en mode test."]
        return []

    def probe(self, merchant: Merchant, *, timeout: float) -> Checkup:
        """Whether the bank's page answers; the key is tried only when somebody pays."""
        address = value_of(self._address, merchant.settings)
        untried = ("L’identifiant de boutique, le mode et la clé ne se vérifient qu’en payant.",)
        try:
            answer = within(timeout, lambda: requests.get(address, timeout=timeout, allow_redirects=False))
        except (DeadlineError, requests.RequestException):
            return Checkup(wrong=(f"{address} ne répond pas.",), untried=untried)
        if answer.status_code >= requests.codes.internal_server_error:
            return Checkup(wrong=(f"{address} est en panne (erreur {answer.status_code}).",), untried=untried)
        return Checkup(right=(f"{address} répond.",), untried=untried)

    def page_origins(self, merchant: Merchant) -> list[str]:
        """Where the form is posted."""
        return [origin_of(value_of(self._address, merchant.settings))]

    def checks_email(self, email: str) -> bool:
        """6 to 127 characters of ASCII with one `@`."""
        return is_plain_email(email, _EMAIL_LENGTH)


def _algorithm(merchant: Merchant) -> wire.Algorithm:
    return "sha1" if value_of(_ALGORITHM, merchant.settings) == "sha1" else "hmac_sha256"


def _fields(order: Order) -> dict[str, str]:
    """The form (6.3)."""
    payer = order.payer
    return {
        "vads_site_id": order.merchant.number,
        "vads_ctx_mode": "TEST" if order.merchant.mode == "test" else "PRODUCTION",
        "vads_version": "V2",
        "vads_action_mode": "INTERACTIVE",
        "vads_page_action": "PAYMENT",
        "vads_payment_config": "SINGLE",
        "vads_trans_id": _new_trans_id(),
        "vads_trans_date": clock.now().strftime(_INSTANT),
        "vads_amount": str(order.amount_cents),
        "vads_currency": _EURO,
        "vads_order_id": order.reference,
        "vads_order_info": clean(order.label)[:255],
        "vads_cust_email": order.email,
        "vads_cust_first_name": clean(payer.first_name)[:63],
        "vads_cust_last_name": clean(payer.last_name)[:63],
        "vads_cust_address": clean(payer.address)[:255],
        "vads_cust_zip": clean(payer.postal_code)[:63],
        "vads_cust_city": clean(payer.city)[:63],
        "vads_cust_country": "FR",
        "vads_language": "fr",
        "vads_url_return": order.return_url,
        "vads_url_check": order.notification_url,
        # A return by POST would come without the session's cookie.
        "vads_return_mode": "GET",
        "vads_redirect_success_timeout": _SHOWN_SECONDS,
        "vads_redirect_error_timeout": _SHOWN_SECONDS,
    }


def _new_trans_id() -> str:
    """Six letters and digits, unique in the shop's day: one of 50 thousand million, those of the bank (9…) left out."""
    return secrets.choice(_TRANS_ID.replace("9", "")) + "".join(secrets.choice(_TRANS_ID) for _ in range(5))


def _text(message: Message) -> str:
    """The server's notice has a body, the browser comes back with a query."""
    return message.body.decode("utf-8", "replace") if message.body else message.query


def _report(merchant: Merchant, fields: Mapping[str, str]) -> Report:
    verdict, label = reading_of(fields)
    result = fields.get("vads_result", "")
    if result == "30":
        wrong = fields.get("vads_extra_result", "")
        logger.error("the bank refuses the form of the shop %s: field %s", merchant.number, wrong)
    currency = fields.get("vads_currency", "")
    paid_at = fields.get("vads_effective_creation_date") or fields.get("vads_presentation_date", "")
    return Report(
        verdict=verdict,
        authentic=True,
        gateway_reference=fields.get("vads_order_id", ""),
        reference=fields.get("vads_order_id", ""),
        merchant=fields.get("vads_site_id", ""),
        mode=_mode(merchant, fields.get("vads_ctx_mode", "")),
        amount_cents=read_cents(fields.get("vads_amount", "")),
        currency="EUR" if currency == _EURO else currency,
        transaction_reference=fields.get("vads_trans_uuid", ""),
        means="card_online",
        code=fields.get("vads_auth_result") or result,
        label=label,
        occurred_at=read_instant(paid_at, _INSTANT, zone=UTC),
        # Masked by the bank, and of no use to us.
        raw={name: value for name, value in fields.items() if name not in {"vads_card_number", "vads_cust_email"}},
    )


def _mode(merchant: Merchant, said: str) -> str:
    if said == "TEST":
        return "test"
    return "production" if merchant.mode == "test" else merchant.mode
