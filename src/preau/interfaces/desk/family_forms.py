"""What an agent notes of a family: class and diets of a child, link with the town, quotient."""

from datetime import date
from typing import Any

from django import forms

from preau.domain.families.models import Child, Diet, SchoolLevel, TownLink
from preau.interfaces.desk.act_forms import AmountField
from preau.interfaces.desk.fields import DayField

_CHOOSE = {"required": "Choisissez.", "invalid_choice": "Choisissez dans la liste."}


class ChildForm(forms.Form):
    """Its class, and the words that the kitchen must know; no reason is kept."""

    level = forms.ChoiceField(
        label="Classe", required=False, choices=[("", "Inconnue"), *SchoolLevel.choices], error_messages=_CHOOSE
    )
    diets = forms.MultipleChoiceField(
        label="Régime alimentaire",
        required=False,
        choices=Diet.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Seuls ces mots sont gardés\u202f: ni la raison, ni la religion, ni la maladie.",
        error_messages=_CHOOSE,
    )

    @classmethod
    def of(cls, child: Child) -> "ChildForm":
        """The form as the child is now; its diets are prefetched."""
        return cls(initial={"level": child.level, "diets": [one.diet for one in child.diets.all()]})


class TownLinkForm(forms.Form):
    """What ties the family to the town."""

    town_link = forms.ChoiceField(
        label="Lien avec la commune", choices=TownLink.choices, widget=forms.RadioSelect, error_messages=_CHOOSE
    )


class QuotientForm(forms.Form):
    """A quotient, and the day from which it counts."""

    amount = AmountField(label="Quotient familial")
    valid_on = DayField(
        "Valable à partir du",
        help_text="Les prix déjà faits ne changent pas. La même date corrige une erreur de saisie.",
    )

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, once the form is valid, as `note_quotient` names it."""
        return {"amount_cents": self.cleaned_data["amount"], "valid_on": self.cleaned_data["valid_on"]}

    @classmethod
    def on(cls, today: date) -> "QuotientForm":
        """An empty form, from today on."""
        initial: dict[str, Any] = {"valid_on": today}
        return cls(initial=initial)
