"""How French readers expect amounts, days and hours; every space here is one that never breaks."""

import re
from datetime import date, datetime, time

from django import template
from django.utils import dateformat, timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from preau.foundation import french
from preau.foundation.money import format_cents
from preau.ui.arguments import ComponentError

register = template.Library()

_WIDE = "\u00a0"
_KB, _MB = 1_000, 1_000_000
#: Spaces after which a line of an act or of opening hours should not start: « n° 12 », « 13 h 30 – 17 h », « 10 € ».
_TIED = re.compile(r"(?<=n°) |(?<=\d) (?=h\b|€|[–-] \d)|(?<=[\s\d]h) (?=\d|[–-] \d)|(?<=\d [–-]|h [–-]) (?=\d)")
_MAY_BREAK = re.compile(r"(?=@)|(?<=[^.]\.)(?=\w)")


def _local(value: object) -> date | datetime:
    """An instant as people of the active time zone read it; a date as it is."""
    if isinstance(value, datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    raise ComponentError(f"attendu une date, reçu {value!r}")


@register.filter
def euros(cents: object) -> str:
    """5880 → « 58,80 € ».

    Raises:
        ComponentError: not whole cents.
    """
    if not isinstance(cents, int) or isinstance(cents, bool):
        raise ComponentError(f"attendu des centimes, reçu {cents!r}")
    return format_cents(cents)


@register.filter
def jour(value: object) -> str:
    """« 13 octobre 2026 », « 1er novembre 2026 »."""
    return french.day(_local(value))


@register.filter
def jour_long(value: object) -> str:
    """« mardi 13 octobre 2026 »."""
    local = _local(value)
    return f"{dateformat.format(local, 'l')} {jour(local)}"


@register.filter
def jour_court(value: object) -> str:
    """« 13/10/2026 », for lists and tables."""
    return f"{_local(value):%d/%m/%Y}"


@register.filter
def heure(value: object) -> str:
    """« 14 h 32 », « 9 h 05 », in the active time zone."""
    moment = value if isinstance(value, time) else _local(value)
    if not isinstance(moment, datetime | time):
        raise ComponentError(f"attendu une heure, reçu {value!r}")
    return french.hour(moment)


@register.filter
def jour_heure(value: object) -> str:
    """« 13 octobre 2026, 14 h 32 »."""
    return f"{jour(value)}, {heure(value)}"


@register.filter
def mois(value: object) -> str:
    """« Octobre 2026 »."""
    return french.month(_local(value)).capitalize()


@register.filter
def taille(size: object) -> str:
    """Size of a file in bytes → « 288 ko », « 1,2 Mo » (thousands, as the phones of families count)."""
    if not isinstance(size, int) or isinstance(size, bool):
        raise ComponentError(f"attendu des octets, reçu {size!r}")
    if size < _KB:
        return f"{size}{_WIDE}octet{pluriel(size)}"
    if size < _MB - _KB // 2:
        return f"{round(size / _KB)}{_WIDE}ko"
    return f"{size / _MB:.1f}{_WIDE}Mo".replace(".", ",")


@register.filter
def pluriel(count: object, forms: str = "s") -> str:
    """The ending for this count, from two in French: `facture{{ n|pluriel }}`, `chev{{ n|pluriel:"al,aux" }}`."""
    if not isinstance(count, int):
        raise ComponentError(f"attendu un nombre, reçu {count!r}")
    one, _, many = forms.rpartition(",")
    return many if abs(count) > 1 else one


@register.filter
def insecable(text: str) -> str:
    """What a town typed, with the spaces that should not end a line: « n° 2019-114 », « 13 h 30 – 17 h »."""
    return _TIED.sub(_WIDE, text)


@register.filter
def courriel(address: str) -> SafeString:
    """An e-mail address that a narrow screen cuts before its « @ » or after a dot, never inside a word."""
    return mark_safe(_MAY_BREAK.sub("<wbr>", escape(address)))  # noqa: S308  (escaped just before)
