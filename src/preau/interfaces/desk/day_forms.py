"""What an agent asks of a day: which, where, for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms

from preau.domain.activities.models import Activity
from preau.domain.bookings.queries.day_lists import DayFilters, activities_on
from preau.interfaces.desk.act_forms import choices_of

#: Days that an address may name; any other shows today.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)


def day_field(label: str, **values: Any) -> forms.DateField:
    """A day that a person picks."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Indiquez une date.", "invalid": "Ce n’est pas une date."},
        **values,
    )


class DayForm(forms.Form):
    """The day and what is kept of it; what is no choice is left aside."""

    jour = day_field("Jour", required=False)
    site = forms.ChoiceField(label="Lieu", required=False)
    activite = forms.ChoiceField(label="Activité", required=False)
    groupe = forms.ChoiceField(label="Groupe", required=False)

    def __init__(self, *args: Any, activities: Sequence[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = {one.site.public_id: one.site.name for one in activities}
        groups = sorted({group.name for one in activities for group in one.groups.all()})
        choices_of(self, "site", [("", "Tous"), *sites.items()])
        choices_of(self, "activite", [("", "Toutes"), *((one.public_id, one.name) for one in activities)])
        choices_of(self, "groupe", [("", "Tous"), *((name, name) for name in groups)])


@dataclass(frozen=True, slots=True)
class DayAsked:
    """What an address asks of a day."""

    day: date
    filters: DayFilters
    activities: Sequence[Activity]
    with_names: bool
    form: DayForm

    @property
    def previous(self) -> date:
        return self.day - timedelta(days=1)

    @property
    def next(self) -> date:
        return self.day + timedelta(days=1)


def day_asked(asked: Mapping[str, Any], *, regie_ids: Sequence[int], today: date) -> DayAsked:
    """The day of the address, else today, with what it keeps."""
    day = day_named(asked.get("jour"), otherwise=today)
    activities = activities_on(regie_ids, day)
    read = DayForm(asked, activities=activities)
    read.full_clean()
    kept = {name: read.cleaned_data.get(name) or "" for name in ("site", "activite", "groupe")}
    form = DayForm(initial={"jour": day, **kept}, activities=activities)
    filters = DayFilters(site=kept["site"], activity=kept["activite"], group=kept["groupe"])
    return DayAsked(day, filters, activities, bool(asked.get("tout")), form)


def day_named(text: Any, *, otherwise: date) -> date:
    """The day that an address names; `otherwise` when it names none that can be shown."""
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return otherwise
    return day if FIRST_DAY <= day < LAST_DAY else otherwise


def month_named(text: Any, *, otherwise: date) -> date:
    """The first day of the month that an address names (AAAA-MM)."""
    return day_named(f"{text}-01", otherwise=otherwise).replace(day=1)


def month_around(first: date) -> tuple[date, date, date]:
    """The last day of a month, and the first days of the months before and after."""
    after = (first + timedelta(days=32)).replace(day=1)
    return after - timedelta(days=1), (first - timedelta(days=1)).replace(day=1), after
