"""Transaction statuses (payment-gateways.md 6.6), each with its wording and what comes with it."""

from collections.abc import Mapping

AUTHORISED = "AUTHORISED"
REFUSED = "REFUSED"
ABANDONED = "ABANDONED"
CANCELLED = "CANCELLED"
WAITING = "WAITING_AUTHORISATION"

ACCEPTED = frozenset({AUTHORISED, "CAPTURED", "ACCEPTED"})
LABELS: Mapping[str, str] = {
    AUTHORISED: "Paiement accepté",
    REFUSED: "Paiement refusé",
    ABANDONED: "Paiement abandonné",
    WAITING: "Paiement en attente d’autorisation",
    "CAPTURED": "Paiement remis en banque",
    "ACCEPTED": "Paiement accepté par la banque",
    "AUTHORISED_TO_VALIDATE": "Paiement à valider par la mairie",
    "WAITING_AUTHORISATION_TO_VALIDATE": "Paiement à valider et à autoriser",
    "WAITING_FOR_PAYMENT": "Paiement en cours chez un autre établissement",
    "UNDER_VERIFICATION": "Paiement en cours de vérification",
    "INITIAL": "Paiement en cours de traitement",
    "SUSPENDED": "Paiement suspendu",
    "NOT_CREATED": "Paiement non créé",
    "EXPIRED": "Paiement expiré",
    CANCELLED: "Paiement annulé par la mairie",
    "CAPTURE_FAILED": "Remise en banque refusée",
}
#: The transaction goes on: what follows is told of it, not of another one.
LIVE = ACCEPTED | {
    *(WAITING, "AUTHORISED_TO_VALIDATE", "WAITING_AUTHORISATION_TO_VALIDATE", "WAITING_FOR_PAYMENT"),
    *("UNDER_VERIFICATION", "INITIAL", "SUSPENDED"),
}
#: vads_result where it is not 00.
RESULTS: Mapping[str, str] = {REFUSED: "05", "NOT_CREATED": "05", "CAPTURE_FAILED": "05", ABANDONED: "17"}
#: Who tells (vads_url_check_src) where it is not the payer's payment.
SOURCES: Mapping[str, str] = {
    CANCELLED: "MERCH_BO",
    "CREDIT": "MERCH_BO",
    "CAPTURED": "BATCH_AUTO",
    "CAPTURE_FAILED": "BATCH_AUTO",
    "EXPIRED": "BATCH",
}
