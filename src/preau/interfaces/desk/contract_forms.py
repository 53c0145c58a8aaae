"""The terms of a care contract as an agent types them."""

from typing import Any

from django import forms

from preau.domain.activities.models import Activity
from preau.domain.bookings.models import CareContract
from preau.domain.bookings.rules.contracts import MOST_MONTHS, MOST_WEEKS, Hours, Terms
from preau.foundation import french
from preau.interfaces.desk.fields import DayField, MinuteField, NumberField, minute_typed

_DAYS_OF_WEEK = 7


class ContractForm(forms.Form):
    """A period, its hours by weekday, weeks of care and months that share them.

    The fields of the hours of a day are `from_0` and `to_0` for Monday; days on which the activity never opens have
    none.
    """

    first_day = DayField("Premier jour")
    last_day = DayField("Dernier jour")
    weeks = NumberField(
        "Semaines d’accueil", least=1, most=MOST_WEEKS, help_text="Sur tout le contrat, congés de l’enfant déduits."
    )
    months = NumberField(
        "Mois facturés", least=1, most=MOST_MONTHS, help_text="Les heures sont réparties également sur ces mois."
    )

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.weekdays = [weekday for weekday in range(_DAYS_OF_WEEK) if activity.takes_weekday(weekday)]
        for weekday in self.weekdays:
            name = french.WEEKDAYS[weekday].capitalize()
            self.fields[f"from_{weekday}"] = MinuteField(f"{name}, arrivée")
            self.fields[f"to_{weekday}"] = MinuteField(f"{name}, départ")

    def clean(self) -> dict[str, Any]:
        """Both hours of a day, or none."""
        cleaned = super().clean() or {}
        for weekday in self.weekdays:
            begins, ends = f"from_{weekday}", f"to_{weekday}"
            if begins in self.errors or ends in self.errors:
                continue
            if (cleaned.get(begins) is None) != (cleaned.get(ends) is None):
                self.add_error(ends if cleaned.get(ends) is None else begins, "Donnez l’arrivée et le départ.")
        return cleaned

    @property
    def rows(self) -> list[tuple[str, Any, Any]]:
        """For each weekday: its name, the field of the arrival, that of the departure."""
        return [(french.WEEKDAYS[one], self[f"from_{one}"], self[f"to_{one}"]) for one in self.weekdays]

    @property
    def terms(self) -> Terms:
        """What was typed, once the form is valid."""
        typed = self.cleaned_data
        return Terms(
            first_day=typed["first_day"],
            last_day=typed["last_day"],
            hours=tuple(
                Hours(weekday, typed[f"from_{weekday}"], typed[f"to_{weekday}"])
                for weekday in self.weekdays
                if typed[f"from_{weekday}"] is not None
            ),
            weeks=typed["weeks"],
            months=typed["months"],
        )

    def refuse(self, message: str, *, field: str) -> None:
        """Show what the domain refuses beside the field that it names: `day_0` is the arrival of Monday."""
        named = field.replace("day_", "from_") if field.startswith("day_") else field
        self.add_error(named if named in self.fields else None, message)


def typed_contract(contract: CareContract) -> dict[str, Any]:
    """How the terms of a contract are shown in their fields."""
    shown: dict[str, Any] = {
        "first_day": contract.first_day,
        "last_day": contract.last_day,
        "weeks": contract.weeks,
        "months": contract.months,
    }
    for day in contract.days.all():
        shown[f"from_{day.weekday}"] = minute_typed(day.starts_minute)
        shown[f"to_{day.weekday}"] = minute_typed(day.ends_minute)
    return shown
