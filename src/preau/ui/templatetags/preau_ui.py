"""Every component and filter of Préau, available in all templates without `{% load %}` (see ui/README.md)."""

from django import template

from preau.ui.components import basics, blocks, forms, french, navigation

register = template.Library()
for part in (basics, blocks, forms, french, navigation):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
