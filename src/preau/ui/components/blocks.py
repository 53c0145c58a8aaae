"""Components that hold other content, and the sprite around a page."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from preau.ui import icons
from preau.ui.arguments import checked

register = template.Library()

Level = Literal["info", "pending", "late", "settled", "treasury"]
Heading = Literal[2, 3, 4]

_NOTICE_ICONS: Final = {"info": "info", "pending": "clock", "late": "alert", "settled": "check", "treasury": "treasury"}
_NOTEBOOK: Final = mark_safe(
    '<svg viewBox="0 0 96 64" width="96" height="64" fill="none" stroke="currentColor" stroke-width="1.75"'
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
    '<path d="M10 8h38v48H10zM48 8h38v48H48M18 8v48"/><path d="M26 20h14M26 28h10M56 20h20M56 28h14"/></svg>'
)


@register.simple_block_tag
@checked
def notice(
    content: str, *, title: str = "", level: Level = "info", icon: str = "", heading: Heading = 3, alert: bool = False
) -> SafeString:
    """A message in the page. `alert` makes screen readers say it at once when it appears."""
    classes = "notice" if level == "info" else f"notice notice--{level}"
    return format_html(
        '<div class="{}"{}>{}<div>{}{}</div></div>',
        classes,
        mark_safe(' role="alert"') if alert else "",
        icons.svg(icon or _NOTICE_ICONS[level]),
        format_html("<h{0}>{1}</h{0}>", heading, title) if title else "",
        content,
    )


@register.simple_block_tag
@checked
def empty(content: str, *, title: str, heading: Heading = 3) -> SafeString:
    """Nothing to show: said in words (A16), on a ruled page."""
    return format_html('<div class="empty seyes">{}<h{}>{}</h{}>{}</div>', _NOTEBOOK, heading, title, heading, content)


@register.simple_block_tag
@checked
def card(
    content: str,
    *,
    title: str = "",
    heading: Heading = 3,
    icon: str = "",
    colour: Literal[0, 1, 2, 3, 4] = 0,
    flush: bool = False,
) -> SafeString:
    """One subject in a frame. `colour` gives it the edge of a service; `flush` lets a list touch the frame."""
    classes = "card" + (f" block block--{colour}" if colour else "") + (" card--flush" if flush else "")
    drawing = icons.svg(icon) if icon else ""
    head = format_html("<h{0}>{1}{2}</h{0}>", heading, drawing, title) if title else ""
    return format_html('<article class="{}">{}{}</article>', classes, head, content)


@register.simple_block_tag
@checked
def row(content: str, *, title: str, note: str = "", id: str = "", sticky: bool = False) -> SafeString:  # noqa: A002
    """One part of a page: its name (`h2`) and a short note in the margin, its matter on the sheet."""
    return format_html(
        '<section class="row{}"><div class="row__margin"><h2{}>{}</h2>{}</div>'
        '<div class="row__main">{}</div></section>',
        " row--sticky" if sticky else "",
        format_html(' id="{}"', id) if id else "",
        title,
        format_html("<p>{}</p>", note) if note else "",
        content,
    )


@register.simple_tag
@checked
def facts(*, items: Sequence[Any], narrow: bool = False) -> SafeString:
    """Terms and values; `items` are (term, value) pairs."""
    rows = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", items)
    return format_html('<dl class="facts{}">{}</dl>', " narrowed" if narrow else "", rows)


@register.simple_block_tag
def sprite(content: str) -> SafeString:
    """Put before `content` the drawings it uses. The layouts do it; a fragment served alone does it for itself."""
    return format_html("{}{}", icons.sprite_for(content), content)
