"""Words about enrolments; `today` is the town's."""

from datetime import date

from django import template

from preau.domain.bookings.enrolment_letters import service_words
from preau.domain.bookings.models import CareContract, Enrolment
from preau.domain.pricing.rules.sentences import duration
from preau.interfaces.enrolment_words import Shown, contract_state, hours_words, shown_state

register = template.Library()

register.filter("horaires", hours_words)
register.filter("duree", duration)
register.filter("service", service_words)


@register.filter
def etat_inscription(enrolment: Enrolment, today: date) -> Shown:
    """A badge and its words."""
    return shown_state(enrolment, today=today)


@register.filter
def etat_contrat(contract: CareContract, today: date) -> Shown:
    """A badge and its words."""
    return contract_state(contract, today=today)
