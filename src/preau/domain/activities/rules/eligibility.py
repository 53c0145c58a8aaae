"""Whether a child may come, by school, by age and by class. Pure."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from preau.foundation.text import fold

_MONTHS = 12


class Place(Protocol):
    """What is read of an activity or of one of its groups; no bound and no class: everybody fits."""

    min_age_months: int | None
    max_age_months: int | None
    levels: list[str]


def refusal(place: Place, *, birth_date: date | None, level: str, on: date) -> str:
    """Why a child does not fit on a day, in French for the parent; "" when it does. Both ages included."""
    return _refusal_by_level(place, level) or _refusal_by_age(place, birth_date, on)


def refusal_by_school(schools: Sequence[str], school: str) -> str:
    """Why a child of a school does not fit where some only are received (its sector, C13); "" when it does.

    No school named: everybody fits. Names are compared without case, accents nor punctuation.
    """
    if not schools or fold(school) in {fold(one) for one in schools}:
        return ""
    sector = f"Réservé aux enfants du secteur ({', '.join(schools)})"
    if not school:
        return f"{sector}\u202f: l’école de l’enfant n’est pas connue de la mairie."
    return f"{sector}\u202f: l’école de l’enfant est {school}."


def _refusal_by_level(place: Place, level: str) -> str:
    if not place.levels or level in place.levels:
        return ""
    classes = ", ".join(place.levels)
    if not level:
        return f"Réservé aux classes de {classes}\u202f: la classe de l’enfant n’est pas connue de la mairie."
    return f"Réservé aux classes de {classes}\u202f: l’enfant est en {level}."


def _refusal_by_age(place: Place, birth_date: date | None, on: date) -> str:
    low, high = place.min_age_months, place.max_age_months
    if low is None and high is None:
        return ""
    if birth_date is None:
        return "L’âge compte ici, et la date de naissance de l’enfant n’est pas connue de la mairie."
    age = age_in_months(birth_date, on=on)
    if low is not None and age < low:
        return f"Il faut avoir {age_words(low)} le jour de l’accueil."
    if high is not None and age > high:
        return f"Il faut avoir moins de {age_words(high + 1)} le jour de l’accueil."
    return ""


def age_in_months(birth_date: date, *, on: date) -> int:
    """Whole months lived. Who is born on the 29, 30 or 31 grows older on the last day of a shorter month (D8)."""
    months = (on.year - birth_date.year) * _MONTHS + on.month - birth_date.month
    birthday = min(birth_date.day, monthrange(on.year, on.month)[1])
    return months if on.day >= birthday else months - 1


def age_words(months: int) -> str:
    """« 3 ans », « 18 mois », « 2 ans et 6 mois »."""
    years, rest = divmod(months, _MONTHS)
    if not years or (years == 1 and rest):
        return f"{months} mois"
    in_years = "1 an" if years == 1 else f"{years} ans"
    return f"{in_years} et {rest} mois" if rest else in_years
