"""What an agent chooses about enrolments: what the list keeps, an answer, an end, an enrolment made for a family."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from preau.domain.activities.models import Activity, ActivityGroup, SchoolYear
from preau.domain.bookings.queries.requests import GroupChoice, RequestFilters
from preau.domain.bookings.rules.refusals import Motive
from preau.domain.bookings.states import EnrolmentState
from preau.domain.families.models import Child
from preau.interfaces.desk.fields import DayField, choices_of

_CHOOSE = {"required": "Choisissez.", "invalid_choice": "Choisissez dans la liste."}
LONGEST_DETAILS = 200


class RequestFilterForm(forms.Form):
    """What the list keeps; anything that is no choice of it is left aside."""

    etat = forms.ChoiceField(label="État", required=False, choices=[("", "Tous"), *EnrolmentState.choices])
    annee = forms.ChoiceField(label="Année scolaire", required=False)
    activite = forms.ChoiceField(label="Activité", required=False)

    def __init__(self, *args: Any, activities: Iterable[Activity], years: Iterable[SchoolYear], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(one.public_id, str(one)) for one in activities]
        choices_of(self, "activite").choices = [("", "Toutes"), *named]
        choices_of(self, "annee").choices = [("", "Toutes"), *((str(one.pk), one.label) for one in years)]


def request_filters(
    asked: Mapping[str, Any], *, activities: Sequence[Activity], years: Sequence[SchoolYear]
) -> tuple[RequestFilters, RequestFilterForm]:
    """What the address asks of the list, and the form that shows it; without a word about states, what waits."""
    typed = asked if "etat" in asked else {**dict(asked.items()), "etat": EnrolmentState.REQUESTED}
    read = RequestFilterForm(typed, activities=activities, years=years)
    read.full_clean()
    kept = read.cleaned_data
    filters = RequestFilters(activity=kept.get("activite", ""), year=kept.get("annee", ""), state=kept.get("etat", ""))
    return filters, RequestFilterForm(initial=kept, activities=activities, years=years)


class AcceptForm(forms.Form):
    """In which group, where there are some."""

    group = forms.ChoiceField(label="Groupe", required=False, widget=forms.RadioSelect, error_messages=_CHOOSE)

    def __init__(self, *args: Any, groups: Sequence[GroupChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = {str(one.group.pk): one.group for one in groups}
        if not groups:
            del self.fields["group"]
            return
        field = choices_of(self, "group")
        field.required = True
        field.choices = [(str(one.group.pk), _group_words(one)) for one in groups]
        fitting = next((one for one in groups if not one.refusal), None)
        self.initial.setdefault("group", str(fitting.group.pk) if fitting else "")

    @property
    def chosen(self) -> ActivityGroup | None:
        """The one chosen, once the form is valid."""
        return self.groups.get(self.cleaned_data.get("group", ""))


def _group_words(one: GroupChoice) -> str:
    words = f"{one.enrolled} inscrit{'s' * (one.enrolled > 1)}"
    if one.group.capacity:
        words += f" pour {one.group.capacity} place{'s' * (one.group.capacity > 1)} par jour"
    return f"{one.group.name} ({words})" + (f". {one.refusal}" if one.refusal else "")


class RefuseForm(forms.Form):
    """Why, among what the law allows for this activity; the family reads it."""

    motive = forms.ChoiceField(label="Motif", widget=forms.RadioSelect, error_messages=_CHOOSE)
    details = forms.CharField(
        label="Précisions",
        required=False,
        max_length=LONGEST_DETAILS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="La famille lira ce texte. N’écrivez rien sur la situation des parents.",
        error_messages={"max_length": f"{LONGEST_DETAILS} caractères au plus."},
    )

    def __init__(self, *args: Any, motives: Iterable[Motive], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices_of(self, "motive").choices = [(one.value, str(one.label)) for one in motives]


class EndForm(forms.Form):
    """The last day, and why."""

    on = DayField("Dernier jour", help_text="Ce jour compris.")
    reason = forms.CharField(
        label="Motif",
        max_length=LONGEST_DETAILS,
        help_text="La famille le lira.",
        error_messages={"required": "Dites pourquoi.", "max_length": f"{LONGEST_DETAILS} caractères au plus."},
    )


class EnrolForm(forms.Form):
    """A child, an activity or one of its groups, and days; without days, those of the activity from today on."""

    child = forms.ChoiceField(label="Enfant", widget=forms.RadioSelect, error_messages=_CHOOSE)
    place = forms.ChoiceField(label="Activité, et groupe s’il y en a", error_messages=_CHOOSE)
    first_day = DayField(
        "Premier jour", required=False, help_text="Vide\u202f: aujourd’hui, ou le début de l’activité."
    )
    last_day = DayField("Dernier jour", required=False, help_text="Vide\u202f: la fin de l’activité.")

    def __init__(self, *args: Any, children: Iterable[Child], activities: Iterable[Activity], **kwargs: Any) -> None:
        """The groups of the activities are prefetched."""
        super().__init__(*args, **kwargs)
        self.children = {one.public_id: one for one in children}
        self.places: dict[str, tuple[Activity, ActivityGroup | None]] = {}
        self._words: dict[str, str] = {}
        for activity in activities:
            groups: list[ActivityGroup | None] = list(activity.groups.all()) or [None]
            for group in groups:
                key = f"{activity.public_id}/{group.pk}" if group else activity.public_id
                self.places[key] = (activity, group)
                self._words[key] = f"{activity}, {group}" if group else str(activity)
        choices_of(self, "child").choices = [(key, one.first_name) for key, one in self.children.items()]
        choices_of(self, "place").choices = [("", "Choisir…"), *self._words.items()]
        if len(self.children) == 1:
            self.initial.setdefault("child", next(iter(self.children)))

    def said(self, today: date) -> dict[str, Any]:
        """What was typed, once the form is valid, as `enrol` names it."""
        typed = self.cleaned_data
        activity, group = self.places[typed["place"]]
        return {
            "child": self.children[typed["child"]],
            "activity": activity,
            "group": group,
            "first_day": typed["first_day"] or max(activity.first_day, today),
            "last_day": typed["last_day"] or activity.last_day,
        }
