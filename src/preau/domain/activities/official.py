"""Official calendars kept by libraries: holidays of zones A, B and C, public holidays of each territory (rule 32)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays
from django.db.models import TextChoices
from vacances_scolaires_france import SchoolHolidayDates

from preau.domain.activities.errors import UnknownCalendarError
from preau.domain.activities.rules.calendar import Span
from preau.foundation import french

_ONE_DAY = timedelta(days=1)


class Zone(TextChoices):
    """Zones of the metropolitan school calendar; overseas academies have calendars of their own."""

    A = "A", "zone A"
    B = "B", "zone B"
    C = "C", "zone C"


class Territory(TextChoices):
    """Where public holidays differ; the value is the code of the `holidays` library."""

    METROPOLE = "FR", "France métropolitaine"
    ALSACE = "6AE", "Alsace"
    MOSELLE = "57", "Moselle"
    GUADELOUPE = "971", "Guadeloupe"
    MARTINIQUE = "972", "Martinique"
    GUYANE = "973", "Guyane"
    REUNION = "974", "La Réunion"
    MAYOTTE = "976", "Mayotte"
    SAINT_BARTHELEMY = "BL", "Saint-Barthélemy"
    SAINT_MARTIN = "MF", "Saint-Martin"
    SAINT_PIERRE = "PM", "Saint-Pierre-et-Miquelon"


_OF_ZONE = {
    "America/Guadeloupe": Territory.GUADELOUPE,
    "America/Martinique": Territory.MARTINIQUE,
    "America/Cayenne": Territory.GUYANE,
    "Indian/Reunion": Territory.REUNION,
    "Indian/Mayotte": Territory.MAYOTTE,
    "America/St_Barthelemy": Territory.SAINT_BARTHELEMY,
    "America/Marigot": Territory.SAINT_MARTIN,
    "America/Miquelon": Territory.SAINT_PIERRE,
}
_AND = "; "
#: Kept by custom, in some places only: the town decides.
_CUSTOMARY = {"Vendredi saint", "Mi-Carême", "Fête de Victor Schoelcher"}
#: As families say them.
_NAMES = {
    "Armistice": "11 novembre",
    "Fête de la Victoire": "8 mai",
    "Fête du Travail": "1er mai",
    "Fête nationale": "14 juillet",
}


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """A public holiday of a territory; the customary ones are kept only where the town says so."""

    day: date
    name: str
    is_customary: bool

    @property
    def label(self) -> str:
        """« lundi 29 mars 2027 : Lundi de Pâques »."""
        return f"{french.WEEKDAYS[self.day.weekday()]} {french.day(self.day)}\u202f: {self.name}"


def likely_territory(time_zone: str) -> Territory:
    """The territory that a town's time zone suggests."""
    return _OF_ZONE.get(time_zone, Territory.METROPOLE)


def public_holidays(territory: Territory, *, first: date, last: date) -> list[OfficialDay]:
    """Public holidays between two days, both included, in their order."""
    years = range(first.year, last.year + 1)
    subdivision = None if territory is Territory.METROPOLE else territory.value
    found = holidays.country_holidays("FR", subdiv=subdivision, years=years, language="fr")
    return [
        OfficialDay(day, _named(name), set(name.split(_AND)) <= _CUSTOMARY)
        for day, name in sorted(found.items())
        if first <= day <= last
    ]


def _named(name: str) -> str:
    """Two holidays on one day are both named."""
    return ", ".join(_NAMES.get(one, one) for one in name.split(_AND)).replace("'", "’")


def zone_holidays(zone: Zone, *, first: date, last: date) -> list[Span]:
    """School holidays of a zone that begin between two days, both included, in their order.

    Raises:
        UnknownCalendarError: the library does not know these days.
    """
    known = _known()
    limit = max(known)
    if last > limit or first < min(known):
        raise UnknownCalendarError(
            f"Le calendrier officiel de la {zone.label} n’est connu que jusqu’au {french.day(limit)}\u202f: "
            "prenez un fichier, ou tapez les dates."
        )
    return [span for span in _spans(zone) if first <= span.first_day <= last]


@cache
def _known() -> dict[date, dict[str, object]]:
    data: dict[date, dict[str, object]] = SchoolHolidayDates().data
    return data


def _spans(zone: Zone) -> Iterator[Span]:
    """Days off that follow each other under one name, joined."""
    key = f"vacances_zone_{zone.lower()}"
    held: Span | None = None
    for day, row in sorted(_known().items()):
        if not row[key]:
            continue
        name = str(row["nom_vacances"]).replace("'", "’")
        if held is not None and held.name == name and held.last_day + _ONE_DAY == day:
            held = Span(name, held.first_day, day)
            continue
        if held is not None:
            yield held
        held = Span(name, day, day)
    if held is not None:
        yield held
