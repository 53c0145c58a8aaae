"""Forms: each field with its words, its hint and its error tied to it."""

from typing import Any, Literal

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from preau.ui.arguments import checked

register = template.Library()


def _is_first_error(bound: BoundField) -> bool:
    """Whether the focus goes to this field (L10: the first one in fault)."""
    return next(iter(name for name in bound.form.fields if bound.form.errors.get(name)), None) == bound.name


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "tick"
    return "group" if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple) else "input"


def _widget_attributes(bound: BoundField, *, css: str, described_by: str, autocomplete: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {"class": css}
    if described_by:
        attributes["aria-describedby"] = described_by
    if autocomplete:
        attributes["autocomplete"] = autocomplete
    if _is_first_error(bound) and "autofocus" not in bound.field.widget.attrs:
        attributes["autofocus"] = True
    return attributes


def _option(data: dict[str, Any]) -> dict[str, Any]:
    """One line of a set of choices, from what Django knows of it."""
    return {
        "kind": data["type"],
        "name": data["name"],
        "value": data["value"],
        "id": data["attrs"]["id"],
        "text": data["label"],
        "checked": data["selected"],
        "required": data["attrs"].get("required", False),
    }


@register.inclusion_tag("ui/components/field.html")
@checked
def field(
    *,
    bound: BoundField,
    hint: str = "",
    autocomplete: str = "",
    width: Literal["full", "short"] = "full",
    show_password: bool = False,
) -> dict[str, Any]:
    """A field of a Django form, whatever its widget: label, mark, hint, error, input.

    `hint` replaces the help text of the field. `autocomplete` is the HTML token (`email`, `current-password`…).
    `show_password` adds the button « Afficher » where the script runs. The first field in fault takes the focus.
    """
    kind = _kind(bound)
    hint = hint or str(bound.help_text)
    ids = {"hint": f"{bound.auto_id}-aide" if hint else "", "error": f"{bound.auto_id}-erreur" if bound.errors else ""}
    css = "input" if kind == "input" else "tick"
    attributes = _widget_attributes(
        bound,
        css=css + (" input--short" if width == "short" and kind == "input" else ""),
        described_by=" ".join(filter(None, ids.values())),
        autocomplete=autocomplete,
    )
    group = kind == "group"
    return {
        "bound": bound,
        "kind": kind,
        "hint": hint,
        "ids": ids,
        "control": "" if group else bound.as_widget(attrs=attributes),
        "options": [_option(option.data) for option in bound.subwidgets] if group else [],
        "show_password": show_password,
    }


@register.inclusion_tag("ui/components/cell.html")
@checked
def cell(*, bound: BoundField, line: int) -> dict[str, Any]:
    """A field in a cell of a table of lines: its column says its words, `line` ends its name for screen readers."""
    error = f"{bound.auto_id}-erreur" if bound.errors else ""
    attributes = _widget_attributes(bound, css="input", described_by=error, autocomplete="off")
    attributes["aria-label"] = f"{bound.label}, ligne {line}"
    return {"bound": bound, "error": error, "control": bound.as_widget(attrs=attributes)}


@register.inclusion_tag("ui/components/form_errors.html")
@checked
def form_errors(*, form: forms.BaseForm, title: str = "") -> dict[str, Any]:
    """Summary of what is wrong, with a link to each field; nothing when all is well."""
    wrong = [(bound, bound.errors) for bound in form if bound.errors]
    return {"general": form.non_field_errors(), "wrong": wrong, "title": title}


@register.simple_tag
def required_note() -> SafeString:
    """The meaning of the star, once per form."""
    return format_html('<p class="{}">{}</p>', "small soft", "* champs obligatoires")


@register.simple_tag
@checked
def choice(
    *,
    name: str,
    value: str,
    text: str,
    hint: str = "",
    kind: Literal["checkbox", "radio"] = "checkbox",
    checked: bool = False,
    disabled: bool = False,
) -> SafeString:
    """One box to tick outside a Django form, with its whole line clickable."""
    return format_html(
        '<label class="choice"><input class="tick" type="{}" name="{}" value="{}"{}{}><span>{}{}</span></label>',
        kind,
        name,
        value,
        SafeString(" checked" if checked else ""),
        SafeString(" disabled" if disabled else ""),
        text,
        format_html("<small>{}</small>", hint) if hint else "",
    )
