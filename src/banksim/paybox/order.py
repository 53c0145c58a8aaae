"""The rules of each field of the form (payment-gateways.md 5.3), pure. The first broken one names the refusal."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

from banksim.paybox import codes
from banksim.paybox.signature import HASHES, HMAC_FIELD, Pairs, is_signed, request_hmac

#: Letters of PBX_RETOUR; K is the signature.
LETTERS = frozenset("MRATSWQEKBCDFGHIJNOPUYZv")
_MANDATORY = (
    *("PBX_SITE", "PBX_RANG", "PBX_IDENTIFIANT", "PBX_TOTAL", "PBX_DEVISE", "PBX_CMD", "PBX_PORTEUR"),
    *("PBX_RETOUR", "PBX_HASH", "PBX_TIME", HMAC_FIELD),
)
_PATTERNS = {
    "PBX_SITE": r"[0-9]{7}",
    "PBX_RANG": r"[0-9]{2,3}",
    "PBX_IDENTIFIANT": r"[0-9]{1,9}",
    "PBX_TOTAL": r"(?!0+$)[0-9]{3,10}",
    "PBX_DEVISE": r"978",
    "PBX_CMD": r".{1,250}",
    "PBX_PORTEUR": r"(?=.{6,120}$)[^@\s]+@[^@\s]+",
    "PBX_RETOUR": r"(\w+:[A-Za-z];)*\w+:K",
    "PBX_HASH": "|".join(HASHES),
    "PBX_RUF1": r"GET|POST",
    "PBX_DISPLAY": r"[1-9][0-9]{0,4}",
    "PBX_AUTOSEULE": r"[ON]",
    "PBX_DIFF": r"[0-9]{2}",
    "PBX_ARCHIVAGE": r"[A-Za-z0-9]{0,12}",
    "PBX_LANGUE": r"[A-Z]{3}",
    "PBX_SOUHAITAUTHENT": r"0[1-4]",
    "PBX_ERRORCODETEST": "|".join(codes.LABELS),
}
_ADDRESSES = ("PBX_EFFECTUE", "PBX_REFUSE", "PBX_ANNULE", "PBX_ATTENTE", "PBX_REPONDRE_A")
_WORDS = "[A-Za-z0-9 ]"
#: Elements of the address, in their order; those without which 3-D Secure v2 has nothing to compare.
_BILLING = {
    "FirstName": f"{_WORDS}{{1,22}}",
    "LastName": f"{_WORDS}{{1,22}}",
    "Address1": f"{_WORDS}{{1,50}}",
    "Address2": f"{_WORDS}{{0,50}}",
    "ZipCode": f"{_WORDS}{{1,16}}",
    "City": f"{_WORDS}{{1,50}}",
    "CountryCode": "[0-9]{3}",
    "CountryCodeMobilePhone": r"\+[0-9]{1,3}",
    "MobilePhone": "[0-9]{10}",
}
_OPTIONAL = frozenset({"Address2", "CountryCodeMobilePhone", "MobilePhone"})
_QUANTITY = "[1-9][0-9]?"


class RefusedFormError(Exception):
    """The form is refused: `field` is the first that breaks its rule, the message says why, in French."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Account:
    """A contract: `key` in hexadecimal signs its forms. In `production` authorisation numbers have six digits.

    `double_encoded` encodes the signature of its answers twice, as some platforms do.
    """

    site: str
    rang: str
    identifiant: str
    key: str
    label: str = "COMMUNE D’ESSAI"
    production: bool = False
    double_encoded: bool = False

    def __post_init__(self) -> None:
        for name, value in (("PBX_SITE", self.site), ("PBX_RANG", self.rang), ("PBX_IDENTIFIANT", self.identifiant)):
            if not re.fullmatch(_PATTERNS[name], value):
                raise ValueError(f"{name} : {value}")
        if not bytes.fromhex(self.key):
            raise ValueError("clé vide")

    @property
    def number(self) -> str:
        """Names it: site, hyphen, rank."""
        return number(self.site, self.rang)


def number(site: str, rang: str) -> str:
    """`1999888-32`, however the rank was padded."""
    return f"{site}-{int(rang):02d}"


