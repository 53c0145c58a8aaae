"""Words of the planning that templates ask for."""

from datetime import date

from django import template

from preau.domain.bookings.changes import refund_cents
from preau.domain.bookings.queries.planning import Box, Row
from preau.foundation.money import format_cents
from preau.interfaces.portal.planning.summaries import Group
from preau.interfaces.portal.planning.wording import short_day
from preau.ui import icons

register = template.Library()


@register.filter
def pictogramme_activite(name: str) -> str:
    """The drawing that a town chose for an activity; the calendar when it is none of ours."""
    return name if f"i-{name}" in icons.symbols() else "calendar"


@register.filter
def prix_unite(row: Row) -> str:
    """« 3,60 € », « dès 5,00 € », « 2,40 € l’heure »."""
    price = format_cents(row.price_cents or 0)
    if row.activity.unit_mode == "hours":
        return f"{price} l’heure"
    return f"dès {price}" if len(row.units) > 1 else price


@register.filter
def jours_plies(count: int) -> str:
    """« Voir les 5 jours d’avant », « Voir le jour d’avant »."""
    return f"Voir les {count} jours d’avant" if count > 1 else "Voir le jour d’avant"


@register.filter
def garde(box: Box) -> int:
    """Cents that the town keeps when a day already booked is given up."""
    return box.booking.price_cents - refund_cents(box.booking) if box.booking else 0


@register.filter
def oppose(cents: int) -> int:
    """The same amount, taken off."""
    return -cents


@register.filter
def date_de_ligne(day: date) -> str:
    """« lun. 16/11/2026 »."""
    return f"{short_day(day).lower()} {day:%d/%m/%Y}"


@register.filter
def raisons(group: Group) -> list[tuple[str, tuple[str, ...]]]:
    """Why prices are what they are, each explanation once: (child and element, sentences)."""
    told: dict[tuple[str, ...], str] = {}
    for line in group.lines:
        if line.reasons and line.reasons not in told:
            told[line.reasons] = f"{line.child}, {line.element}"
    return [(title, sentences) for sentences, title in told.items()]


@register.filter
def jour_de_semaine(day: date) -> str:
    """« lun. 16 »."""
    return f"{short_day(day).lower()} {day.day}"
