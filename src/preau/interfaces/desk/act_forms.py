"""What an agent types about money after a payment: what the bank took back, what is given back, and how."""

from collections.abc import Iterable
from typing import Any

from django import forms

from preau.domain.payments.models import Refund, Reversal
from preau.foundation.money import format_cents, parse_cents
from preau.interfaces.desk.forms import reason_field


class AmountField(forms.CharField):
    """An amount as people write it; its value is in cents."""

    def __init__(self, **values: Any) -> None:
        asked = {"required": "Indiquez un montant, comme 12,50."}
        super().__init__(max_length=20, error_messages=asked, **values)
        self.widget.attrs["inputmode"] = "decimal"

    def to_python(self, value: Any) -> Any:
        """Cents; an empty field is told by its own sentence."""
        typed = super().to_python(value)
        if not typed:
            return typed
        try:
            return parse_cents(typed)
        except ValueError:
            raise forms.ValidationError("Écrivez un montant comme 12,50.") from None

    def run_validators(self, value: Any) -> None:
        """Those of a text are run on what was typed."""
        super().run_validators(str(value))


class SearchForm(forms.Form):
    """One line that names what is sought; what cannot be read finds nothing."""

    q = forms.CharField(required=False, max_length=100)

    def __init__(self, *args: Any, label: str, hint: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label, self.fields["q"].help_text = label, hint

    @property
    def sought(self) -> str | None:
        """What is sought, empty for everything; None when it can name nothing."""
        return " ".join(self.cleaned_data["q"].split()) if self.is_valid() else None


class MoneyForm(forms.Form):
    """What every proposal says: a sum, and why."""

    amount = AmountField()
    reason = reason_field("Raison")

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, once the form is valid, as the services name it."""
        said = dict(self.cleaned_data)
        return {"amount_cents": said.pop("amount"), **said}


class ReversalForm(MoneyForm):
    """What the bank took back, and its notice."""

    kind = forms.ChoiceField(
        label="Que s’est-il passé\u202f?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez ce qui s’est passé.",
            "invalid_choice": "Choisissez ce qui s’est passé.",
        },
    )
    amount = AmountField(label="Somme reprise par la banque")
    notice = forms.CharField(
        label="Avis de la banque",
        max_length=100,
        help_text="Son numéro, ou la ligne du relevé.",
        error_messages={"required": "Recopiez le numéro de l’avis, ou la ligne du relevé."},
    )
    noticed_on = forms.DateField(
        label="Date de l’avis",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Indiquez la date de l’avis.", "invalid": "Ce n’est pas une date."},
    )

    field_order = ("kind", "amount", "notice", "noticed_on", "reason")

    def __init__(self, *args: Any, kinds: Iterable[Reversal.Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices_of(self, "kind", [(one.value, str(one.label)) for one in kinds])

    def clean_kind(self) -> Reversal.Kind:
        return Reversal.Kind(self.cleaned_data["kind"])


class RefundForm(MoneyForm):
    """A sum to give back, of what, and how."""

    source = forms.ChoiceField(
        label="Sur quelle somme\u202f?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une somme.", "invalid_choice": "Choisissez une somme."},
    )
    amount = AmountField(label="Montant à rendre")
    means = forms.ChoiceField(
        label="Comment\u202f?",
        widget=forms.RadioSelect,
        choices=Refund.Means.choices,
        error_messages={"required": "Choisissez un moyen.", "invalid_choice": "Choisissez un moyen."},
    )
    reference = forms.CharField(
        label="Référence",
        max_length=64,
        help_text="Numéro du virement, du chèque, de la quittance ou de l’opération à la banque.",
        error_messages={"required": "Indiquez la référence qui permettra de le retrouver."},
    )

    field_order = ("source", "amount", "means", "reference", "reason")

    def __init__(self, *args: Any, sources: Iterable[tuple[str, str, int]], by_card: bool, **kwargs: Any) -> None:
        """`sources` are (key, words, cents owed)."""
        super().__init__(*args, **kwargs)
        choices_of(self, "source", [(key, f"{words}\u202f: {format_cents(cents)}") for key, words, cents in sources])
        if not by_card:
            choices_of(self, "means", [one for one in Refund.Means.choices if one[0] != Refund.Means.CARD])

    def clean_means(self) -> Refund.Means:
        return Refund.Means(self.cleaned_data["means"])


class CreditNoteForm(MoneyForm):
    """A paid service that the régie gives back."""

    invoice = forms.ChoiceField(
        label="Facture payée",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une facture.", "invalid_choice": "Choisissez une facture."},
    )
    amount = AmountField(label="Montant de l’avoir")
    label = forms.CharField(
        label="Objet",
        max_length=200,
        help_text="La famille le lira\u202f: « Sortie du 12 mai annulée ».",
        error_messages={"required": "Écrivez ce que la famille lira."},
    )

    field_order = ("invoice", "amount", "label", "reason")

    def __init__(self, *args: Any, invoices: Iterable[tuple[str, str, int]], **kwargs: Any) -> None:
        """`invoices` are (public id, words, cents that can be given back)."""
        super().__init__(*args, **kwargs)
        named = [(key, f"{words}\u202f: {format_cents(cents)} au plus") for key, words, cents in invoices]
        choices_of(self, "invoice", named)


def choices_of(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    """Give a field its choices; the only one there is, is chosen."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
    field.choices = choices
    if len(choices) == 1:
        form.initial.setdefault(name, choices[0][0])
