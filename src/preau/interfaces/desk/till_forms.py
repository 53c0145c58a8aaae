"""What an agent types at the desk: what the family pays, how much, by which means."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms

from preau.domain.payments.services.desk import Brought
from preau.domain.regies.models import MeansOfPayment
from preau.interfaces.desk.act_forms import AmountField, choices_of

_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}")


class TickedInvoices(forms.MultipleChoiceField):
    """Public ids of what is ticked on the page; whether each can be paid is for the service to say, with its reason."""

    def valid_value(self, value: str) -> bool:
        return _PUBLIC_ID.fullmatch(value) is not None


class ReceiveForm(forms.Form):
    """Money received."""

    invoices = TickedInvoices(
        label="Factures",
        error_messages={"required": "Cochez ce que la famille paie.", "invalid_choice": "Cette facture n’existe pas."},
    )
    amount = AmountField(
        label="Somme reçue",
        help_text="Si c’est moins que le total, la facture à payer le plus tôt est réglée d’abord.",
    )
    means = forms.ChoiceField(
        label="Moyen de paiement",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez un moyen de paiement.",
            "invalid_choice": "L’acte de la régie ne permet pas ce moyen de paiement.",
        },
    )
    number = forms.CharField(
        label="Numéro",
        required=False,
        max_length=64,
        help_text="Du chèque, du virement ou des titres. Jamais un numéro de carte.",
    )
    received_on = forms.DateField(
        label="Reçu le",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Indiquez la date.", "invalid": "Ce n’est pas une date."},
    )
    form_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    regie = forms.CharField(max_length=22, widget=forms.HiddenInput)

    field_order = ("invoices", "means", "amount", "number", "received_on")

    def __init__(self, *args: Any, means: Iterable[MeansOfPayment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices_of(self, "means", [(one.value, str(one.label).capitalize()) for one in means])

    @property
    def ticked(self) -> list[str]:
        """What was ticked, right or wrong, so that nothing is lost."""
        return list(self["invoices"].value() or []) if self.is_bound else []

    @property
    def brought(self) -> Brought:
        """What was typed, once the form is valid."""
        said = self.cleaned_data
        return Brought(
            amount_cents=said["amount"],
            means=MeansOfPayment(said["means"]),
            received_on=said["received_on"],
            number=said["number"],
        )
