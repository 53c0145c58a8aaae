"""What an agent types of a tariff beside its versions: its name, the units it prices, a price to try."""

from collections.abc import Iterable
from typing import Any

from django import forms

from preau.domain.activities.models import Unit
from preau.domain.activities.rules.calendar import DayKind
from preau.domain.families.models import SchoolLevel, TownLink
from preau.domain.pricing.rules import Circumstances, Quotient
from preau.domain.regies.models import Regie
from preau.interfaces.desk.act_forms import AmountField

A_CHOICE = "Choisissez dans la liste."
_AN_AMOUNT, _A_NUMBER = "Écrivez un montant comme 12,50.", "Écrivez un nombre."


class OptionalAmount(AmountField):
    """Cents, or None where nothing was typed."""

    def __init__(self, **values: Any) -> None:
        super().__init__(required=False, **values)

    def clean(self, value: Any) -> Any:
        """An empty field is no amount."""
        cents = super().clean(value)
        return None if cents == "" else cents


def number_field(label: str, *, most: int, **values: Any) -> forms.IntegerField:
    """A whole number that may be left empty."""
    said = {"invalid": _A_NUMBER, "min_value": _A_NUMBER, "max_value": f"Écrivez {most} au plus."}
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=most, error_messages=said, **values)


class TariffForm(forms.Form):
    """A new tariff: of which régie, and its names."""

    regie = forms.ChoiceField(label="Régie", error_messages={"required": "Choisissez une régie."})
    name = forms.CharField(
        label="Nom", max_length=100, help_text="Les familles le lisent.",
        error_messages={"required": "Donnez un nom au tarif.", "max_length": "Écrivez 100 caractères au plus."},
    )  # fmt: skip
    unit_label = forms.CharField(
        label="Compté", max_length=40, initial="à l’unité",
        help_text="« à l’unité », « de l’heure », « le séjour ».",
        error_messages={
            "required": "Dites comment il se compte, comme « à l’unité ».",
            "max_length": "Écrivez 40 caractères au plus.",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, regies: Iterable[Regie], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.regies = {regie.public_id: regie for regie in regies}
        chosen = self.fields["regie"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101  (declared above)
        named = [(key, regie.label) for key, regie in self.regies.items()]
        chosen.choices = named if len(named) == 1 else [("", "Choisir…"), *named]

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, once the form is valid, as the service names it."""
        return self.cleaned_data | {"regie": self.regies[self.cleaned_data["regie"]]}


class TryForm(forms.Form):
    """For whom a price is tried. The quotient that nobody gave is unknown."""

    quotient = OptionalAmount(label="Quotient familial", help_text="Vide\u202f: inconnu.")
    lien = forms.ChoiceField(label="Lien avec la commune", choices=TownLink.choices)
    rang = number_field("Enfant n°", most=20, initial=1)
    classe = forms.ChoiceField(label="Classe", required=False, choices=[("", "inconnue"), *SchoolLevel.choices])
    sorte = forms.ChoiceField(label="Sorte de jour", choices=DayKind.choices)
    minutes = number_field("Durée en minutes", most=24 * 60, help_text="Pour un tarif de l’heure.")
    retard = forms.BooleanField(label="Réservé en retard", required=False)

    def clean_quotient(self) -> int | None:
        """A quotient is never below zero."""
        cents: int | None = self.cleaned_data["quotient"]
        if cents is not None and cents < 0:
            raise forms.ValidationError(_AN_AMOUNT)
        return cents

    @property
    def about(self) -> Circumstances:
        """What was described, once the form is valid."""
        said = self.cleaned_data
        return Circumstances(
            quotient=None if said["quotient"] is None else Quotient(cents=said["quotient"]),
            town_link=said["lien"],
            rank=said["rang"] or 1,
            level=said["classe"],
            day_kind=said["sorte"],
            is_late=said["retard"],
            minutes=said["minutes"] or None,
        )


class DatedTryForm(TryForm):
    """The same, on a day: the version in force then answers."""

    jour = forms.DateField(
        label="Jour",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Indiquez un jour.", "invalid": "Ce n’est pas une date."},
    )

    field_order = ("jour",)


class UnitForm(forms.Form):
    """A unit of the régie to price by this tariff."""

    unite = forms.ChoiceField(
        label="Ajouter une activité",
        error_messages={"required": "Choisissez une activité.", "invalid_choice": A_CHOICE},
    )

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.id): unit for unit in units}
        chosen = self.fields["unite"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101  (declared above)
        chosen.choices = [("", "Choisir…"), *((key, _choice_of(unit)) for key, unit in self.units.items())]

    @property
    def unit(self) -> Unit:
        """The one chosen, once the form is valid."""
        return self.units[self.cleaned_data["unite"]]


def unit_words(unit: Unit) -> str:
    """« Cantine Les Lutins, Repas »."""
    return f"{unit.activity.name}, {unit.name}"


def _choice_of(unit: Unit) -> str:
    pricing = getattr(unit, "pricing", None)
    return f"{unit_words(unit)} ({pricing.tariff.name if pricing else 'sans tarif'})"
