"""Components that lead elsewhere: breadcrumb, side menu, pages, steps."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.context import Context

from preau.ui.arguments import ComponentError, checked

register = template.Library()


@register.inclusion_tag("ui/components/crumbs.html")
@checked
def crumbs(*, items: Sequence[Any]) -> dict[str, Any]:
    """Where this page is: (words, address) pairs from the home page; the last one is this page."""
    *above, (here, _) = items
    return {"above": above, "here": here}


@register.inclusion_tag("ui/components/side_nav.html")
@checked
def side_nav(*, items: Sequence[Any], label: str) -> dict[str, Any]:
    """The menu of a section; `items` are `NavItem`, `label` names the menu."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/components/pager.html", takes_context=True)
@checked
def pager(
    context: Context,
    *,
    page: Page[Any],
    one: str,
    many: str,
    before: str = "Plus récent",
    after: str = "Plus ancien",
) -> dict[str, Any]:
    """Pages of a list with its count: « Page 2 sur 4, 31 factures ». The other query parameters are kept.

    `before` and `after` name the neighbours of a list that does not run from the newest to the oldest.
    """
    words = {"one": one, "many": many, "before": before, "after": after}
    return {"request": context["request"], "page": page, **words}


@register.inclusion_tag("ui/components/steps.html")
@checked
def steps(*, items: Sequence[Any], current: int, label: str = "Étapes") -> dict[str, Any]:
    """Stages of a journey (`Step`); `current` counts from 1, the stages before it are done.

    Raises:
        ComponentError: `current` is outside the stages.
    """
    if not 1 <= current <= len(items):
        raise ComponentError(f"steps(current={current}) : attendu de 1 à {len(items)}")
    return {"items": items, "current": current, "label": label}
