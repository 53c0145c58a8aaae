"""The drawings of `icons.svg` (24 px icons `i-*`, children's stickers `g-1` to `g-4`)."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from preau.ui.arguments import ComponentError

_SOURCE: Final = Path(__file__).with_name("icons.svg")
_SYMBOL: Final = re.compile(r'<symbol id="([ig]-[a-z0-9]+)".*?</symbol>', re.DOTALL)
_USE: Final = re.compile(r'<use href="#([ig]-[a-z0-9]+)"')


@cache
def symbols() -> dict[str, str]:
    """Markup of each drawing by its full id, in the order of the file."""
    return {found[1]: found[0] for found in _SYMBOL.finditer(_SOURCE.read_text(encoding="utf-8"))}


def svg(name: str, *, label: str = "", size: str = "m") -> SafeString:
    """One drawing: silent for screen readers unless it has a label of its own.

    Raises:
        ComponentError: no such drawing.
    """
    if f"i-{name}" not in symbols():
        raise ComponentError(f"icône inconnue : {name!r}")
    size_class = "" if size == "m" else f" icon--{size}"
    if label:
        return format_html(
            '<svg class="icon{}" role="img" aria-label="{}"><use href="#i-{}"/></svg>', size_class, label, name
        )
    return format_html('<svg class="icon{}" aria-hidden="true"><use href="#i-{}"/></svg>', size_class, name)


def sprite_for(html: str) -> SafeString:
    """The definitions of the drawings that `html` uses, and no other."""
    known = symbols()
    used = dict.fromkeys(_USE.findall(html))
    return mark_safe(f"<svg hidden>{''.join(known[name] for name in used)}</svg>" if used else "")  # noqa: S308  (our own file)
