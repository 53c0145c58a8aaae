"""What a family types to ask for an enrolment."""

from collections.abc import Iterable
from typing import Any

from django import forms

LONGEST_MESSAGE = 1000


class RequestForm(forms.Form):
    """The papers that the family has or brings, and a word to the service; the activity is known."""

    papers = forms.MultipleChoiceField(
        label="Les pièces que vous avez",
        required=False,
        help_text="Cochez celles que vous avez déjà données ou que vous apporterez. Les autres pourront suivre.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choisissez dans la liste."},
    )
    message = forms.CharField(
        label="Un message pour le service",
        required=False,
        max_length=LONGEST_MESSAGE,
        help_text="N’écrivez rien sur la santé, l’origine ou la religion de l’enfant\u202f: ce n’est pas demandé.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": f"{LONGEST_MESSAGE} caractères au plus."},
    )

    def __init__(self, *args: Any, papers: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(paper, paper) for paper in papers]
        if choices:
            self.fields["papers"].choices = choices  # type: ignore[attr-defined]  # declared above
        else:
            del self.fields["papers"]
