"""The rules of each field (payment-gateways.md 8.3), pure. The first broken one decides the code."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from banksim.payline.codes import WRONG_AMOUNT, WRONG_CONTRACT, WRONG_FORMAT
from banksim.payline.errors import RefusedError
from banksim.payline.soap import Call

EURO = "978"
#: Accepted versions of the messages.
VERSIONS = range(17, 27)
_AMOUNT_CHARACTERS = 12
_URL_CHARACTERS = 255
_REF_CHARACTERS = 50
_PRIVATE_CHARACTERS = 50
#: Authorisation and capture: what is imitated of the actions of a web payment.
_PAYMENT = "101"
_REFUND = "421"
_DATE_FORMAT = "%d/%m/%Y %H:%M"
_DATE = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4} [0-9]{2}:[0-9]{2}", re.ASCII)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(_[A-Za-z]{2})?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What `doWebPayment` asks, once every rule holds; `amount` in cents, `order_date` as sent."""

    contract: str
    ref: str
    amount: int
    currency: str
    action: str
    mode: str
    order_date: str
    return_url: str
    cancel_url: str
    notification_url: str
    private_data: Mapping[str, str]
    mail: str


def check_version(call: Call) -> None:
    """A version this service speaks.

    Raises:
        RefusedError: 02305.
    """
    version = call.text("version")
    if version not in {str(number) for number in VERSIONS}:
        raise _wrong("version", f"de {VERSIONS[0]} à {VERSIONS[-1]}", version)


def check_order(call: Call, contracts: Collection[str]) -> Order:
    """The order of a `doWebPayment`; `contracts` are the merchant's.

    Raises:
        RefusedError: 02305 a format, 02110 an amount, 02303 a contract that is not the merchant's.
    """
    check_version(call)
    amount = check_amount(call, "payment/amount")
    if check_amount(call, "order/amount") != amount:
        raise RefusedError(WRONG_AMOUNT, "les montants de payment et de order sont différents", "order/amount")
    for path in ("payment/currency", "order/currency"):
        _check_one_of(call, path, (EURO,))
    _check_language(call)
    return Order(
        amount=amount,
        currency=EURO,
        action=_check_one_of(call, "payment/action", (_PAYMENT,)),
        mode=_check_one_of(call, "payment/mode", ("CPT",)),
        contract=_contract(call, contracts),
        ref=_ref(call),
        order_date=_date(call),
        return_url=_url(call, "returnURL"),
        cancel_url=_url(call, "cancelURL"),
        notification_url=_url(call, "notificationURL", optional=True),
        private_data=_private_data(call),
        mail=_mail(call),
    )


def check_refund(call: Call, contracts: Collection[str]) -> int:
    """The cents to give back, of a `doRefund`.

    Raises:
        RefusedError: 02305, 02110 or 02303.
    """
    check_version(call)
    _check_one_of(call, "payment/action", (_REFUND,))
    _check_one_of(call, "payment/currency", (EURO,))
    _contract(call, contracts)
    return check_amount(call, "payment/amount")


def check_reset(call: Call, whole: int) -> int:
    """The cents to take off the remittance, of a `doReset`; without an amount, `whole`.

    Raises:
        RefusedError: 02305 or 02110.
    """
    check_version(call)
    if not call.text("amount"):
        return whole
    _check_one_of(call, "currency", (EURO,))
    return check_amount(call, "amount")


def check_amount(call: Call, path: str) -> int:
    """Cents.

    Raises:
        RefusedError: 02305 not at most 12 digits, 02110 nothing.
    """
    text = call.text(path)
    if not text.isascii() or not text.isdigit() or len(text) > _AMOUNT_CHARACTERS:
        raise _wrong(path, f"un nombre entier de centimes, {_AMOUNT_CHARACTERS} chiffres au plus", text)
    if int(text) == 0:
        raise RefusedError(WRONG_AMOUNT, f"{path} est nul", path)
    return int(text)


def _check_one_of(call: Call, path: str, allowed: tuple[str, ...]) -> str:
    text = call.text(path)
    if text not in allowed:
        raise _wrong(path, " ou ".join(allowed), text)
    return text


def _contract(call: Call, contracts: Collection[str]) -> str:
    """The payment's contract; those of the two lists must be known too."""
    lists = call.request.findall("selectedContractList/*") + call.request.findall("secondSelectedContractList/*")
    contract = call.text("payment/contractNumber")
    for number in (contract, *((element.text or "").strip() for element in lists)):
        if number not in contracts:
            raise RefusedError(WRONG_CONTRACT, f"le contrat « {number} » n’est pas à ce commerçant", "contractNumber")
    return contract


def _ref(call: Call) -> str:
    ref = call.text("order/ref")
    if not 1 <= len(ref) <= _REF_CHARACTERS:
        raise _wrong("order/ref", f"1 à {_REF_CHARACTERS} caractères", ref)
    return ref


def _date(call: Call) -> str:
    text = call.text("order/date")
    try:
        sound = bool(_DATE.fullmatch(text) and datetime.strptime(text, _DATE_FORMAT))  # noqa: DTZ007  (only its form)
    except ValueError:
        sound = False
    if not sound:
        raise _wrong("order/date", "jj/mm/aaaa hh:mm", text)
    return text


def _url(call: Call, path: str, *, optional: bool = False) -> str:
    text = call.text(path)
    if optional and not text:
        return ""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        sound = False
    if not sound or len(text) > _URL_CHARACTERS:
        raise _wrong(path, f"une adresse http d’au plus {_URL_CHARACTERS} caractères", text)
    return text


def _private_data(call: Call) -> dict[str, str]:
    pairs = call.request.findall("privateDataList/privateData")
    told = {(pair.findtext("key") or ""): (pair.findtext("value") or "") for pair in pairs}
    for key, value in told.items():
        if not 1 <= len(key) <= _PRIVATE_CHARACTERS or len(value) > _PRIVATE_CHARACTERS:
            raise _wrong("privateData", f"clé et valeur d’au plus {_PRIVATE_CHARACTERS} caractères", f"{key}={value}")
    return told


def _check_language(call: Call) -> None:
    language = call.text("languageCode")
    if language and not _LANGUAGE.fullmatch(language):
        raise _wrong("languageCode", "un code de langue", language)


def _mail(call: Call) -> str:
    mail = call.text("buyer/email")
    if mail and not _MAIL.fullmatch(mail):
        raise _wrong("buyer/email", "une adresse électronique", mail)
    return mail


def _wrong(path: str, expected: str, got: str) -> RefusedError:
    return RefusedError(WRONG_FORMAT, f"{path} : attendu {expected}, reçu « {got} »", path)
