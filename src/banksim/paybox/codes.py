"""Result codes (payment-gateways.md 5.8), with a wording for pages and journal."""

from collections.abc import Mapping

ACCEPTED = "00000"
CANCELLED = "00001"
IDLE = "00030"
PENDING = "99999"
NO_STRONG_AUTHENTICATION = "00040"
REFUSED = "00105"

#: What the authorisation centre answers; Systempay tells them too.
AUTHORISATION: Mapping[str, str] = {
    "02": "contacter l’émetteur de la carte",
    "03": "accepteur invalide",
    "04": "conserver la carte",
    "05": "ne pas honorer",
    "07": "conserver la carte, conditions spéciales",
    "08": "approuver après identification",
    "12": "transaction invalide",
    "13": "montant invalide",
    "14": "numéro de porteur invalide",
    "15": "émetteur inconnu",
    "17": "annulé",
    "30": "erreur de format",
    "31": "acquéreur inconnu",
    "33": "carte périmée",
    "34": "suspicion de fraude",
    "38": "nombre d’essais du code dépassé",
    "41": "carte perdue",
    "43": "carte volée",
    "51": "provision insuffisante",
    "54": "carte périmée",
    "55": "code confidentiel faux",
    "56": "carte absente du fichier",
    "57": "transaction non permise au porteur",
    "58": "transaction interdite au terminal",
    "59": "suspicion de fraude",
    "60": "contacter l’acquéreur",
    "61": "plafond dépassé",
    "63": "règles de sécurité non respectées",
    "68": "réponse reçue trop tard",
    "75": "nombre d’essais du code dépassé",
    "76": "porteur déjà en opposition",
    "90": "arrêt momentané du système",
    "91": "émetteur inaccessible",
    "94": "demande en double",
    "96": "mauvais fonctionnement",
    "97": "délai dépassé",
    "98": "serveur indisponible",
    "99": "incident technique",
    "A1": "authentification forte demandée",
    "A4": "autorisation refusée",
    "R1": "autorisations récurrentes révoquées",
    "R3": "autorisations récurrentes révoquées",
}
LABELS: Mapping[str, str] = {
    ACCEPTED: "Paiement accepté",
    CANCELLED: "Paiement annulé",
    PENDING: "Paiement en attente de l’émetteur",
    **{f"001{code}": f"Paiement refusé : {label}" for code, label in AUTHORISATION.items()},
    "00003": "Erreur du serveur de paiement",
    "00004": "Numéro de carte ou cryptogramme invalide",
    "00006": "Accès refusé : site, rang ou identifiant",
    "00008": "Date de fin de validité incorrecte",
    "00009": "Erreur d’abonnement",
    "00010": "Devise inconnue",
    "00011": "Montant incorrect",
    "00015": "Paiement déjà effectué",
    "00016": "Abonné déjà existant",
    "00021": "Carte non autorisée",
    "00029": "Carte non conforme",
    IDLE: "Page de paiement périmée",
    "00031": "Réservé (31)",
    "00032": "Réservé (32)",
    "00033": "Pays de l’adresse IP non autorisé",
    NO_STRONG_AUTHENTICATION: "Opération sans authentification 3-D Secure, bloquée",
}
