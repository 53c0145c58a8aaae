"""Paybox System (Verifone, Crédit Agricole's Up2pay e-Transactions) as a gateway of Préau (payment-gateways 5).

The bank signs what it says, but neither the merchant nor the mode is in what it signs, and its key is the same for
all: a genuine signature may come from somebody else's shop (5.7). Hence the random reference, the word of the test
platform told apart, old news left to a person, and the statement that has the last word.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta

import requests

from preau.domain.payments.contract_settings import Setting, value_of
from preau.domain.payments.errors import GatewayRefusedError, GatewayUnavailableError
from preau.domain.payments.gateway import (
    Answers,
    Checkup,
    Limits,
    Merchant,
    Message,
    NeverAsked,
    Order,
    Payer,
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
from preau.foundation.outbound import Breaker, CircuitOpenError, DeadlineError, origin_of, within
from preau.foundation.text import ascii_only
from preau.foundation.wire import is_plain_email, single_fields
from preau.plugins.gateways.paybox import codes, statement, wire

logger = logging.getLogger(__name__)

_PAGE, _BACKUP, _TRIAL = (
    "https://tpeweb.paybox.com/php/",
    "https://tpeweb1.paybox.com/php/",
    "https://preprod-tpeweb.paybox.com/php/",
)
#: What comes back, the signature last (5.5).
_RETURNED = (
    "montant:M;reference:R;code_autorisation:A;erreur:E;numero_appel:T;numero_transaction:S;"
    "date_transaction:W;heure_transaction:Q;signature:K"
)
_EURO, _FRANCE = "978", "250"
_SESSION_MINUTES = 15
#: The authorisation that the test platform gives to every payment.
_TRIAL_AUTHORISATION = "XXXXXX"
_PUBLIC_SITE, _PUBLIC_KEY = "1999888", "0123456789ABCDEF" * 8
_EMAIL_LENGTH = range(6, 121)
_MOST_LINES = 99
#: Instead of a name or an address that has no Latin letter, or that the family never gave.
_UNKNOWN = "Inconnu"
_XML = '<?xml version="1.0" encoding="utf-8"?>'

_PAGE_URL = Setting(
    "page_url",
    "Adresse de la page de paiement",
    kind="address",
    required=False,
    help_text="Vide : celle de Paybox. Up2pay e-Transactions a la sienne.",
)
_BACKUP_URL = Setting("backup_url", "Adresse de secours", kind="address", required=False)
_RANK = Setting("rang", "Rang", pattern="[0-9]{2,3}", wrong="Le rang comporte deux ou trois chiffres.")
_IDENTIFIER = Setting(
    "identifiant", "Identifiant", pattern="[0-9]{1,9}", wrong="L’identifiant comporte neuf chiffres au plus."
)
_KEY = Setting(
    "hmac_key",
    "Clé HMAC",
    kind="secret",
    pattern="([0-9A-Fa-f]{2}){32,128}",
    wrong="La clé HMAC s’écrit en hexadécimal, 64 caractères au moins.",
)
_BANK_KEY = Setting(
    "public_key",
    "Clé publique de la banque (PEM)",
    kind="key",
    help_text="Fichier pubkey.pem de la banque ; deux clés à la suite quand elle en change.",
)


class PayboxGateway(NeverAsked):
    """Card on Verifone's pages: site, rank and identifier of the contract, one key per platform."""

    code = "paybox"
    channel = Channel.ONLINE
    limits = Limits(min_cents=1, max_cents=99_999_99, session_minutes=_SESSION_MINUTES, news_for=timedelta(hours=24))
    presentation = Presentation(
        label="Paybox (Verifone)",
        operator="Verifone, pour la banque de la commune",
        official_host="tpeweb.paybox.com",
        debit_days={"card_online": (1, 3)},
    )
    answers = Answers(refused_status=400)
    number = Setting("merchant", "Site", pattern="[0-9]{7}", wrong="Le numéro de site Paybox comporte sept chiffres.")
    settings: tuple[Setting, ...] = (_RANK, _IDENTIFIER, _KEY, _BANK_KEY, _PAGE_URL, _BACKUP_URL)
    is_hearsay = False

    def __init__(self) -> None:
        self._breaker = Breaker()

    def start(self, order: Order, *, timeout: float) -> Redirect:
        """A signed form for the first of the bank's addresses that answers (5.1, 5.3)."""
        page = self._answering(order.merchant, timeout)
        fields = _fields(order)
        try:
            signature = wire.sign(fields, order.merchant.secret(_KEY.name))
        except ValueError as broken:
            raise GatewayRefusedError("key", "the HMAC key is not hexadecimal") from broken
        return Redirect(url=page, gateway_reference=order.reference, fields={**fields, "PBX_HMAC": signature})

    def _answering(self, merchant: Merchant, timeout: float) -> str:
        addresses = _addresses(merchant)
        for address in addresses:
            try:
                self._breaker.call(
                    lambda address=address: _check_loaded(address, timeout / len(addresses)),  # type: ignore[misc]
                    counts=(GatewayUnavailableError,),
                )
            except (GatewayUnavailableError, CircuitOpenError) as silence:
                logger.warning("%s does not answer: %s", address, silence)
            else:
                return address
        raise GatewayUnavailableError("none of the bank's addresses answers")

    def reference_in(self, message: Message) -> str | None:
        """Our own reference (PBX_CMD)."""
        fields = single_fields(_text(message)) or {}
        return fields.get("reference") or None

    def read(self, merchant: Merchant, message: Message) -> Report | None:
        """The message itself when the bank signed it; else a report that proves nothing."""
        try:
            keys = wire.public_keys(value_of(_BANK_KEY, merchant.settings))
        except ValueError:
            logger.exception("the bank's public key in the contract %s cannot be read", merchant.number)
            keys = []
        fields = wire.verified_fields(_text(message), keys)
        if fields is None:
            return Report(verdict=Verdict.PENDING, authentic=False, gateway_reference=self.reference_in(message) or "")
        return _report(merchant, fields)

    def read_statement(self, content: bytes) -> list[StatementLine]:
        """The bank's file (see `statement`)."""
        return statement.read_statement(content)

    def problems(self, merchant: Merchant) -> list[str]:
        """A bank key that cannot be read; the vendor's published test account used for real money."""
        found = []
        try:
            wire.public_keys(value_of(_BANK_KEY, merchant.settings))
        except ValueError:
            found.append("La clé publique de la banque n’est pas une clé RSA au format PEM.")
        is_public = merchant.number == _PUBLIC_SITE or merchant.secret(_KEY.name).upper() == _PUBLIC_KEY
        if merchant.mode != "test" and is_public:
            found.append("Ce compte d’essai est public : il ne peut servir qu’en mode test.")
        return found

    def probe(self, merchant: Merchant, *, timeout: float) -> Checkup:
        """Whether the pages answer; the bank says whether it knows the keys only when somebody pays."""
        right, wrong = [], []
        for address in _addresses(merchant):
            try:
                _check_loaded(address, timeout)
            except GatewayUnavailableError:
                wrong.append(f"{address} ne répond pas.")
            else:
                right.append(f"{address} répond.")
        untried = "Le site, le rang, l’identifiant et la clé HMAC ne se vérifient qu’en payant."
        return Checkup(right=tuple(right), wrong=tuple(wrong), untried=(untried,))

    def page_origins(self, merchant: Merchant) -> list[str]:
        """Where the form is posted."""
        return list(dict.fromkeys(map(origin_of, _addresses(merchant))))

    def checks_email(self, email: str) -> bool:
        """6 to 120 characters of ASCII with one `@`."""
        return is_plain_email(email, _EMAIL_LENGTH)


