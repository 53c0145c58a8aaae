"""Words of the desk that need more than one value."""

from django import template

from preau.domain.payments.models import CaseDecision
from preau.domain.payments.outcomes import Outcome, Point
from preau.foundation.money import format_cents
from preau.interfaces.desk.forms import said_of

register = template.Library()

_WIDE = "\u00a0"


@register.filter
def jours_ecoules(days: int) -> str:
    """« moins d’un jour », « 1 jour », « 12 jours »."""
    return f"{days}{_WIDE}jour{'s' if days > 1 else ''}" if days else f"moins d’un{_WIDE}jour"


@register.filter
def decidee(decision: CaseDecision) -> str:
    """« Porter à l’avoir de la famille : 24,01 € »."""
    return said_of(Outcome(decision.outcome), decision.amount_cents)


@register.filter
def demande(point: Point) -> str:
    """What was asked, as a person reads it."""
    return _shown(point.asked)


@register.filter
def annonce(point: Point) -> str:
    """What the bank says, as a person reads it."""
    return _shown(point.said)


def _shown(value: str | int | None) -> str:
    return format_cents(value) if isinstance(value, int) else value or "—"
