"""What Paybox's result codes mean (5.8): families read one sentence, agents the code."""

from preau.domain.payments.states import Verdict

ACCEPTED = "00000"
_CANCELLED = {"00001", "00117"}
_IDLE = "00030"
#: Waiting for the issuer; the bank's own trouble; already paid: no end yet, another message or the statement tells.
_OPEN = {"99999", "00003", "00015"}
#: The contract itself is wrong: access, subscription, currency, amount.
CONFIGURATION = {"00006", "00009", "00010", "00011"}
_LABELS = {
    ACCEPTED: "Payé par carte bancaire",
    "00001": "Paiement abandonné",
    "00003": "Erreur de la plate-forme de paiement",
    "00004": "Numéro de carte ou cryptogramme faux",
    "00006": "Accès refusé : site, rang ou identifiant",
    "00008": "Date de fin de validité fausse",
    "00015": "Paiement déjà effectué",
    "00021": "Carte non autorisée",
    "00029": "Carte non conforme",
    _IDLE: "Page laissée plus de quinze minutes",
    "00033": "Pays non autorisé",
    "00040": "Bloqué faute de 3-D Secure",
    "00117": "Paiement abandonné",
    "99999": "En attente de la banque du payeur",
}
_BY_THE_BANK = "001"


def verdict_of(code: str) -> Verdict:
    """The verdict of a code; one that nobody documents ends nothing."""
    if code == ACCEPTED:
        return Verdict.PAID
    if code in _CANCELLED:
        return Verdict.CANCELLED
    if code == _IDLE:
        return Verdict.EXPIRED
    is_known = code in _LABELS or code in CONFIGURATION or code.startswith(_BY_THE_BANK)
    return Verdict.REFUSED if is_known and code not in _OPEN else Verdict.PENDING


def label_of(code: str) -> str:
    """A code in French."""
    if code.startswith(_BY_THE_BANK) and code not in _LABELS:
        return "Carte refusée par la banque"
    return _LABELS.get(code, "Résultat inconnu")
