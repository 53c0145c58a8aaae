"""What families are written about enrolments and contracts, in the transaction that causes it (rules 18, 24, 34)."""

from preau.domain.activities.models import Activity, UnitMode
from preau.domain.bookings.letters import address_of, send_letter
from preau.domain.bookings.models import CareContract, Enrolment
from preau.domain.bookings.states import ContractState
from preau.domain.pricing.rules.sentences import duration
from preau.domain.town.queries import the_town
from preau.foundation import french
from preau.foundation.money import format_cents

#: No word before it: the address says where it leads.
_ENROLMENTS = ("", "/inscriptions/")
#: How and until when a refusal may be contested (CRPA L.211-2, L.112-6; rule 34).
_APPEAL = (
    "Vous pouvez demander à la mairie de revoir cette décision, ou saisir le tribunal administratif, "
    "dans les deux mois qui suivent ce message."
)


def tell_decision(enrolment: Enrolment) -> None:
    """Tell a family what was decided of its request, and why when it is refused (rules 18, 34)."""
    to = address_of(enrolment.household)
    if not to:
        return
    what = f"{enrolment.child.first_name} – {enrolment.activity.name} ({enrolment.activity.school_year})"
    accepted = enrolment.state == "accepted"
    verdict = (
        f"La demande d’inscription est acceptée\u202f: {what}. {_next_step(enrolment)}"
        if accepted
        else f"La demande d’inscription ne peut pas être acceptée\u202f: {what}.\n\nMotif\u202f: {enrolment.reason}"
    )
    send_letter(
        kind=f"enrolment.{enrolment.state}",
        subject_key=enrolment.public_id,
        to=to,
        subject=f"Inscription {'acceptée' if accepted else 'refusée'}\u202f: {enrolment.child.first_name}",
        paragraphs=[verdict] if accepted else [verdict, _APPEAL],
        link=_ENROLMENTS,
    )


def _next_step(enrolment: Enrolment) -> str:
    if enrolment.activity.unit_mode == UnitMode.CONTRACT:
        return "Le service vous appellera pour signer le contrat d’accueil."
    return "Vous pouvez réserver des jours dans le planning."


def tell_received(enrolment: Enrolment) -> None:
    """Acknowledge a request: its date, the service that answers and until when (rule 24)."""
    to = address_of(enrolment.household)
    if not to or enrolment.answer_by is None:
        return
    activity = enrolment.activity
    asked = enrolment.requested_at.astimezone(the_town().zone)
    papers = [paper for paper in activity.required_papers if paper not in enrolment.papers_given]
    missing = "\n".join(["Il reste à donner\u202f:", *(f"– {paper}" for paper in papers)])
    what = f"{enrolment.child.first_name} – {activity.name} ({activity.school_year})"
    paragraphs = [
        f"Nous avons reçu votre demande d’inscription le {french.day(asked)} à {french.hour(asked)}\u202f: {what}.",
        f"Service qui vous répondra\u202f: {service_words(activity)}.",
        f"Il a jusqu’au {french.day(enrolment.answer_by)} pour vous répondre.",
        *([missing] if papers else []),
    ]
    send_letter(
        kind="enrolment.requested",
        subject_key=enrolment.public_id,
        to=to,
        subject=f"Demande reçue\u202f: {enrolment.child.first_name}, {activity.name}",
        paragraphs=paragraphs,
        link=("Suivre ou retirer la demande", f"/inscriptions/{enrolment.public_id}/"),
    )


def service_words(activity: Activity) -> str:
    """Who answers for an activity: « Caisse des écoles, Restauration et périscolaire, 03 53 01 12 41 »."""
    regie = activity.regie
    said = (regie.issuer_name, regie.label, regie.issuer_phone.replace(" ", "\u00a0"), regie.email)
    return ", ".join(dict.fromkeys(filter(None, said)))


def tell_contract(contract: CareContract) -> None:
    """Send a family the terms of its contract, or say until when it runs now."""
    enrolment = contract.enrolment
    to = address_of(enrolment.household)
    if not to:
        return
    what = f"{enrolment.child.first_name} – {enrolment.activity.name}"
    if contract.state == ContractState.SIGNED:
        subject, paragraphs = f"Contrat d’accueil\u202f: {enrolment.child.first_name}", _terms(contract, what)
    else:
        ended = f"est terminé le {french.day(contract.last_day)}"
        verdict = ended if contract.state == ContractState.ENDED else "est annulé avant son premier jour"
        subject = f"Contrat terminé\u202f: {enrolment.child.first_name}"
        paragraphs = [f"Le contrat d’accueil {verdict}\u202f: {what}.", f"Motif\u202f: {contract.end_reason}"]
    send_letter(
        kind=f"contract.{contract.state}",
        subject_key=contract.public_id,
        to=to,
        subject=subject,
        paragraphs=paragraphs,
        link=_ENROLMENTS,
    )


def _terms(contract: CareContract, what: str) -> list[str]:
    days = [
        f"– {french.WEEKDAYS[day.weekday]}, de {french.minute(day.starts_minute)} à {french.minute(day.ends_minute)}"
        for day in contract.days.all()
    ]
    month = f"{duration(contract.monthly_minutes)} × {format_cents(contract.hourly_cents)} l’heure"
    span = f"du {french.day(contract.first_day)} au {french.day(contract.last_day)}"
    return [
        f"Voici le contrat d’accueil\u202f: {what}, {span}.",
        "\n".join(["Heures de chaque semaine\u202f:", *days]),
        f"{contract.weeks} semaines d’accueil, réparties sur {contract.months} mois.",
        f"Chaque mois\u202f: {month}, soit {format_cents(contract.monthly_cents)}.",
    ]
