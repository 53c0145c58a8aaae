"""What an agent types around activities: sites, units, groups, the year in which they are offered again."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from preau.domain.activities.models import ActivityGroup, SchoolYear, Site, Unit
from preau.domain.activities.rules.menus import RegisterKind, RestaurantKind
from preau.domain.activities.rules.offering import DayPart
from preau.domain.families.models import SchoolLevel
from preau.interfaces.desk.fields import (
    LEVELS_HINT,
    MOST_PLACES,
    AgeField,
    NumberField,
    TextField,
    age_typed,
    choice,
    choices_of,
    ticks,
)


class SiteForm(forms.Form):
    """A place, and who it is in the public files of menus."""

    name = TextField("Nom", longest=100)
    address = forms.CharField(label="Adresse", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    phone = TextField("Téléphone", longest=20, required=False)
    position = NumberField("Ordre dans les listes", most=999, required=False, initial=0)
    restaurant_kind = choice("Sorte d’établissement", RestaurantKind.choices, initial=RestaurantKind.OTHER)
    register_kind = choice("Registre", RegisterKind.choices, initial=RegisterKind.NONE)
    register_number = TextField(
        "Numéro dans ce registre", longest=20, required=False, help_text="Pour une école, son numéro (UAI)."
    )
    insee_code = forms.RegexField(
        r"\A(?:[013-9][0-9]|2[AB1-9])[0-9]{3}\Z",
        label="Code INSEE de la commune",
        required=False,
        error_messages={"invalid": "Cinq caractères, comme 97213."},
    )

    def clean(self) -> dict[str, Any]:
        """A number needs its register, and a register its number."""
        cleaned = super().clean() or {}
        kind, number = cleaned.get("register_kind"), cleaned.get("register_number")
        if kind == RegisterKind.NONE and number:
            self.add_error("register_kind", "Dites de quel registre vient ce numéro.")
        if kind not in {None, RegisterKind.NONE} and not number:
            self.add_error("register_number", "Donnez le numéro, ou choisissez «\u202faucun\u202f».")
        return cleaned

    def put_on(self, site: Site) -> Site:
        """The site with what was typed, not saved."""
        for name, value in self.cleaned_data.items():
            setattr(site, name, value if value is not None else 0)
        return site


class UnitForm(forms.Form):
    """What can be ticked on a day."""

    name = TextField("Nom", longest=60, help_text="Repas, Journée, Matin avec repas…")
    parts = ticks("Parties du jour dont elle prend les places", DayPart.choices)
    has_meal = forms.BooleanField(label="Avec repas", required=False)
    position = NumberField("Ordre", most=999, initial=0)

    def put_on(self, unit: Unit) -> Unit:
        """The unit with what was typed, not saved."""
        _put(unit, self.cleaned_data)
        return unit


class GroupForm(forms.Form):
    """Children of an activity received apart."""

    name = TextField("Nom", longest=60, help_text="Maternelles, 6-8 ans…")
    levels = ticks("Classes admises", SchoolLevel.choices, required=False, help_text=LEVELS_HINT)
    min_age_months = AgeField("Âge minimum", help_text="3 ans, ou 18 mois. Vide\u202f: pas de minimum.")
    max_age_months = AgeField(
        "Âge maximum", is_last=True, help_text="Compris\u202f: «\u202f8 ans\u202f» va jusqu’à la veille des 9 ans."
    )
    capacity = NumberField(
        "Places par jour",
        most=MOST_PLACES,
        required=False,
        help_text="Vide\u202f: sans limite. Les places des jours déjà réservés ne changent pas.",
    )
    position = NumberField("Ordre", most=999, initial=0)

    def put_on(self, group: ActivityGroup) -> ActivityGroup:
        """The group with what was typed, not saved."""
        _put(group, self.cleaned_data)
        return group


def typed_group(group: ActivityGroup) -> dict[str, Any]:
    """What the fields of a group show before anything is typed."""
    return {
        "name": group.name,
        "levels": group.levels,
        "min_age_months": age_typed(group.min_age_months),
        "max_age_months": age_typed(group.max_age_months, is_last=True),
        "capacity": group.capacity,
        "position": group.position,
    }


class CopyForm(forms.Form):
    """Where the activities of a year are offered again."""

    target = choice("Année scolaire à préparer")

    def __init__(self, *args: Any, years: Iterable[SchoolYear], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = {str(year.pk): year for year in years}
        choices_of(self, "target").choices = [(key, year.label) for key, year in self.years.items()]

    @property
    def year(self) -> SchoolYear:
        """The one chosen, once the form is valid."""
        return self.years[self.cleaned_data["target"]]


def _put(row: Unit | ActivityGroup, said: Mapping[str, Any]) -> None:
    for name, value in said.items():
        setattr(row, name, value)
