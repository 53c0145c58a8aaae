"""What an agent types about places: how many, from when to when, and why a closed day is emptied."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from preau.domain.activities.models import Activity
from preau.domain.bookings.queries.month_of_places import CountOfPlaces
from preau.domain.bookings.rules.reasons import LONGEST, SHORTEST
from preau.interfaces.desk.act_forms import choices_of
from preau.interfaces.desk.day_forms import day_field

_MOST_PLACES = 9999
_LONGEST_STRETCH = 366


def why_field(label: str, *, hint: str = "", required: bool = True) -> forms.CharField:
    """Why, in a few words that stay in the journal."""
    missing = f"Expliquez en quelques mots\u202f: {SHORTEST} caractères au moins."
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        min_length=SHORTEST,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": missing, "min_length": missing},
    )


class CapacityForm(forms.Form):
    """How many places, of what, from a day to another."""

    places = forms.IntegerField(
        label="Places par jour",
        min_value=0,
        max_value=_MOST_PLACES,
        error_messages={
            "required": "Indiquez un nombre de places.",
            "invalid": "Indiquez un nombre entier.",
            "min_value": "Indiquez un nombre de places, zéro au moins.",
            "max_value": f"Indiquez {_MOST_PLACES} places au plus.",
        },
    )
    compte = forms.ChoiceField(
        label="Pour", error_messages={"required": "Choisissez.", "invalid_choice": "Choisissez dans la liste."}
    )
    du = day_field("Du")
    au = day_field("Au")

    def __init__(self, *args: Any, activity: Activity, counts: Sequence[CountOfPlaces], today: date, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.activity, self.counts, self.today = activity, counts, today
        choices_of(self, "compte", [(str(rank), one.label) for rank, one in enumerate(counts)])
        self.fields["places"].widget.attrs["inputmode"] = "numeric"

    @property
    def count(self) -> CountOfPlaces:
        return self.counts[int(self.cleaned_data["compte"])]

    def rank_of(self, asked: str) -> int:
        """The count that an address asks for; the first when it names none."""
        return next((rank for rank in range(len(self.counts)) if str(rank) == asked), 0)

    def clean_du(self) -> date:
        first: date = self.cleaned_data["du"]
        if first < self.today:
            raise forms.ValidationError("Ce jour est passé.")
        return max(first, self.activity.first_day)

    def clean_au(self) -> date:
        last: date = self.cleaned_data["au"]
        first = self.cleaned_data.get("du")
        if first is not None and last < first:
            raise forms.ValidationError("Ce jour vient avant le premier, ou avant le début de l’activité.")
        if first is not None and (last - first).days > _LONGEST_STRETCH:
            raise forms.ValidationError("Un an au plus à la fois.")
        return min(last, self.activity.last_day)


class CloseForm(forms.Form):
    """Why the bookings of a closed day are cancelled; families read it."""

    raison = why_field(
        "Motif", hint="Les familles le liront\u202f: «\u202fGrève du personnel\u202f», «\u202fÉcole fermée\u202f»."
    )
