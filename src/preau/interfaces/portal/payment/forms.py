"""What a parent types and ticks on the way to paying."""

import re
from typing import Any

from django import forms
from django.http import QueryDict

from preau.foundation.money import parse_cents

_PUBLIC_ID = re.compile(r"[0-9A-Za-z_-]{22}")
#: Fields that the page fills and nobody types.
_HIDDEN = ("form_key", "shown_cents", "checkout")


def chosen_invoices(posted: QueryDict) -> list[str]:
    """Public ids of the invoices that a form names; anything else is no invoice and reaches no database."""
    return [value for value in posted.getlist("facture") if _PUBLIC_ID.fullmatch(value)]


class PayForm(forms.Form):
    """The receipt's address, and what ties the click to the page it was made on."""

    email = forms.EmailField(
        label="Adresse e-mail pour le reçu",
        max_length=254,
        error_messages={
            "required": "Indiquez l’adresse à laquelle envoyer le reçu.",
            "invalid": "Cette adresse n’est pas complète : elle s’écrit comme prenom.nom@exemple.fr.",
        },
    )
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
        if not typed:
            return None
        try:
            return parse_cents(typed)
        except ValueError:
            raise forms.ValidationError("Écrivez un montant comme 12,50.") from None
