"""What may be decided of a case to review, and when: pure rules (reliability E.1, ADR 0015)."""

from dataclasses import dataclass

from django.db.models import TextChoices

from preau.domain.payments.rules import Asked
from preau.domain.payments.states import AttemptState

#: A reason shorter than this explains nothing.
SHORTEST_REASON = 10
LONGEST_REASON = 500


class Outcome(TextChoices):
    """How a case ends."""

    CREDIT = "credit", "Porter à l’avoir de la famille"
    REFUND = "refund", "Rendre par la banque ou par virement"
    NOTHING_MOVED = "nothing_moved", "Aucune somme n’a bougé"
    ACCEPT = "accept", "Accepter le paiement"
    SEEN = "seen", "Vu, rien à faire"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case looks like to whoever decides it; cents.

    `holds_money`: cases of its kind may have booked a sum whose reason is not sure. `suspended_cents`: the sum of the
    attempt still in suspense. `as_asked`: verified evidence says exactly what was asked, and all that is in suspense
    comes from the same transaction.
    """

    holds_money: bool
    state: AttemptState | None
    suspended_cents: int
    as_asked: bool

    @property
    def is_in_doubt(self) -> bool:
        """Whether the end of this case is also the end of its attempt."""
        return self.holds_money and self.state == AttemptState.ANOMALY

    @property
    def moved_cents(self) -> int:
        """What a decision takes out of suspense."""
        return self.suspended_cents if self.holds_money else 0


def possible_outcomes(standing: Standing) -> list[Outcome]:
    """What may be decided, the best first; never empty. Money in suspense must go somewhere."""
    accepted = [Outcome.ACCEPT] if standing.is_in_doubt and standing.as_asked else []
    if standing.moved_cents:
        return [*accepted, Outcome.CREDIT, Outcome.REFUND]
    return [*accepted, Outcome.NOTHING_MOVED if standing.is_in_doubt else Outcome.SEEN]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was asked, and what the bank says of it; as the gateway writes them, amounts in cents."""

    name: str
    asked: str | int | None
    said: str | int | None

    @property
    def differs(self) -> bool:
        return self.asked != self.said

    @property
    def is_amount(self) -> bool:
        return isinstance(self.asked, int)


def compare(asked: Asked, said: Asked) -> list[Point]:
    """Field by field, in the order in which an agent reads a bank statement."""
    return [
        Point("Montant", asked.amount_cents, said.amount_cents),
        Point("Monnaie", asked.currency, said.currency),
        Point("Numéro de commerçant", asked.merchant, said.merchant),
        Point("Mode", asked.mode, said.mode),
        Point("Référence", asked.reference, said.reference),
        Point("Opération à la banque", asked.gateway_reference, said.gateway_reference),
    ]
