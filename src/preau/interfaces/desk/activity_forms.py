"""What an agent types about an activity, its deadlines included."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms

from preau.domain.activities.models import (
    Activity,
    ActivityKind,
    DeadlineKind,
    DeadlinePurpose,
    DeadlineRule,
    DrawnFrom,
    PaymentMode,
    SchoolYear,
    Site,
    UnitMode,
)
from preau.domain.activities.rules.deadlines import LAST_DAY_OF_EVERY_MONTH, MOST_WORKING_DAYS
from preau.domain.activities.services.activities import DeadlineTold
from preau.domain.families.models import SchoolLevel
from preau.domain.regies.models import Regie
from preau.foundation import french
from preau.interfaces.desk.fields import (
    LEVELS_HINT,
    MOST_PLACES,
    AgeField,
    DayField,
    MinuteField,
    NumberField,
    TextField,
    age_typed,
    choice,
    choices_of,
    minute_typed,
    ticks,
)

_WEEKDAYS = [(str(rank), name) for rank, name in enumerate(french.WEEKDAYS)]
_MOST_PAPERS = 20
#: Numbers that the field takes and that are no day of every month.
_NO_DAY = {0, *range(LAST_DAY_OF_EVERY_MONTH + 1, MOST_WORKING_DAYS + 1)}
_PURPOSES = {
    DeadlinePurpose.BOOK: ("Réserver", "Sans délai\u202f: jusqu’à la veille à minuit."),
    DeadlinePurpose.LATE: (
        "Réserver en retard",
        "Après ce délai-ci, plus rien\u202f; la majoration est dans le tarif.",
    ),
    DeadlinePurpose.CANCEL: ("Annuler", "Sans délai\u202f: comme pour réserver."),
}
_KINDS = [
    ("", "Pas de délai particulier"),
    (DeadlineKind.DAY_OF_PREVIOUS_MONTH, "Au plus tard un jour du mois précédent (exemple\u202f: le 10)"),
    (DeadlineKind.WORKING_DAYS_BEFORE, "Un nombre de jours ouvrés avant, à une heure"),
    (DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, "Un jour de la semaine précédente, à une heure"),
    (DeadlineKind.END_OF_PREVIOUS_PERIOD, "La veille des vacances qui précèdent"),
]


class ActivityForm(forms.Form):
    """An activity of a school year."""

    SECTIONS = (
        (
            "L’activité",
            "",
            ("kind", "name", "short_name", "site", "school_year", "regie", "description", "position", "is_published"),
        ),
        ("Ses jours", "Les fermetures se notent au calendrier.", ("first_day", "last_day", "drawn_from", "weekdays")),
        ("Les enfants", "", ("min_age_months", "max_age_months", "levels", "schools")),
        (
            "Les places",
            "Les places des jours déjà réservés ne changent pas.",
            ("capacity", "max_held", "has_waiting_list", "offer_hours"),
        ),
        (
            "La réservation",
            "",
            ("unit_mode", "opens_minute", "closes_minute", "counts_meal", "booking_opens_at"),
        ),
        ("L’inscription", "", ("needs_decision", "required_papers")),
        ("Le paiement", "", ("payment_mode", "hold_minutes", "refund_percent")),
        *(
            (
                f"Délai\u202f: {title.lower()}",
                note,
                tuple(f"{key}_{part}" for part in ("kind", "number", "weekday", "at")),
            )
            for key, (title, note) in _PURPOSES.items()
        ),
    )
    SHORT = (
        "short_name", "position", "first_day", "last_day", "min_age_months", "max_age_months", "capacity", "max_held",
        "offer_hours", "opens_minute", "closes_minute", "hold_minutes", "refund_percent",
        *(f"{key}_{part}" for key in DeadlinePurpose.values for part in ("number", "at")),
    )  # fmt: skip

    kind = choice("Nature", ActivityKind.choices)
    name = TextField("Nom", longest=100, help_text="Sans l’année\u202f: Cantine Les Lutins Gourmands.")
    short_name = TextField("Nom court", longest=24, help_text="Sur le planning, où la place manque.")
    site = choice("Lieu")
    school_year = choice("Année scolaire")
    regie = choice("Régie qui encaisse")
    description = forms.CharField(
        label="Présentation", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    position = NumberField("Ordre dans les listes", most=999, initial=0)
    is_published = forms.BooleanField(label="Proposée aux familles", required=False, initial=True)

    first_day = DayField("Premier jour")
    last_day = DayField("Dernier jour")
    drawn_from = choice("Ouverte pendant", DrawnFrom.choices)
    weekdays = ticks("Jours de la semaine", _WEEKDAYS, initial=["0", "1", "3", "4"])

    min_age_months = AgeField("Âge minimum", help_text="3 ans, ou 18 mois. Vide\u202f: pas de minimum.")
    max_age_months = AgeField(
        "Âge maximum", is_last=True, help_text="Compris\u202f: «\u202f8 ans\u202f» va jusqu’à la veille des 9 ans."
    )
    levels = ticks("Classes admises", SchoolLevel.choices, required=False, help_text=LEVELS_HINT)
    schools = ticks("Écoles du secteur", (), required=False)

    capacity = NumberField("Places par jour", most=MOST_PLACES, required=False, help_text="Vide\u202f: sans limite.")
    max_held = NumberField("Places en attente de paiement, par famille", least=1, most=MOST_PLACES, initial=60)
    has_waiting_list = forms.BooleanField(label="Liste d’attente quand c’est complet", required=False, initial=True)
    offer_hours = NumberField("Heures pour répondre à une proposition", least=1, most=720, initial=48)

    unit_mode = choice("On réserve", UnitMode.choices)
    opens_minute = MinuteField("Ouverture", help_text="Pour ce qui se réserve à l’heure\u202f: 7:30.")
    closes_minute = MinuteField("Fermeture")
    counts_meal = forms.BooleanField(label="Le repas est compris", required=False)
    booking_opens_at = forms.DateTimeField(
        label="Réservations ouvertes à partir du",
        required=False,
        help_text="Vide\u202f: dès que l’activité est proposée.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"],
        error_messages={"invalid": "Écrivez une date et une heure, comme 24/08/2026 09:00."},
    )

    needs_decision = forms.BooleanField(label="Un agent décide de chaque inscription", required=False, initial=True)
    required_papers = forms.CharField(
        label="Pièces demandées",
        required=False,
        max_length=2000,
        help_text="Une par ligne.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    payment_mode = choice("Quand c’est payé", PaymentMode.choices, initial=PaymentMode.AFTERWARDS)
    hold_minutes = NumberField(
        "Minutes pour payer une place réservée",
        least=20,
        most=1440,
        initial=20,
        help_text="20 au moins\u202f: une page de paiement vit un quart d’heure.",
    )
    refund_percent = NumberField("Part rendue pour un jour annulé à temps (%)", most=100, initial=100)

    def __init__(
        self,
        *args: Any,
        sites: Iterable[Site],
        years: Iterable[SchoolYear],
        regies: Iterable[Regie],
        schools: Iterable[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # A school that no file names any more stays ticked until an agent unticks it.
        known_schools = sorted({*schools, *self.initial.get("schools", ())})
        choices_of(self, "schools").choices = [(name, name) for name in known_schools]
        self.fields["schools"].help_text = (
            "Aucune école cochée\u202f: toutes." if known_schools else "Aucun dossier d’enfant ne nomme encore d’école."
        )
        self.known: dict[str, dict[str, Any]] = {
            "site": {site.public_id: site for site in sites},
            "school_year": {str(year.pk): year for year in years},
            "regie": {regie.public_id: regie for regie in regies},
        }
        for name, rows in self.known.items():
            named = [(key, str(getattr(row, "label", row))) for key, row in rows.items()]
            choices_of(self, name).choices = named if len(named) == 1 else [("", "Choisir…"), *named]
        for key in DeadlinePurpose.values:
            self._add_deadline(key)

    def _add_deadline(self, key: str) -> None:
        self.fields[f"{key}_kind"] = choice("Règle", _KINDS, required=False)
        self.fields[f"{key}_number"] = NumberField(
            "Nombre",
            most=MOST_WORKING_DAYS,
            required=False,
            help_text="Le jour du mois, ou le nombre de jours ouvrés.",
        )
        self.fields[f"{key}_weekday"] = choice("Jour de la semaine précédente", _WEEKDAYS, required=False)
        self.fields[f"{key}_at"] = forms.TimeField(
            label="Heure",
            required=False,
            help_text="Vide\u202f: à minuit, à la fin du jour dit.",
            widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            error_messages={"invalid": "Écrivez une heure comme 10:00."},
        )

    def clean(self) -> dict[str, Any]:
        """A rule by number needs its number; papers are few and short."""
        cleaned = super().clean() or {}
        counted = {DeadlineKind.DAY_OF_PREVIOUS_MONTH, DeadlineKind.WORKING_DAYS_BEFORE}
        for key in DeadlinePurpose.values:
            number = f"{key}_number"
            if cleaned.get(f"{key}_kind") in counted and cleaned.get(number) is None and number not in self.errors:
                self.add_error(number, "Donnez le nombre.")
            if cleaned.get(f"{key}_kind") == DeadlineKind.DAY_OF_PREVIOUS_MONTH and cleaned.get(number) in _NO_DAY:
                self.add_error(number, f"Du 1 au {LAST_DAY_OF_EVERY_MONTH}\u202f: un jour qui existe tous les mois.")
        papers = _lines(cleaned.get("required_papers", ""))
        if len(papers) > _MOST_PAPERS or any(len(paper) > 100 for paper in papers):  # noqa: PLR2004
            self.add_error("required_papers", "20 pièces au plus, de 100 caractères au plus.")
        return cleaned

    @property
    def deadlines(self) -> dict[str, DeadlineTold | None]:
        """Deadlines by purpose, once the form is valid."""
        return {key: self._deadline(key) for key in DeadlinePurpose.values}

    def _deadline(self, key: str) -> DeadlineTold | None:
        said = self.cleaned_data
        if not said[f"{key}_kind"]:
            return None
        return DeadlineTold(
            kind=said[f"{key}_kind"],
            number=said[f"{key}_number"] or 0,
            weekday=int(said[f"{key}_weekday"] or 0),
            at=said[f"{key}_at"] or time(0),
        )

    def put_on(self, activity: Activity) -> Activity:
        """The activity with what was typed, not saved."""
        said = {name: self.cleaned_data[name] for name in ActivityForm.base_fields}
        said |= {name: rows[said[name]] for name, rows in self.known.items()}
        said["weekdays"] = sum(1 << int(rank) for rank in said["weekdays"])
        said["required_papers"] = _lines(said["required_papers"])
        for name, value in said.items():
            setattr(activity, name, value)
        return activity


def typed_activity(activity: Activity, deadlines: Iterable[DeadlineRule]) -> dict[str, Any]:
    """What the fields of an activity show before anything is typed."""
    shown = {name: getattr(activity, name) for name in ActivityForm.base_fields}
    shown |= {
        "site": activity.site.public_id,
        "school_year": str(activity.school_year_id),
        "regie": activity.regie.public_id,
        "weekdays": [str(rank) for rank in range(7) if activity.takes_weekday(rank)],
        "min_age_months": age_typed(activity.min_age_months),
        "max_age_months": age_typed(activity.max_age_months, is_last=True),
        "opens_minute": minute_typed(activity.opens_minute),
        "closes_minute": minute_typed(activity.closes_minute),
        "required_papers": "\n".join(activity.required_papers),
    }
    for rule in deadlines:
        shown |= {
            f"{rule.purpose}_kind": rule.kind,
            f"{rule.purpose}_number": rule.number,
            f"{rule.purpose}_weekday": str(rule.weekday),
            f"{rule.purpose}_at": rule.at if rule.at != time(0) else None,
        }
    return shown


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(one.split()) for one in text.splitlines()) if line]
