"""What a parent types and ticks on the way to paying."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from preau.domain.payments.queries.top_ups import TopUpChoice
from preau.foundation.money import format_cents, parse_cents

_PUBLIC_ID = re.compile(r"[0-9A-Za-z_-]{22}")
#: Fields that the page fills and nobody types.
_HIDDEN = ("form_key", "shown_cents", "checkout")


def chosen_invoices(posted: QueryDict) -> list[str]:
    """Public ids of the invoices that a form names; anything else is no invoice and reaches no database."""
    return [value for value in posted.getlist("facture") if _PUBLIC_ID.fullmatch(value)]


def _receipt_address() -> forms.EmailField:
    return forms.EmailField(
        label="Adresse e-mail pour le reçu",
        max_length=254,
        error_messages={
            "required": "Indiquez l’adresse à laquelle envoyer le reçu.",
            "invalid": "Cette adresse n’est pas complète : elle s’écrit comme prenom.nom@exemple.fr.",
        },
    )


class PayForm(forms.Form):
    """The receipt's address, and what ties the click to the page it was made on."""

    email = _receipt_address()
    form_key = forms.CharField(max_length=64)
    shown_cents = forms.IntegerField(min_value=0)
    checkout = forms.CharField(max_length=22, required=False)

    def clean(self) -> dict[str, Any] | None:
        """One sentence for all that the page itself should have filled: nobody can correct a hidden field."""
        if [name for name in _HIDDEN if self.errors.pop(name, None)]:
            raise forms.ValidationError("Cette page n’est plus à jour. Vérifiez votre panier, puis recommencez.")
        return self.cleaned_data


class PartForm(forms.Form):
    """A part of an invoice, where the régie takes payment in several times (L18)."""

    facture = forms.CharField(max_length=22)
    montant = forms.CharField(label="Montant à payer maintenant", max_length=20, required=False)

    def clean_montant(self) -> int | None:
        """Cents; nothing typed means all that is left."""
        typed = str(self.cleaned_data["montant"]).strip()
        return _cents(typed) if typed else None


class TopUpForm(forms.Form):
    """Money brought in advance to a régie (C24)."""

    regie = forms.ChoiceField(
        label="Pour quel service\u202f?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un service.", "invalid_choice": "Choisissez un service de la liste."},
    )
    montant = forms.CharField(
        label="Montant", max_length=20, error_messages={"required": "Indiquez un montant, comme 30,00."}
    )
    email = _receipt_address()
    form_key = forms.CharField(max_length=64)

    def __init__(self, *args: Any, choices: Sequence[TopUpChoice], **values: Any) -> None:
        super().__init__(*args, **values)
        regie = self.fields["regie"]
        assert isinstance(regie, forms.ChoiceField)  # noqa: S101  (declared above)
        regie.choices = [
            (one.regie.public_id, f"{one.regie.label}, avoir\u202f: {format_cents(one.credit_cents)}")
            for one in choices
        ]

    def clean_montant(self) -> int:
        return _cents(str(self.cleaned_data["montant"]).strip())

    def clean(self) -> dict[str, Any] | None:
        """One sentence for what the page itself should have filled: nobody can correct a hidden field."""
        if self.errors.pop("form_key", None):
            raise forms.ValidationError("Cette page n’est plus à jour. Vérifiez le montant, puis recommencez.")
        return self.cleaned_data


def _cents(typed: str) -> int:
    try:
        return parse_cents(typed)
    except ValueError:
        raise forms.ValidationError("Écrivez un montant comme 12,50.") from None
