"""Words of the portal that need more than one value."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django import template

from preau.domain.billing.queries import LineGroup
from preau.domain.billing.states import InvoiceState
from preau.domain.payments.queries.invoices import ListedInvoice
from preau.foundation.money import format_cents
from preau.interfaces.portal import words
from preau.ui import icons

register = template.Library()


@register.filter
def jour_proche(day: date, today: date) -> str:
    """« 13 octobre », with the year only when it is another than that of `today`."""
    return words.day_words(day, today=today)


@register.filter
def jours(days: Iterable[date]) -> str:
    """« 1er, 2 et 6 octobre »."""
    return words.days_words(days)


@register.filter
def avec_jours(lines: Iterable[LineGroup]) -> bool:
    """Whether a line of the invoice tells its days."""
    return any(line.days for line in lines)


@register.filter
def encore_a_payer(count: int) -> str:
    """« Il reste un paiement », « Il reste 3 paiements »."""
    return "Il reste un paiement" if count == 1 else f"Il reste {count} paiements"


@register.filter
def quantite(quantity: Decimal) -> str:
    """« 8 », « 2,5 »: no zero that says nothing."""
    return f"{quantity.normalize():f}".replace(".", ",")


@register.filter
def pictogramme(name: str) -> str:
    """The drawing that a town chose for a group of services; the invoice when it is none of ours."""
    return name if f"i-{name}" in icons.symbols() else "invoice"


@register.filter
def etat(listed: ListedInvoice) -> str:
    """The end of a line of history (A25): « Payée », « À payer : 12,30 € »; not for an invoice under payment."""
    state = str(listed.state.label)
    owed = listed.state in {InvoiceState.DUE, InvoiceState.LATE}
    return f"{state}{words.NARROW}: {format_cents(listed.invoice.left_cents)}" if owed else state
