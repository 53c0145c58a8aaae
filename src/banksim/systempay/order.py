"""The rules of each field of the form (payment-gateways.md 6.3), pure. The first broken one gives the error page."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from banksim.systempay import signature

BAD_SIGNATURE = "00"
ALREADY_USED = "03"
_NO_SUCH_SHOP = "02"
#: Mandatory fields, each with the number of its error page and its format.
_MANDATORY = {
    "vads_version": ("01", r"V2"),
    "vads_trans_id": ("03", r"(?!9[0-9]{5}$)[A-Za-z0-9]{6}"),
    "vads_trans_date": ("04", r"[0-9]{14}"),
    "vads_payment_config": ("07", r"SINGLE"),
    "vads_amount": ("09", r"(?!0+$)[0-9]{1,12}"),
    "vads_currency": ("10", r"978"),
    "vads_page_action": ("46", r"PAYMENT"),
    "vads_action_mode": ("47", r"INTERACTIVE"),
}
_OPTIONAL = {
    "vads_validation_mode": ("05", r"[01]?"),
    "vads_capture_delay": ("06", r"[0-9]{0,3}"),
    "vads_payment_cards": ("08", r"[A-Z0-9_;-]{0,127}"),
    "vads_language": ("12", r"[a-z]{2}"),
    "vads_order_id": ("13", r"[A-Za-z0-9-]{1,64}"),
    "vads_order_info": ("14", r".{0,255}"),
    "vads_order_info2": ("14", r".{0,255}"),
    "vads_order_info3": ("14", r".{0,255}"),
    "vads_cust_email": ("15", r"(?=.{1,127}$)[^@\s]+@[^@\s]+"),
    "vads_cust_id": ("16", r".{0,63}"),
    "vads_cust_name": ("18", r".{0,127}"),
    "vads_cust_address": ("19", r".{0,255}"),
    "vads_cust_zip": ("20", r".{0,63}"),
    "vads_cust_city": ("21", r".{0,63}"),
    "vads_cust_country": ("22", r"[A-Z]{2}"),
    "vads_cust_phone": ("23", r".{0,63}"),
    "vads_cust_first_name": ("104", r".{0,63}"),
    "vads_cust_last_name": ("104", r".{0,63}"),
    "vads_contrib": ("31", r".{0,255}"),
    "vads_return_mode": ("48", r"GET|POST|NONE|"),
    "vads_redirect_success_timeout": ("34", r"[0-9]{1,2}|[12][0-9]{2}|300"),
    "vads_redirect_error_timeout": ("36", r"[0-9]{1,2}|[12][0-9]{2}|300"),
}
_ADDRESSES = {
    "vads_url_success": "24",
    "vads_url_refused": "25",
    "vads_url_cancel": "27",
    "vads_url_return": "28",
    "vads_url_error": "29",
    "vads_url_check": "33",
}
_ADDRESS_CHARACTERS = 1024


class RefusedFormError(Exception):
    """The form is refused: `number` is that of the error page, the message says why, in French."""

    def __init__(self, number: str, why: str) -> None:
        super().__init__(why)
        self.number = number


@dataclass(frozen=True, kw_only=True)
class Account:
    """A shop, with one key per mode. `address` and `phone` are shown on its page, under its `brand`.

    `sha1`: it signs in SHA-1, as before 2019. `notify_url` is the address kept in the back office, for what staff
    or batches tell. `notify_abandoned`: the rule that tells abandonments is active.
    """

    site_id: str
    key_test: str
    key_production: str = ""
    label: str = "Commune d’essai"
    address: str = ""
    phone: str = ""
    brand: str = "Systempay"
    sha1: bool = False
    notify_url: str = ""
    notify_abandoned: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{8}", self.site_id):
            raise ValueError(f"site_id : {self.site_id}")
        if not self.key_test:
            raise ValueError("clé de test vide")

    @property
    def number(self) -> str:
        """Names it."""
        return self.site_id

    def key(self, mode: str) -> str:
        """The key of TEST or PRODUCTION; empty where the shop has none."""
        return {"TEST": self.key_test, "PRODUCTION": self.key_production}.get(mode, "")


def check(pairs: Sequence[tuple[str, str]], accounts: Mapping[str, Account]) -> Account:
    """The shop that may take this form.

    Raises:
        RefusedFormError: the first broken rule: shop, mode, signature, then each field.
    """
    fields = dict(pairs)
    repeated = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    if repeated:
        raise RefusedFormError(BAD_SIGNATURE, f"{repeated[0]} envoyé deux fois")
    account = accounts.get(fields.get("vads_site_id", ""))
    if account is None:
        raise RefusedFormError(_NO_SUCH_SHOP, f"boutique {fields.get('vads_site_id', '')} non déclarée")
    mode = fields.get("vads_ctx_mode", "")
    if not account.key(mode):
        raise RefusedFormError("11", f"vads_ctx_mode doit être TEST ou PRODUCTION, avec sa clé ; reçu « {mode} »")
    if not signature.is_signed(fields, account.key(mode), sha1=account.sha1):
        right = signature.sign(fields, account.key(mode), sha1=account.sha1)
        raise RefusedFormError(BAD_SIGNATURE, f"signature fausse, attendu {right}")
    for name, (number, pattern) in {**_MANDATORY, **_OPTIONAL}.items():
        if name in _MANDATORY or name in fields:
            _check_format(number, name, pattern, fields.get(name, ""))
    _check_date(fields["vads_trans_date"])
    for name, number in _ADDRESSES.items():
        _check_address(number, name, fields.get(name, ""))
    return account


def reference(fields: Mapping[str, str]) -> str:
    """What names an order: its own number, else the date and number of the transaction."""
    return fields.get("vads_order_id") or f"{fields.get('vads_trans_date')}_{fields.get('vads_trans_id')}"


def _check_format(number: str, name: str, pattern: str, value: str) -> None:
    if not re.fullmatch(pattern, value, re.DOTALL):
        raise RefusedFormError(number, f"{name} ne suit pas {pattern}, reçu « {value} »")


def _check_date(text: str) -> None:
    try:
        datetime.strptime(f"{text}+0000", "%Y%m%d%H%M%S%z")
    except ValueError as error:
        raise RefusedFormError("04", f"vads_trans_date n’est pas une date, reçu « {text} »") from error


def _check_address(number: str, name: str, text: str) -> None:
    """Absent and empty are the same."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"[\s#]", text)
    except ValueError:
        sound = False
    if text and (not sound or len(text) > _ADDRESS_CHARACTERS):
        raise RefusedFormError(number, f"{name} doit être une adresse http complète, reçu « {text} »")
