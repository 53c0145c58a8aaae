"""The life of a payment attempt, as data (ADR 0006).

An invoice has attempts; only an attempt talks to a gateway. The bank is right about money: a verified
"paid" wins over every softer end, whenever it comes.
"""

from collections.abc import Mapping

from django.db.models import TextChoices


class AttemptState(TextChoices):
    """States of one attempt; the last five are ends, and only `captured` and `closed` are final.

    `declared`: the gateway's messages prove nothing, so "paid" waits for the bank's statement (payment-gateways 4.2).
    """

    PREPARED = "prepared", "en préparation"
    SENT = "sent", "en cours à la banque"
    UNKNOWN = "unknown", "en attente de confirmation"
    ANOMALY = "anomaly", "à vérifier par la régie"
    DECLARED = "declared", "annoncé payé, à confirmer par la banque"
    CAPTURED = "captured", "payé"
    REFUSED = "refused", "refusé"
    ABANDONED = "abandoned", "abandonné"
    EXPIRED = "expired", "expiré"
    CLOSED = "closed", "clos par la régie"


S = AttemptState

OPEN_STATES = frozenset({S.PREPARED, S.SENT, S.UNKNOWN, S.ANOMALY, S.DECLARED})
#: Open states that keep their invoices past the half hour: a person or the bank's statement ends them (9.2).
HELD_STATES = frozenset({S.ANOMALY, S.DECLARED})
#: Ends that a late "paid" still overrides.
SOFT_ENDS = frozenset({S.REFUSED, S.ABANDONED, S.EXPIRED})
#: States in which the gateway may still have something to say.
ASKABLE = frozenset({S.SENT, S.UNKNOWN}) | SOFT_ENDS

#: (from, to) → name of the event kept in the attempt's history. Any other move is refused.
TRANSITIONS: Mapping[tuple[AttemptState, AttemptState], str] = {
    (S.PREPARED, S.SENT): "sent_to_gateway",
    (S.PREPARED, S.ABANDONED): "never_sent",
    (S.PREPARED, S.ANOMALY): "contradicted",
    (S.SENT, S.CAPTURED): "captured",
    (S.SENT, S.REFUSED): "refused",
    (S.SENT, S.ABANDONED): "abandoned",
    (S.SENT, S.UNKNOWN): "verdict_overdue",
    (S.SENT, S.EXPIRED): "expired",
    (S.SENT, S.ANOMALY): "contradicted",
    (S.SENT, S.DECLARED): "declared_paid",
    (S.UNKNOWN, S.CAPTURED): "captured",
    (S.UNKNOWN, S.REFUSED): "refused",
    (S.UNKNOWN, S.ABANDONED): "abandoned",
    (S.UNKNOWN, S.EXPIRED): "expired",
    (S.UNKNOWN, S.ANOMALY): "contradicted",
    (S.UNKNOWN, S.DECLARED): "declared_paid",
    (S.DECLARED, S.CAPTURED): "captured",
    (S.DECLARED, S.ANOMALY): "contradicted",
    (S.DECLARED, S.CLOSED): "closed_by_regie",
    (S.REFUSED, S.CAPTURED): "captured_late",
    (S.REFUSED, S.ANOMALY): "contradicted",
    (S.ABANDONED, S.CAPTURED): "captured_late",
    (S.ABANDONED, S.REFUSED): "refused",
    (S.ABANDONED, S.ANOMALY): "contradicted",
    (S.EXPIRED, S.CAPTURED): "captured_late",
    (S.EXPIRED, S.ANOMALY): "contradicted",
    (S.ANOMALY, S.CAPTURED): "accepted_by_regie",
    (S.ANOMALY, S.CLOSED): "closed_by_regie",
}


class Verdict(TextChoices):
    """What a gateway says of an operation, in one vocabulary for all of them."""

    PAID = "paid", "payé"
    PENDING = "pending", "en cours"
    REFUSED = "refused", "refusé"
    CANCELLED = "cancelled", "abandonné par le payeur"
    EXPIRED = "expired", "jamais payé"
    UNDONE = "undone", "annulé à la banque après coup"
    REFUNDED = "refunded", "remboursé à la banque"


class MessageVerdict(TextChoices):
    """What we made of a message received from outside."""

    WAITING = "waiting", "à traiter"
    AUTHENTIC = "authentic", "vérifié"
    DECLARED = "declared", "déclaré par le payeur, rien ne le prouve"
    NOT_AUTHENTIC = "not_authentic", "non authentique"
    UNKNOWN = "unknown", "opération inconnue"
    UNREADABLE = "unreadable", "illisible"
    UNANSWERED = "unanswered", "la banque n’a pas répondu à notre question"


class Origin(TextChoices):
    """By which way a report reached us."""

    NOTIFICATION = "notification", "notification de la banque"
    RETURN = "return", "retour du navigateur"
    SWEEP = "sweep", "question du portail"
    STATEMENT = "statement", "relevé"
    DESK = "desk", "parole d’un agent au guichet"