def check(pairs: Pairs, accounts: Mapping[str, Account]) -> Account:
    """The account that may take this form.

    Raises:
        RefusedFormError: the first broken rule: names, formats, account, signature, address and cart.
    """
    given = dict(pairs)
    _check_names(pairs, given)
    for name, pattern in _PATTERNS.items():
        if name in given and not re.fullmatch(pattern, given[name], re.ASCII):
            raise RefusedFormError(name, f"{name} ne suit pas {pattern}, reçu « {given[name]} »")
    account = accounts.get(number(given["PBX_SITE"], given["PBX_RANG"]))
    if account is None:
        raise RefusedFormError("PBX_SITE", f"site {given['PBX_SITE']} rang {given['PBX_RANG']} non déclarés")
    if account.identifiant != given["PBX_IDENTIFIANT"]:
        raise RefusedFormError("PBX_IDENTIFIANT", f"identifiant {given['PBX_IDENTIFIANT']} d’un autre site")
    if not is_signed(pairs, account.key):
        raise RefusedFormError(HMAC_FIELD, f"PBX_HMAC faux, attendu {request_hmac(pairs, account.key)}")
    _check_time(given["PBX_TIME"])
    _check_retour(given["PBX_RETOUR"])
    for name in _ADDRESSES:
        _check_address(name, given.get(name))
    _check_cart(given.get("PBX_SHOPPINGCART"))
    _check_billing(given.get("PBX_BILLING"))
    return account


def variables(retour: str) -> list[tuple[str, str]]:
    """The names and letters of PBX_RETOUR, in their order."""
    return [(name, letter) for name, _, letter in (pair.partition(":") for pair in retour.split(";"))]


def _check_names(pairs: Pairs, given: Mapping[str, str]) -> None:
    repeated = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    if repeated:
        raise RefusedFormError(repeated[0], f"{repeated[0]} envoyé deux fois")
    for name in _MANDATORY:
        if not given.get(name):
            raise RefusedFormError(name, f"{name} est obligatoire")


def _check_time(text: str) -> None:
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise RefusedFormError("PBX_TIME", f"PBX_TIME doit être une date ISO 8601 avec son décalage, reçu « {text} »")


def _check_retour(text: str) -> None:
    asked = variables(text)
    unknown = {letter for _, letter in asked} - LETTERS
    if unknown or len({name for name, _ in asked}) != len(asked):
        raise RefusedFormError("PBX_RETOUR", f"PBX_RETOUR : lettre inconnue ou nom répété dans « {text} »")


def _check_address(name: str, text: str | None) -> None:
    if text is None:
        return
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"[\s#]", text)
    except ValueError:
        sound = False
    if not sound:
        raise RefusedFormError(name, f"{name} doit être une adresse http complète, reçu « {text} »")


def _check_cart(text: str | None) -> None:
    if text is None:
        return
    cart = _tree("PBX_SHOPPINGCART", text, "shoppingcart")
    quantity = cart.findtext("total/totalQuantity") or ""
    if not re.fullmatch(_QUANTITY, quantity):
        raise RefusedFormError("PBX_SHOPPINGCART", f"totalQuantity doit aller de 1 à 99, reçu « {quantity} »")


def _check_billing(text: str | None) -> None:
    if text is None:
        return
    address = _tree("PBX_BILLING", text, "Billing").find("Address")
    told = [] if address is None else [(str(child.tag), child.text or "") for child in address]
    names = [name for name, _ in told]
    expected = [name for name in _BILLING if name in names or name not in _OPTIONAL]
    if names != expected:
        raise RefusedFormError("PBX_BILLING", f"éléments attendus dans cet ordre : {', '.join(expected)}")
    for name, value in told:
        if not re.fullmatch(_BILLING[name], value, re.ASCII):
            raise RefusedFormError("PBX_BILLING", f"{name} ne suit pas {_BILLING[name]}, reçu « {value} »")


def _tree(field: str, text: str, root: str) -> etree._Element:
    if not text.isascii():
        raise RefusedFormError(field, f"{field} doit être en ASCII")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(text.encode("ascii"), parser)
    except etree.XMLSyntaxError as error:
        raise RefusedFormError(field, f"{field} : XML mal formé, {error.msg}") from error
    if tree.tag != root:
        raise RefusedFormError(field, f"{field} : racine {root} attendue")
    return tree