def _addresses(merchant: Merchant) -> list[str]:
    is_trial = merchant.mode == "test"
    page = value_of(_PAGE_URL, merchant.settings) or (_TRIAL if is_trial else _PAGE)
    backup = value_of(_BACKUP_URL, merchant.settings) or (_BACKUP if page == _PAGE else "")
    return [page, backup] if backup else [page]


def _check_loaded(address: str, timeout: float) -> None:
    """`/load.html` contains OK when the platform is up (5.1)."""
    url = f"{origin_of(address)}/load.html"
    try:
        answer = within(timeout, lambda: requests.get(url, timeout=timeout, allow_redirects=False))
    except (DeadlineError, requests.RequestException) as silence:
        raise GatewayUnavailableError(type(silence).__name__) from silence
    if answer.status_code != requests.codes.ok or "OK" not in answer.text:
        raise GatewayUnavailableError(f"status {answer.status_code}")


def _fields(order: Order) -> dict[str, str]:
    """The form in the order of its signature (5.3)."""
    merchant = order.merchant
    return {
        "PBX_SITE": merchant.number,
        "PBX_RANG": value_of(_RANK, merchant.settings),
        "PBX_IDENTIFIANT": value_of(_IDENTIFIER, merchant.settings),
        "PBX_TOTAL": f"{order.amount_cents:03d}",
        "PBX_DEVISE": _EURO,
        "PBX_CMD": order.reference,
        "PBX_PORTEUR": order.email,
        "PBX_RETOUR": _RETURNED,
        "PBX_HASH": "SHA512",
        "PBX_TIME": clock.now().replace(microsecond=0).isoformat(),
        **dict.fromkeys(("PBX_EFFECTUE", "PBX_REFUSE", "PBX_ANNULE", "PBX_ATTENTE"), order.return_url),
        "PBX_REPONDRE_A": order.notification_url,
        "PBX_RUF1": "POST",
        "PBX_DISPLAY": str(_SESSION_MINUTES * 60),
        "PBX_LANGUE": "FRA",
        "PBX_SHOPPINGCART": _cart(order.lines),
        "PBX_BILLING": _billing(order.payer),
    }


