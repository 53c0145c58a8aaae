"""Small components: icons, buttons, badges, amounts, stickers."""

from typing import Final, Literal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from preau.foundation.money import format_cents
from preau.ui import icons
from preau.ui.arguments import ComponentError, checked

register = template.Library()

Variant = Literal["plain", "primary", "quiet", "danger"]
State = Literal["due", "late", "pending", "settled", "treasury", "credit", "plain"]

#: Icon and default words of each state: a state is never told by its colour alone.
STATES: Final[dict[str, tuple[str, str]]] = {
    "due": ("invoice", "À payer"),
    "late": ("alert", "En retard"),
    "pending": ("clock", "Paiement en cours"),
    "settled": ("check", "Payée"),
    "treasury": ("treasury", "Transmise à la Trésorerie"),
    "credit": ("plus", "Avoir"),
    "plain": ("info", "Sans suite"),
}


@register.simple_tag
@checked
def icon(*, name: str, label: str = "", size: Literal["s", "m", "l"] = "m") -> SafeString:
    """A drawing of `icons.svg`. Give a `label` only when no word beside it says the same."""
    return icons.svg(name, label=label, size=size)


def _classes(variant: str, *, small: bool, wide: bool) -> str:
    names = ["button", f"button--{variant}" if variant != "plain" else "", "button--s" if small else ""]
    return " ".join(filter(None, [*names, "button--wide" if wide else ""]))


def _inside(text: str, icon_name: str, detail: str, *, small: bool) -> SafeString:
    drawing = icons.svg(icon_name, size="s" if small else "m") if icon_name else ""
    hidden = format_html('<span class="sr"> {}</span>', detail) if detail else ""
    return format_html("{}{}{}", drawing, text, hidden)


def _attributes(**values: str) -> SafeString:
    """Attributes that have a value; an underscore in a name stands for a hyphen."""
    pairs = [format_html(' {}="{}"', name.replace("_", "-"), value) for name, value in values.items() if value]
    return format_html("{}" * len(pairs), *pairs) if pairs else SafeString("")


@register.simple_tag
@checked
def button(
    *,
    text: str,
    variant: Variant = "plain",
    icon: str = "",
    small: bool = False,
    wide: bool = False,
    detail: str = "",
    disabled_reason: str = "",
    kind: Literal["submit", "button"] = "submit",
    name: str = "",
    value: str = "",
    form: str = "",
    opens: str = "",
    closes: str = "",
    copies: str = "",
    prints: bool = False,
) -> SafeString:
    """A button. `detail` ends its name for screen readers only (« Retirer » + « Octobre 2026 »).

    With `disabled_reason` the reason replaces the text and the button submits nothing. `opens` and `closes` are the
    id of a dialog, `copies` the id of the element whose text goes to the clipboard; `prints` prints the page.
    """
    attributes = _attributes(name=name, value=value, form=form, data_open=opens, data_close=closes, data_copy=copies)
    if prints:
        attributes = format_html("{} data-print", attributes)
    if copies or prints:
        attributes = format_html("{} hidden", attributes)  # useless without the script, which shows it
    if disabled_reason:
        kind, attributes, text = "button", format_html('{} aria-disabled="true"', attributes), disabled_reason
    return format_html(
        '<button type="{}" class="{}"{}>{}</button>',
        kind,
        _classes(variant, small=small, wide=wide),
        attributes,
        _inside(text, icon, detail, small=small),
    )


@register.simple_tag
@checked
def link_button(
    *,
    text: str,
    url: str,
    variant: Variant = "plain",
    icon: str = "",
    small: bool = False,
    wide: bool = False,
    detail: str = "",
    disabled_reason: str = "",
) -> SafeString:
    """A link that looks like a button. With `disabled_reason` it leads nowhere and says why."""
    classes = _classes(variant, small=small, wide=wide)
    if disabled_reason:
        inside = _inside(disabled_reason, icon, detail, small=small)
        return format_html('<a class="{}" role="link" aria-disabled="true">{}</a>', classes, inside)
    return format_html('<a class="{}" href="{}">{}</a>', classes, url, _inside(text, icon, detail, small=small))


@register.simple_tag
@checked
def link_arrow(*, text: str, url: str, detail: str = "") -> SafeString:
    """A link that leads on to the rest of a subject."""
    hidden = format_html('<span class="sr"> {}</span>', detail) if detail else ""
    return format_html('<a class="link-arrow" href="{}">{}{}{}</a>', url, text, hidden, icons.svg("right", size="s"))


@register.simple_tag
@checked
def badge(*, state: State, text: str = "") -> SafeString:
    """The state of an invoice: a sign and words. `text` replaces the usual words."""
    drawing, words = STATES[state]
    return format_html('<span class="badge badge--{}">{}{}</span>', state, icons.svg(drawing), text or words)


@register.simple_tag
@checked
def amount(*, cents: int, size: Literal["m", "l"] = "m", credit: bool = False) -> SafeString:
    """An amount given in cents. `credit` shows money that is the family's, with its plus sign."""
    classes = "amount" + (" amount--l" if size == "l" else "") + (" amount--credit" if credit else "")
    sign = "+" if credit and cents > 0 else ""
    return format_html('<span class="{}">{}{}</span>', classes, sign, format_cents(cents))


@register.simple_tag
@checked
def sticker(*, number: int) -> SafeString:
    """A child's shape and colour, the same on every page; numbers above 4 start again.

    Raises:
        ComponentError: the number is below 1.
    """
    if number < 1:
        raise ComponentError(f"sticker(number={number!r}) : attendu un nombre à partir de 1")
    shape = (number - 1) % 4 + 1
    return format_html(
        '<svg class="sticker sticker--{0}" viewBox="0 0 16 16" aria-hidden="true"><use href="#g-{0}"/></svg>', shape
    )


@register.simple_tag
@checked
def who(*, number: int, name: str) -> SafeString:
    """A child: sticker and first name."""
    return format_html('<span class="who">{}{}</span>', sticker(number=number), name)


@register.simple_tag
@checked
def sr(*, text: str) -> SafeString:
    """Words for screen readers only."""
    return format_html('<span class="sr">{}</span>', text)
