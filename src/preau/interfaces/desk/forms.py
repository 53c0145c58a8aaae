"""What an agent chooses and types about a case."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from preau.domain.payments.models import ReviewCase
from preau.domain.payments.outcomes import LONGEST_REASON, SHORTEST_REASON, Outcome
from preau.domain.payments.queries.cases import CaseFilters, CaseState
from preau.domain.regies.models import Regie
from preau.foundation.money import format_cents


class FilterForm(forms.Form):
    """What the list keeps; anything that is no choice of it is left aside."""

    regie = forms.ChoiceField(label="Régie", required=False)
    nature = forms.ChoiceField(label="Nature", required=False, choices=[("", "Toutes"), *ReviewCase.Kind.choices])
    etat = forms.ChoiceField(label="État", required=False, choices=[("", "Tous"), *CaseState.choices])

    def __init__(self, *args: Any, regies: Iterable[Regie], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["regie"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = [("", "Toutes"), *((regie.public_id, regie.label) for regie in regies)]


def filters_of(asked: Mapping[str, Any], *, regies: list[Regie]) -> tuple[CaseFilters, FilterForm]:
    """What the address asks of the list, and the form that shows it."""
    read = FilterForm(asked, regies=regies)
    read.full_clean()
    kept = read.cleaned_data
    filters = CaseFilters(regie=kept.get("regie", ""), kind=kept.get("nature", ""), state=kept.get("etat", ""))
    return filters, FilterForm(initial=kept, regies=regies)


def reason_field(label: str) -> forms.CharField:
    """Why, in words."""
    missing = f"Expliquez en quelques mots\u202f: {SHORTEST_REASON} caractères au moins."
    return forms.CharField(
        label=label,
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing, "min_length": missing},
    )


class ProposalForm(forms.Form):
    """The first agent's word."""

    outcome = forms.ChoiceField(
        label="Que faire de ce dossier\u202f?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une décision.", "invalid_choice": "Choisissez une décision."},
    )
    reason = reason_field("Raison")

    def __init__(self, *args: Any, possible: Iterable[Outcome], moved_cents: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["outcome"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = [(one.value, said_of(one, moved_cents)) for one in possible]


class SendBackForm(forms.Form):
    """The second agent's disagreement."""

    refusal = reason_field("Pourquoi la renvoyer")


def said_of(outcome: Outcome, moved_cents: int) -> str:
    """An outcome with the sum that it moves: « Porter à l’avoir de la famille : 24,01 € »."""
    moves = moved_cents and outcome in {Outcome.CREDIT, Outcome.REFUND}
    return f"{outcome.label}\u202f: {format_cents(moved_cents)}" if moves else str(outcome.label)
