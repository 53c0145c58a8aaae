"""Return codes of Payline (payment-gateways.md 8.4 and 8.5); the long messages and the French wording are ours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PAID = "00000"
REFUSED = "01100"
SECURE_REFUSED = "01131"
#: Before a card was typed; the other one comes from the 3-D Secure page.
CANCELLED, CANCELLED_AT_3DS = "02319", "03022"
WAITING = "02000"
IN_PROGRESS = "02306"
UNKNOWN_TOKEN = "02304"  # noqa: S105  (a return code)
SESSION_EXPIRED, NEVER_OPENED = "02324", "02534"
WRONG_AMOUNT, WRONG_TRANSACTION_ID, WRONG_TRANSACTION = "02110", "02301", "02302"
WRONG_CONTRACT, WRONG_FORMAT = "02303", "02305"


@dataclass(frozen=True)
class Message:
    """What the service says with a code."""

    short: str
    long: str


def _numbers(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{code:05d}" for code in range(first, last + 1))


def _each(codes: Iterable[str], short: str, long: str) -> dict[str, Message]:
    return {code: Message(short, long) for code in codes}


_BANK_REFUSALS = (
    *("01100", "01101", "01103", "01108", "01110", "01111"),
    *_numbers(1113, 1133),
    *_numbers(1200, 1209),
)
_NETWORK_ERRORS = ("01109", *_numbers(1180, 1199), "01907", "01909")
#: How a payment ends, for good or for a while.
_ENDS: Mapping[str, Message] = {
    PAID: Message("ACCEPTED", "Transaction approved"),
    **_each(("02400", "02500", "02501", "02517", "02520", "02616", "03000", "04000"), "ACCEPTED", "Operation accepted"),
    **_each(_BANK_REFUSALS, "REFUSED", "Refused by the issuer"),
    "04002": Message("REFUSED", "Refused by the fraud module"),
    "02015": Message("REFUSED", "Delegated to the partner"),
    **_each((CANCELLED, "02008"), "CANCELLED", "Cancelled by the buyer"),
    CANCELLED_AT_3DS: Message("CANCELLED", "Cancelled by the buyer at 3-D Secure"),
    **_each(("02000", "02005", "02006", "02016"), "ONHOLD_PARTNER", "Waiting for the partner"),
    **_each(("04001", "04003"), "PENDING_RISK", "Waiting for the fraud module"),
    **_each(_NETWORK_ERRORS, "ERROR", "Acquirer or network error"),
    "02101": Message("ERROR", "Internal error"),
    "02102": Message("ERROR", "Communication error with the acquirer"),
    "02103": Message("ERROR", "Time out, try later"),
    SESSION_EXPIRED: Message("ERROR", "The session has expired"),
    NEVER_OPENED: Message("ERROR", "The session has expired before the payment page was opened"),
}
_MESSAGES: Mapping[str, Message] = {
    **_ENDS,
    IN_PROGRESS: Message("INPROGRESS", "The buyer has not finished on the payment page"),
    UNKNOWN_TOKEN: Message("ERROR", "No transaction found for this token"),
    WRONG_AMOUNT: Message("ERROR", "The amount is invalid"),
    WRONG_TRANSACTION_ID: Message("ERROR", "The transaction ID is invalid"),
    WRONG_TRANSACTION: Message("ERROR", "The transaction is invalid"),
    WRONG_CONTRACT: Message("ERROR", "Invalid contract number"),
    WRONG_FORMAT: Message("ERROR", "Invalid field format"),
}

_SHORT_LABELS: Mapping[str, str] = {
    "ACCEPTED": "Paiement accepté",
    "REFUSED": "Paiement refusé",
    "CANCELLED": "Paiement annulé",
    "ONHOLD_PARTNER": "Paiement en attente de la banque",
    "PENDING_RISK": "Paiement en cours de vérification",
    "ERROR": "Paiement impossible pour le moment",
}
_LABELS: Mapping[str, str] = {
    "01101": "Paiement refusé : carte périmée",
    "01111": "Paiement refusé : numéro de carte inconnu",
    "01116": "Paiement refusé : plafond dépassé",
    "01117": "Paiement refusé : code confidentiel faux",
    "01130": "Paiement refusé : cryptogramme faux",
    "01131": "Paiement refusé : authentification échouée",
    "01208": "Paiement refusé : carte perdue",
    "01209": "Paiement refusé : carte volée",
    "04002": "Paiement refusé par le contrôle de fraude",
}
#: Every end of a payment with its title.
OUTCOMES: Mapping[str, str] = {code: _LABELS.get(code, _SHORT_LABELS[told.short]) for code, told in _ENDS.items()}
#: Those the payment page offers to choose.
OFFERED: Mapping[str, str] = {code: OUTCOMES[code] for code in (PAID, REFUSED, *_LABELS, WAITING, "04001", "01109")}
#: French word of the lists for each short message.
STATES: Mapping[str, str] = {
    "ACCEPTED": "payée",
    "REFUSED": "refusée",
    "CANCELLED": "abandonnée",
    "ERROR": "en erreur",
    "ONHOLD_PARTNER": "en attente",
    "PENDING_RISK": "en attente",
}


def _saying(*shorts: str) -> frozenset[str]:
    return frozenset(code for code, told in _ENDS.items() if told.short in shorts)


ACCEPTED = _saying("ACCEPTED")
CANCELLATIONS = _saying("CANCELLED")
PENDING = _saying("ONHOLD_PARTNER", "PENDING_RISK")
EXPIRED = frozenset({SESSION_EXPIRED, NEVER_OPENED})
#: Amounts, in cents, that force the result on the homologation platform (8.5).
FORCED: Mapping[int, str] = {
    33300: "00000",
    33305: "01100",
    33360: "01103",
    33302: "01108",
    33303: "01109",
    33351: "01116",
    33355: "01117",
    33357: "01119",
    33334: "01202",
    33338: "01206",
    33391: "01907",
    33396: "01909",
}


def message(code: str) -> Message:
    """What the service says with this code.

    Raises:
        KeyError: not a code of 8.4.
    """
    return _MESSAGES[code]
