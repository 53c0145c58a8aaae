"""Why an enrolment may be refused: a closed list, shorter for the canteen, which is a right of every pupil. Pure."""

import re
from collections.abc import Sequence

from django.db.models import TextChoices

from preau.domain.activities.models import ActivityKind
from preau.foundation.text import fold


class Motive(TextChoices):
    """What a refusal may rest on (rules 18, 34)."""

    NO_PLACE = "no_place", "Toutes les places sont prises"
    OTHER_SCHOOL = "other_school", "L’enfant n’est pas élève d’une école de ce service"
    MISSING_PAPER = "missing_paper", "Une pièce demandée n’a pas été donnée"
    TWICE = "twice", "Cette demande fait double emploi avec une autre"
    AGE_OR_CLASS = "age_or_class", "L’âge ou la classe de l’enfant ne conviennent pas"
    PRIORITY = "priority", "Les priorités du règlement donnent la place à d’autres enfants"
    OTHER = "other", "Autre motif"


#: C. éduc. L.131-13, and CE 22 March 2021 n° 429361 for the number of places; never the parents' situation, nor a debt.
_OF_CANTEEN = (Motive.NO_PLACE, Motive.OTHER_SCHOOL, Motive.MISSING_PAPER, Motive.TWICE)
_SITUATION = re.compile(
    r"\b(chom\w*|emplois?|travail\w*|dettes?|impaye\w*|factures?|revenus?|rsa|divorc\w*|separ\w*|conges?|religi\w*)\b"
)


def lawful_motives(kind: str) -> Sequence[Motive]:
    """What may be answered for a kind of activity, in the order of the list."""
    return _OF_CANTEEN if kind == ActivityKind.CANTEEN else tuple(Motive)


def fault_of(kind: str, motive: str, details: str) -> tuple[str, str]:
    """The field in fault and why, for the agent; two empty texts when the refusal may be sent."""
    if motive not in lawful_motives(kind):
        return "motive", "Choisissez un motif\u202f: la famille le lira."
    if motive == Motive.OTHER and not details.strip():
        return "details", "Dites lequel\u202f: la famille le lira."
    if kind == ActivityKind.CANTEEN and _SITUATION.search(fold(details)):
        return "details", (
            "La cantine est un droit pour tous les élèves\u202f: ni la situation des parents, ni leurs revenus, "
            "ni leurs factures ne peuvent justifier un refus (code de l’éducation, article L.131-13)."
        )
    return "", ""


def reason_words(motive: str, details: str) -> str:
    """What the family reads: the motive, then what was added to it."""
    label = "" if motive == Motive.OTHER else f"{Motive(motive).label}."
    return " ".join(filter(None, [label, details.strip()]))
