"""What Payline's result codes mean (8.4): the words of `shortMessage` first, then the code."""

from preau.domain.payments.states import Verdict

_ACCEPTED = {"00000", "02400", "02500", "02501", "02517", "02520", "02616", "03000", "04000"}
_CANCELLED = {"02319", "02008", "03022"}
_NEVER_PAID = {"02304", "02324", "02534"}
_WAITING = {"02306", "02000", "02005", "02006", "02016", "04001", "04003", "02015"}
_TECHNICAL = {"02101", "02102", "02103", "01109"}
#: Our request or our contract is wrong.
CONFIGURATION = {"02110", "02301", "02302", "02303", "02305"}
_NETWORK = ("0118", "0119", "019")
_REFUSED = ("011", "012", "04002")
_LABELS = {
    Verdict.PAID: "Payé par carte bancaire",
    Verdict.REFUSED: "Carte refusée par la banque",
    Verdict.CANCELLED: "Paiement abandonné",
    Verdict.EXPIRED: "Aucun paiement dans le temps donné",
    Verdict.PENDING: "En attente de la banque",
}


def verdict_of(code: str, short_message: str) -> Verdict:
    """The verdict of an answer; "accepted" needs both its word and its code, and what nobody documents ends nothing."""
    if code in _ACCEPTED:
        return Verdict.PAID if short_message == "ACCEPTED" else Verdict.PENDING
    if code in _CANCELLED:
        return Verdict.CANCELLED
    if code in _NEVER_PAID:
        return Verdict.EXPIRED
    if code in _WAITING | _TECHNICAL | CONFIGURATION or code.startswith(_NETWORK):
        return Verdict.PENDING
    return Verdict.REFUSED if code.startswith(_REFUSED) else Verdict.PENDING


def is_technical(code: str) -> bool:
    """Whether the service could not answer: ask again later."""
    return code in _TECHNICAL or code in CONFIGURATION


def label_of(verdict: Verdict) -> str:
    """A verdict in French."""
    return _LABELS[verdict]
