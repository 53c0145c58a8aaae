"""The errors of the service. `why` is for the journal only: the service itself says no more than its label."""

from collections.abc import Mapping
from typing import Literal

TechnicalClass = Literal["TechDysfonctionnementErreur", "TechIndisponibiliteErreur", "TechProtocolaireErreur"]

#: Codes of the guide that public sources confirm (payment-gateways.md 3.5); wording is ours.
LABELS: Mapping[str, str] = {
    "S1": "Type de saisie incorrect.",
    "T1": "Numéro de client incorrect.",
    "T2": "Numéro de client inconnu.",
    "T4": "Client sans accès sécurisé.",
    "M1": "Montant incorrect.",
    "M3": "Montant inférieur au minimum autorisé.",
    "M5": "Montant supérieur au maximum autorisé.",
    "A1": "Adresse électronique absente.",
    "A2": "Adresse électronique incorrecte.",
    "N1": "Adresse de notification incorrecte.",
    "D1": "Adresse de redirection incorrecte.",
    "R3": "Référence de la dette non conforme.",
    "P1": "Identifiant d’opération incorrect.",
    "P3": "Identifiant d’opération déjà utilisé.",
    "P4": "Identifiant d’opération périmé.",
    "P5": "Résultat de la transaction non connu.",
}
#: The only technical code public sources name.
TECHNICAL_CODE = "999"


class ServiceError(Exception):
    """What the service answers instead of a result."""

    kind: str
    code: str
    label: str

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class FunctionalError(ServiceError):
    """One of `LABELS`."""

    kind = "FonctionnelleErreur"

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code, self.label = code, LABELS[code]


class TechnicalError(ServiceError):
    """The service cannot tell; the caller must ask again later."""

    code = TECHNICAL_CODE
    label = "Erreur technique."

    def __init__(self, why: str, kind: TechnicalClass = "TechDysfonctionnementErreur") -> None:
        super().__init__(why)
        self.kind = kind


class EnvelopeError(Exception):
    """Not a SOAP 1.1 call of this service: answered by the SOAP layer, before any business code."""
