"""What the planning's forms send: ticks, a pattern, the click that saves."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypedDict

from django import forms
from django.http import QueryDict

from preau.domain.bookings.queries.patterns import Pattern, PatternChoices
from preau.domain.bookings.services.choosing import Choice
from preau.foundation import french
from preau.interfaces.portal.planning.where import day_of, public_id_of

Box = tuple[str, date]

#: Boxes that one form may name: a month of six activities, with room to spare.
MOST_BOXES = 1500
#: A pattern covers a school year at most.
LONGEST_PATTERN = timedelta(days=366)
_TICK = re.compile(r"j-([0-9A-Za-z_-]{22})-(\d{4}-\d{2}-\d{2})")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_CODE = re.compile(r"[-a-zA-Z0-9_]{0,12}")
NOT_UNDERSTOOD = "Une case de la page n’a pas été comprise\u202f: rechargez la page."
TOO_MANY = "Il y a trop de jours à la fois\u202f: enregistrez d’abord ceux que vous avez choisis."
HOURS_WANTED = "Indiquez l’heure d’arrivée et l’heure de départ."


@dataclass
class Posted:
    """What a form says of the boxes its page showed; `faults` about the whole form, `refused` box by box."""

    choices: dict[Box, Choice] = field(default_factory=dict)
    refused: dict[Box, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    #: Hours as they were typed, by box, to be shown again.
    typed: dict[Box, tuple[str, str]] = field(default_factory=dict)


def box_name(activity_id: str, day: date) -> str:
    """Name of a box in the form."""
    return f"j-{activity_id}-{day.isoformat()}"


def shown_boxes(boxes: Iterable[tuple[Box, str]]) -> str:
    """The hidden field that says what a page shows in its boxes: `id:day=code,day=;id:day=08:30-11:30`.

    An unticked box is known by it, and so is one that nobody touched.
    """
    days: dict[str, list[str]] = {}
    for (activity_id, day), shows in boxes:
        days.setdefault(activity_id, []).append(f"{day.isoformat()}={shows}")
    return ";".join(f"{activity_id}:{','.join(same)}" for activity_id, same in days.items())


def posted_choices(posted: QueryDict) -> Posted:
    """What was ticked and unticked. Believed for the wishes alone: everything else is computed again.

    A box left as the page showed it is no choice: the draft may have changed since, elsewhere.
    """
    said = Posted()
    named = {**dict.fromkeys(_ticked(posted, said)), **dict(_listed(posted.get("montrees", ""), said))}
    if len(named) > MOST_BOXES:
        return Posted(faults=[TOO_MANY])
    for box, shown in named.items():
        if _says(box, posted) != shown:
            _read(box, posted, said)
    return said


def _listed(text: str, said: Posted) -> Iterator[tuple[Box, str | None]]:
    """Boxes with what the page showed in them; None where it is not said."""
    for part in filter(None, text.split(";")):
        activity_id, _, days = part.partition(":")
        for word in days.split(","):
            iso, is_known, shown = word.partition("=")
            day = day_of(iso)
            if not public_id_of(activity_id) or day is None:
                said.faults = [NOT_UNDERSTOOD]
            else:
                yield (activity_id, day), shown if is_known else None


def _ticked(posted: QueryDict, said: Posted) -> Iterator[Box]:
    for name in posted:
        if name.startswith("j-"):
            found = _TICK.fullmatch(name)
            day = day_of(found[2]) if found else None
            if found is None or day is None:
                said.faults = [NOT_UNDERSTOOD]
            else:
                yield found[1], day


def _says(box: Box, posted: QueryDict) -> str:
    """What a form says of a box, written as `shown_boxes` does."""
    ending = f"{box[0]}-{box[1].isoformat()}"
    if f"d-{ending}" in posted:
        return f"{posted[f'd-{ending}']}-{posted.get(f'f-{ending}', '')}"
    return posted.get(f"j-{ending}", "")


def _read(box: Box, posted: QueryDict, said: Posted) -> None:
    ending = f"{box[0]}-{box[1].isoformat()}"
    code = posted.get(f"j-{ending}", "")
    if not _CODE.fullmatch(code):
        said.refused[box] = "Ce choix n’existe pas pour cette activité."
    elif f"d-{ending}" in posted:
        _read_hours(box, code, posted.get(f"d-{ending}", ""), posted.get(f"f-{ending}", ""), said)
    else:
        said.choices[box] = Choice(code)


def _read_hours(box: Box, code: str, begins: str, ends: str, said: Posted) -> None:
    said.typed[box] = (begins, ends)
    if not begins.strip() and not ends.strip():
        said.choices[box] = Choice("")
        return
    starts, stops = minute_of(begins), minute_of(ends)
    if starts is None or stops is None:
        said.refused[box] = HOURS_WANTED
    else:
        said.choices[box] = Choice(code, starts, stops)


def minute_of(text: str) -> int | None:
    """« 8:30 » as minutes after midnight; None for anything else."""
    found = _TIME.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def row_choice(posted: QueryDict, activity_id: str) -> Choice:
    """The unit and the hours typed beside the first box of a row."""
    code = posted.get(f"unite-{activity_id}", "")
    return Choice(
        code if _CODE.fullmatch(code) else "",
        minute_of(posted.get(f"debut-{activity_id}", "")),
        minute_of(posted.get(f"fin-{activity_id}", "")),
    )


class SaveForm(forms.Form):
    """The click that saves: its key, the cost its page announced (U6), and whether refused days may be left aside."""

    form_key = forms.CharField(max_length=64)
    annonce = forms.IntegerField()
    partiel = forms.BooleanField(required=False)


class Wanted(TypedDict):
    """A place to wait for; ids are public."""

    child_id: str
    activity_id: str
    unit_code: str
    day: date


class WaitForm(forms.Form):
    """A child, an activity, a unit and a day to wait for."""

    enfant = forms.CharField(max_length=22)
    activite = forms.CharField(max_length=22)
    unite = forms.SlugField(max_length=12)
    jour = forms.DateField(input_formats=["%Y-%m-%d"])

    def clean_jour(self) -> date:
        day = day_of(self.cleaned_data["jour"].isoformat())
        if day is None:
            raise forms.ValidationError("Ce jour n’existe pas.")
        return day

    @property
    def wanted(self) -> Wanted:
        """What the domain asks for, by its names."""
        said = self.cleaned_data
        return {
            "child_id": said["enfant"],
            "activity_id": said["activite"],
            "unit_code": said["unite"],
            "day": said["jour"],
        }


class PatternForm(forms.Form):
    """Weekdays between two days, for several children and activities (C31)."""

    sens = forms.ChoiceField(
        label="Que voulez-vous faire\u202f?",
        choices=[("ajouter", "Réserver ces jours"), ("retirer", "Retirer ces jours")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez de réserver ou de retirer."},
    )
    enfants = forms.MultipleChoiceField(
        label="Pour qui\u202f?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez au moins un enfant.",
            "invalid_choice": "Cet enfant n’est pas le vôtre.",
        },
    )
    unites = forms.MultipleChoiceField(
        label="Pour quoi\u202f?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez au moins une activité.",
            "invalid_choice": "Cette activité ne se réserve pas ici.",
        },
    )
    jours = forms.MultipleChoiceField(
        label="Quels jours de la semaine\u202f?",
        choices=[(str(number), name.capitalize()) for number, name in enumerate(french.WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un jour.", "invalid_choice": "Ce jour n’existe pas."},
    )
    du = forms.DateField(
        label="Du",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Indiquez le premier jour.", "invalid": "Cette date n’existe pas."},
    )
    au = forms.DateField(
        label="Au",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Indiquez le dernier jour.", "invalid": "Cette date n’existe pas."},
    )
    debut = forms.CharField(label="Arrivée", required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    fin = forms.CharField(label="Départ", required=False, widget=forms.TimeInput(attrs={"type": "time"}))

    def __init__(self, *args: Any, offered: PatternChoices, **values: Any) -> None:
        super().__init__(*args, **values)
        self.offered = offered
        self._choices_of("enfants", [(child.public_id, child.first_name) for _, child in offered.children])
        self._choices_of("unites", [(_unit_key(unit), _unit_words(unit, offered)) for unit in offered.units])
        self.by_the_hour = {_unit_key(unit) for unit in offered.units if unit.activity.unit_mode == "hours"}

    def _choices_of(self, name: str, choices: list[tuple[str, str]]) -> None:
        chosen = self.fields[name]
        assert isinstance(chosen, forms.MultipleChoiceField)  # noqa: S101  (declared above)
        chosen.choices = choices

    def clean_unites(self) -> list[str]:
        keys: list[str] = self.cleaned_data["unites"]
        activities = [key.partition(":")[0] for key in keys]
        if len(set(activities)) < len(activities):
            raise forms.ValidationError(
                "Choisissez une seule formule par activité\u202f: un enfant en prend une par jour."
            )
        return keys

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        first, last = cleaned.get("du"), cleaned.get("au")
        if first and last and last < first:
            self.add_error("au", "Le dernier jour vient après le premier.")
        elif (
            first
            and last
            and (last - first > LONGEST_PATTERN or day_of(str(first)) is None or day_of(str(last)) is None)
        ):
            self.add_error("au", "Choisissez une période d’un an au plus.")
        if cleaned.get("sens") == "ajouter" and self.by_the_hour & set(cleaned.get("unites", ())):
            self._clean_hours()
        return cleaned

    def _clean_hours(self) -> None:
        starts, ends = minute_of(self.cleaned_data["debut"]), minute_of(self.cleaned_data["fin"])
        if starts is None or ends is None:
            self.add_error("debut", HOURS_WANTED)
        elif ends <= starts:
            self.add_error("fin", "L’heure de départ vient après l’heure d’arrivée.")

    @property
    def pattern(self) -> Pattern:
        """What was described; only of a valid form."""
        said = self.cleaned_data
        units = tuple((key.partition(":")[0], key.partition(":")[2]) for key in said["unites"])
        return Pattern(
            child_ids=tuple(said["enfants"]),
            units=units,
            weekdays=frozenset(int(number) for number in said["jours"]),
            first=said["du"],
            last=said["au"],
            adds=said["sens"] == "ajouter",
            starts_minute=minute_of(said["debut"]),
            ends_minute=minute_of(said["fin"]),
        )


def _unit_key(unit: Any) -> str:
    return f"{unit.activity.public_id}:{unit.code}"


def _unit_words(unit: Any, offered: PatternChoices) -> str:
    """The activity, with its unit where it has several."""
    same = [one for one in offered.units if one.activity_id == unit.activity_id]
    return f"{unit.activity.name}, {unit.name.lower()}" if len(same) > 1 else unit.activity.name