def _cart(lines: int) -> str:
    quantity = min(max(lines, 1), _MOST_LINES)
    return f"{_XML}<shoppingcart><total><totalQuantity>{quantity}</totalQuantity></total></shoppingcart>"


def _billing(payer: Payer) -> str:
    """Names and address in letters and digits, cut: the platform refuses accents and « & », and what is empty (5.3)."""
    parts = {
        "FirstName": ascii_only(payer.first_name, 22) or _UNKNOWN,
        "LastName": ascii_only(payer.last_name, 22) or _UNKNOWN,
        "Address1": ascii_only(payer.address, 50) or _UNKNOWN,
        "ZipCode": ascii_only(payer.postal_code, 10) or _UNKNOWN,
        "City": ascii_only(payer.city, 50) or _UNKNOWN,
        "CountryCode": _FRANCE,
    }
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items())
    return f"{_XML}<Billing><Address>{inner}</Address></Billing>"


def _text(message: Message) -> str:
    """The browser comes back with a query, the server's notice with a body."""
    return message.body.decode("latin-1") if message.body else message.query


def _report(merchant: Merchant, fields: Mapping[str, str]) -> Report:
    code = fields.get("erreur", "")
    if code in codes.CONFIGURATION:
        logger.error("the bank refuses the contract %s: %s", merchant.number, codes.label_of(code))
    references = (fields.get("numero_appel", ""), fields.get("numero_transaction", ""))
    return Report(
        verdict=codes.verdict_of(code),
        authentic=True,
        gateway_reference=fields.get("reference", ""),
        reference=fields.get("reference", ""),
        # The signed text names no shop: the statement tells whose money it was (5.7).
        merchant=merchant.number,
        mode=_mode(merchant, fields.get("code_autorisation", "")) if code == codes.ACCEPTED else merchant.mode,
        amount_cents=read_cents(fields.get("montant", "")),
        transaction_reference="-".join(filter(None, references)),
        means="card_online",
        code=code,
        label=codes.label_of(code),
        occurred_at=read_instant(
            f"{fields.get('date_transaction')} {fields.get('heure_transaction')}", "%Y%m%d %H:%M:%S"
        ),
        raw=dict(fields),
    )


def _mode(merchant: Merchant, authorisation: str) -> str:
    """The platform that authorised: the public one of trials says so by its authorisation alone (5.7)."""
    if not authorisation:
        return ""
    if authorisation == _TRIAL_AUTHORISATION:
        return "test"
    return "production" if merchant.mode == "test" else merchant.mode
