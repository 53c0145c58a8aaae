"""Fields that several forms of the desk share, with French refusals."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms

from preau.foundation.text import clean

_AGE = re.compile(r"([0-9]{1,3}) ?(ans?|mois)?")
_CLOCK = re.compile(r"([0-9]{1,2}) ?[:hH] ?([0-9]{2})?")
_CHOOSE = {"required": "Choisissez.", "invalid_choice": "Choisissez dans la liste."}
LEVELS_HINT = "Aucune classe cochée\u202f: toutes."
MOST_PLACES = 10_000
_HOURS, _MINUTES, _MONTHS = 24, 60, 12


class DayField(forms.DateField):
    """A day, chosen or typed; years that no calendar of ours holds are refused."""

    def __init__(self, label: str, **values: Any) -> None:
        said = {"required": "Donnez un jour.", "invalid": "Ce n’est pas une date."}
        widget = forms.DateInput(attrs={"type": "date", "class": "input--short"}, format="%Y-%m-%d")
        super().__init__(label=label, widget=widget, error_messages=said, **values)

    def clean(self, value: Any) -> Any:
        """The day itself."""
        day = super().clean(value)
        if day is not None and not 2000 <= day.year <= 2100:  # noqa: PLR2004  (what people mean)
            raise forms.ValidationError("Vérifiez l’année.")
        return day


class TextField(forms.CharField):
    """One clean line."""

    def __init__(self, label: str, *, longest: int, **values: Any) -> None:
        said = {"required": "À remplir.", "max_length": f"{longest} caractères au plus."}
        super().__init__(label=label, max_length=longest, error_messages=said, **values)

    def to_python(self, value: Any) -> Any:
        """Without control characters nor doubled spaces."""
        return clean(super().to_python(value) or "")


class NumberField(forms.IntegerField):
    """A whole number between two bounds."""

    def __init__(self, label: str, *, least: int = 0, most: int, **values: Any) -> None:
        said = {
            "required": "Donnez un nombre.",
            "invalid": "Donnez un nombre entier.",
            "min_value": f"{least} au moins.",
            "max_value": f"{most} au plus.",
        }
        super().__init__(label=label, min_value=least, max_value=most, error_messages=said, **values)


class AgeField(forms.CharField):
    """An age as people write it, « 3 ans » or « 18 mois »; its value is in months, None when empty.

    `is_last`: the whole last year counts, so that « 8 ans » lasts until the ninth birthday.
    """

    def __init__(self, label: str, *, is_last: bool = False, **values: Any) -> None:
        self.is_last = is_last
        super().__init__(label=label, required=False, max_length=20, **values)

    def clean(self, value: Any) -> Any:
        """Months, or None."""
        typed = clean(super().clean(value)).casefold()
        if not typed:
            return None
        found = _AGE.fullmatch(typed)
        if not found:
            raise forms.ValidationError("Écrivez un âge comme 3 ans, ou 18 mois.")
        number = int(found[1])
        if found[2] == "mois":
            return number
        return number * _MONTHS + (_MONTHS - 1 if self.is_last else 0)


def age_typed(months: int | None, *, is_last: bool = False) -> str:
    """How an age is shown in its field."""
    if months is None:
        return ""
    years, rest = divmod(months - (_MONTHS - 1 if is_last else 0), _MONTHS)
    return f"{months} mois" if rest or years < 1 else f"{years} an{'s' if years > 1 else ''}"


class MinuteField(forms.CharField):
    """An hour of the day, « 7:30 » or « 7 h 30 »; its value is minutes after midnight, None when empty."""

    def __init__(self, label: str, **values: Any) -> None:
        super().__init__(label=label, required=False, max_length=10, **values)

    def clean(self, value: Any) -> Any:
        """Minutes, or None."""
        typed = clean(super().clean(value))
        if not typed:
            return None
        found = _CLOCK.fullmatch(typed)
        hours, minutes = (int(found[1]), int(found[2] or 0)) if found else (_HOURS, _MINUTES)
        if minutes >= _MINUTES or hours * _MINUTES + minutes > _HOURS * _MINUTES:
            raise forms.ValidationError("Écrivez une heure comme 7:30.")
        return hours * _MINUTES + minutes


def minute_typed(minute: int | None) -> str:
    """How an hour of the day is shown in its field."""
    return "" if minute is None else f"{minute // _MINUTES}:{minute % _MINUTES:02d}"


def choices_of(form: forms.Form, name: str) -> forms.ChoiceField:
    """A field whose choices come from the database."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared so by every caller)
    return field


def ticks(label: str, choices: Iterable[tuple[str, Any]], **values: Any) -> forms.MultipleChoiceField:
    """Boxes to tick."""
    return forms.MultipleChoiceField(
        label=label, choices=choices, widget=forms.CheckboxSelectMultiple, error_messages=_CHOOSE, **values
    )


def choice(label: str, choices: Iterable[Any] = (), **values: Any) -> forms.ChoiceField:
    """A list in which one is chosen."""
    return forms.ChoiceField(label=label, choices=choices, error_messages=_CHOOSE, **values)
