"""What a parent types on the way to paying."""

from django import forms

from preau.foundation.money import parse_cents


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
