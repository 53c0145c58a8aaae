"""Words of the desk about enrolments and contracts."""

from datetime import date

from django import template

from preau.domain.bookings.models import CareContract, Enrolment, EnrolmentEvent
from preau.domain.pricing.rules.sentences import duration
from preau.interfaces.enrolment_words import Shown, contract_state, hours_words, shown_state

register = template.Library()

register.filter("horaires", hours_words)
register.filter("duree", duration)

_EVENTS = {
    "requested": "Demandée",
    "accepted": "Acceptée",
    "refused": "Refusée",
    "withdrawn": "Retirée par la famille",
    "shortened": "Fin avancée",
    "ended": "Terminée",
}
_HANDS = {"family": "par la famille", "agent": "par un agent", "system": "automatiquement"}


@register.filter
def etat_inscription(enrolment: Enrolment, today: date) -> Shown:
    """A badge and its words."""
    return shown_state(enrolment, today=today)


@register.filter
def etat_contrat(contract: CareContract, today: date) -> Shown:
    """A badge and its words."""
    return contract_state(contract, today=today)


@register.filter
def raconte(event: EnrolmentEvent) -> str:
    """« Acceptée par un agent »."""
    hand = _HANDS.get(event.actor.partition(":")[0], "")
    name = _EVENTS.get(event.name, event.name)
    return name if event.name == "withdrawn" else f"{name} {hand}".strip()
