"""Words about enrolments and care contracts that families and agents read alike."""

from dataclasses import dataclass
from datetime import date

from preau.domain.bookings.models import CareContract, ContractDay, Enrolment
from preau.domain.bookings.states import EnrolmentState
from preau.foundation import french

_OVER = {
    EnrolmentState.WITHDRAWN: "Demande retirée",
    EnrolmentState.ENDED: "Inscription terminée",
    EnrolmentState.ACCEPTED: "Inscription terminée",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A state as a page shows it: the kind of badge, and its words."""

    badge: str
    words: str


def shown_state(enrolment: Enrolment, *, today: date) -> Shown:
    """« En attente de réponse », « Inscrite jusqu’au 3 décembre 2026 », « Demande refusée »."""
    state = EnrolmentState(enrolment.state)
    if state == EnrolmentState.REQUESTED:
        return Shown("pending", "En attente de réponse")
    if state == EnrolmentState.REFUSED:
        return Shown("late", "Demande refusée")
    if state != EnrolmentState.ACCEPTED or enrolment.last_day < today:
        return Shown("plain", _OVER[state])
    word = {"F": "Inscrite", "M": "Inscrit"}.get(enrolment.child.sex, "Inscrit(e)")
    if enrolment.first_day > today:
        word += f" à partir du {french.day(enrolment.first_day)}"
    if enrolment.last_day < enrolment.activity.last_day:
        word += f" jusqu’au {french.day(enrolment.last_day)}"
    return Shown("settled", word)


def hours_words(day: ContractDay) -> str:
    """« lundi, de 9 h 00 à 12 h 00 »."""
    hours = f"de {french.minute(day.starts_minute)} à {french.minute(day.ends_minute)}"
    return f"{french.WEEKDAYS[day.weekday]}, {hours}"


def contract_state(contract: CareContract, *, today: date) -> Shown:
    """« En cours », « À venir », « Terminé »."""
    if contract.state == "void":
        return Shown("plain", "Annulé avant son premier jour")
    if contract.last_day < today:
        return Shown("plain", "Terminé")
    until = f"En cours jusqu’au {french.day(contract.last_day)}"
    return Shown("pending", "À venir") if contract.first_day > today else Shown("settled", until)
