"""What an agent books for a child: days of a month, a unit, hours, and why a rule is passed."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django import forms

from preau.domain.activities.models import Unit, UnitMode
from preau.domain.bookings.changes import WHOLE, Wanted
from preau.domain.bookings.models import Enrolment
from preau.domain.bookings.queries.agents import DayToBook
from preau.domain.payments.services.attempts import new_form_key
from preau.interfaces.desk.act_forms import choices_of
from preau.interfaces.desk.places_forms import why_field


def _hour_field(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Écrivez une heure comme 8:30."},
    )


class CancelForm(forms.Form):
    """Why a booking is cancelled and, of the `shares` (%) of its price there are, which one the family gets back."""

    raison = why_field("Motif", hint="La famille le lira.")
    rendu = forms.ChoiceField(
        label="Prix rendu",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez.", "invalid_choice": "Choisissez dans la liste."},
    )

    def __init__(self, *args: Any, shares: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {WHOLE: "Tout", 0: "Rien\u202f: annulé trop tard"}
        rule = "{}\u202f%, comme pour un jour annulé à temps"
        if shares:
            choices_of(self, "rendu", [(str(share), words.get(share, rule.format(share))) for share in shares])
        else:
            del self.fields["rendu"]

    @property
    def said(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["raison"], "back_percent": int(self.cleaned_data.get("rendu", WHOLE))}


class FamilyBookingForm(forms.Form):
    """Boxes are the days that the page shows; `form_key` and `shown_cents` come back from the page that priced them."""

    jours = forms.MultipleChoiceField(
        label="Jours",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez un jour au moins.", "invalid_choice": "Ce jour n’est pas de ce mois."},
    )
    unite = forms.ChoiceField(
        label="Réservation",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez.", "invalid_choice": "Choisissez dans la liste."},
    )
    arrivee = _hour_field("Arrivée")
    depart = _hour_field("Départ")
    derogation = why_field("Pourquoi passer la règle", hint="Ce mot reste au journal.", required=False)
    form_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    shown_cents = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, enrolment: Enrolment, days: Sequence[DayToBook], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units: dict[str, Unit] = {unit.code: unit for unit in enrolment.activity.units.all()}
        self.by_the_hour = enrolment.activity.unit_mode == UnitMode.HOURS
        choices_of(self, "jours", [(f"{one.day}", f"{one.day}") for one in days if not one.closed and not one.booking])
        choices_of(self, "unite", [(code, unit.name) for code, unit in self.units.items()])
        self.initial.pop("jours", None)  # one day left in a month is not a day chosen
        if not self.by_the_hour:
            del self.fields["arrivee"], self.fields["depart"]

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            self.units[self.cleaned_data["unite"]],
            _minutes(self.cleaned_data.get("arrivee")),
            _minutes(self.cleaned_data.get("depart")),
        )

    @property
    def days(self) -> list[date]:
        return sorted(date.fromisoformat(day) for day in self.cleaned_data["jours"])

    @property
    def key(self) -> str:
        return self.cleaned_data["form_key"] or new_form_key()

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, once the form is valid, as the services name it."""
        return {
            "wanted": self.wanted,
            "days": self.days,
            "form_key": self.key,
            "shown_cents": self.cleaned_data["shown_cents"] or 0,
            "derogation": self.cleaned_data["derogation"],
        }


def _minutes(at: time | None) -> int | None:
    return None if at is None else at.hour * 60 + at.minute
