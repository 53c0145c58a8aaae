"""Colours that the town gives to its groups of services, and a version that changes with them."""

from collections.abc import Iterable

from preau.domain.regies.models import ServiceGroup


def colours_version(groups: Iterable[ServiceGroup]) -> str:
    """Changes with any colour, so that browsers fetch the sheet again."""
    return "-".join(f"{group.pk}.{group.colour[1:]}" for group in sorted(groups, key=lambda group: group.pk))


def groups_sheet(groups: Iterable[ServiceGroup]) -> str:
    """One rule per group; the colour is an edge beside the name and the drawing, never the only mark (L23)."""
    return "".join(f'[data-group="{group.pk}"] {{ --block: {group.colour}; }}\n' for group in groups)
