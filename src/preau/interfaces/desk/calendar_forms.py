"""What an agent types about the calendar."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms

from preau.domain.activities.holiday_file import LARGEST
from preau.domain.activities.models import Activity, Site
from preau.domain.activities.official import OfficialDay, Territory, Zone
from preau.interfaces.desk.fields import DayField, TextField, choices_of

_FILE, _TYPED = "fichier", "texte"
_WHOLE_TOWN = "commune"
_HEADINGS = "nom;premier jour;dernier jour\n"


class YearForm(forms.Form):
    """A school year."""

    label = TextField("Nom", longest=20, help_text="Comme les familles le disent\u202f: 2026 / 2027.")
    first_day = DayField("Premier jour", help_text="La rentrée, ou le premier jour d’accueil s’il vient avant.")
    last_day = DayField("Dernier jour", help_text="Le dernier jour d’accueil, vacances d’été comprises.")


class HolidayForm(forms.Form):
    """One period of holidays."""

    name = TextField("Nom", longest=60, help_text="Par exemple\u202f: Vacances de Carnaval.")
    first_day = DayField("Premier jour sans classe")
    last_day = DayField("Dernier jour sans classe")


class HolidaysForm(forms.Form):
    """Where the holidays of a year come from."""

    source = forms.ChoiceField(
        label="D’où viennent les dates\u202f?",
        widget=forms.RadioSelect,
        choices=[
            *((zone.value, f"Calendrier officiel, {zone.label}") for zone in Zone),
            (_FILE, "Un fichier CSV (outre-mer)"),
            (_TYPED, "Je les tape"),
        ],
        error_messages={"required": "Choisissez d’où viennent les dates."},
    )
    file = forms.FileField(
        label="Fichier CSV",
        required=False,
        help_text="Trois colonnes\u202f: nom, premier jour sans classe, dernier jour sans classe.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"empty": "Ce fichier est vide."},
    )
    typed = forms.CharField(
        label="Dates tapées",
        required=False,
        max_length=20_000,
        help_text="Une ligne par période\u202f: nom ; premier jour sans classe ; dernier jour sans classe.",
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "Vacances de Noël ; 19/12/2026 ; 03/01/2027"}),
    )

    def clean(self) -> dict[str, Any]:
        """The file or the text that the choice needs."""
        cleaned = super().clean() or {}
        given = cleaned.get("file")
        if cleaned.get("source") == _FILE and not given and "file" not in self.errors:
            self.add_error("file", "Choisissez un fichier.")
        if given and given.size > LARGEST:
            self.add_error("file", "Ce fichier dépasse 1\u202fMo.")
        if cleaned.get("source") == _TYPED and not cleaned.get("typed", "").strip():
            self.add_error("typed", "Tapez au moins une ligne.")
        return cleaned

    @property
    def zone(self) -> Zone | None:
        """The zone whose calendar is asked; None: the dates are in `content`."""
        source = self.cleaned_data["source"]
        return Zone(source) if source in Zone.values else None

    @property
    def content(self) -> bytes:
        """The file, or what was typed as a file."""
        if self.cleaned_data["source"] == _FILE:
            given: bytes = self.cleaned_data["file"].read()
            return given
        return f"{_HEADINGS}{self.cleaned_data['typed']}".encode()


class OfficialDaysForm(forms.Form):
    """Which public holidays of a territory the town keeps."""

    days = forms.MultipleChoiceField(
        label="Jours que la commune ne travaille pas",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Ce jour n’est pas de cette année."},
    )

    def __init__(self, *args: Any, days: Sequence[OfficialDay], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {one.day.isoformat(): one for one in days}
        choices_of(self, "days").choices = [(key, _said(one)) for key, one in self.known.items()]
        self.fields["days"].initial = [key for key, one in self.known.items() if not one.is_customary]

    @property
    def kept(self) -> list[tuple[date, str]]:
        """Days and names, once the form is valid."""
        return [(self.known[key].day, self.known[key].name) for key in self.cleaned_data["days"]]


def _said(one: OfficialDay) -> str:
    return f"{one.label} (selon les usages de la commune)" if one.is_customary else one.label


class TerritoryForm(forms.Form):
    """Where the town is; anything else asks nothing."""

    territoire = forms.ChoiceField(label="Territoire", required=False, choices=Territory.choices)


class PublicHolidayForm(forms.Form):
    """A local day."""

    day = DayField("Jour")
    name = TextField("Nom", longest=60, help_text="Ce que les familles liront sur ce jour.")


class ClosureForm(forms.Form):
    """Days on which nobody is received, where, and why."""

    where = forms.ChoiceField(
        label="Qu’est-ce qui ferme\u202f?",
        error_messages={"required": "Choisissez ce qui ferme.", "invalid_choice": "Choisissez ce qui ferme."},
    )
    first_day = DayField("Premier jour fermé")
    last_day = DayField("Dernier jour fermé")
    reason = TextField("Raison", longest=120, help_text="Les familles la lisent sur le jour\u202f: grève, travaux…")

    def __init__(self, *args: Any, sites: Iterable[Site], activities: Iterable[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sites = {f"lieu-{site.public_id}": site for site in sites}
        self.activities = {f"activite-{one.public_id}": one for one in activities}
        choices_of(self, "where").choices = [
            ("", "Choisir…"),
            (_WHOLE_TOWN, "Toute la commune"),
            ("Un lieu", [(key, site.name) for key, site in self.sites.items()]),
            ("Une activité", [(key, one.name) for key, one in self.activities.items()]),
        ]

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, once the form is valid, as the service names it."""
        said = dict(self.cleaned_data)
        where = said.pop("where")
        return {**said, "site": self.sites.get(where), "activity": self.activities.get(where)}
