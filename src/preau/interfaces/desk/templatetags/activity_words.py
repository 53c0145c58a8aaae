"""How the desk says what an activity is."""

from datetime import time

from django import template

from preau.domain.activities.models import Activity, ActivityGroup, DeadlineKind, DeadlineRule, Unit
from preau.domain.activities.rules.eligibility import age_words
from preau.domain.activities.rules.offering import DayPart
from preau.foundation import french

register = template.Library()


@register.filter
def jours_semaine(activity: Activity) -> str:
    """« lundi, mardi, jeudi, vendredi »."""
    return ", ".join(name for rank, name in enumerate(french.WEEKDAYS) if activity.takes_weekday(rank))


@register.filter
def heure_du_jour(minute: int) -> str:
    """« 7 h 30 »; midnight ends the day."""
    hours, minutes = divmod(minute, 60)
    return f"{hours}\u202fh\u202f{minutes:02d}"


@register.filter
def parties_du_jour(unit: Unit) -> str:
    """« matin, après-midi »."""
    return ", ".join(str(part.label) for part in DayPart if part in unit.parts)


@register.filter
def qui_vient(place: Activity | ActivityGroup) -> str:
    """« De 3 ans à moins de 9 ans, CP, CE1 »."""
    low, high = place.min_age_months, place.max_age_months
    ages = [f"de {age_words(low)}"] if low is not None else []
    ages += (
        [f"{'à ' if ages else ''}moins de {age_words(high + 1)}"] if high is not None else ["et plus"] if ages else []
    )
    words = ", ".join(filter(None, [" ".join(ages), ", ".join(place.levels)]))
    return words[:1].upper() + words[1:] if words else "Tous"


@register.filter
def delai(rule: DeadlineRule) -> str:
    """« Au plus tard le 10 du mois précédent, à minuit »."""
    return f"{_rule(rule)}, {'à minuit' if rule.at == time(0) else f'à {french.hour(rule.at)}'}"


def _rule(rule: DeadlineRule) -> str:
    if rule.kind == DeadlineKind.DAY_OF_PREVIOUS_MONTH:
        return f"Au plus tard le {'1er' if rule.number == 1 else rule.number} du mois précédent"
    if rule.kind == DeadlineKind.WORKING_DAYS_BEFORE:
        return f"{rule.number} jour{'s' if rule.number > 1 else ''} ouvré{'s' if rule.number > 1 else ''} avant"
    if rule.kind == DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK:
        return f"Le {french.WEEKDAYS[rule.weekday]} de la semaine précédente"
    return "La veille des vacances qui précèdent, ou de la rentrée"
