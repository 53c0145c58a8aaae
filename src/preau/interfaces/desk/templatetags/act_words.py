"""Words of what agents propose about money."""

from django import template

from preau.domain.families.models import Household
from preau.domain.payments.models import Capture, Refund, Reversal
from preau.domain.payments.queries.acts import Act, household_of
from preau.domain.regies.models import MeansOfPayment
from preau.foundation.money import format_cents

register = template.Library()


@register.filter
def proposee(act: Act) -> str:
    """« Prélèvement rejeté : 24,00 € », « Remboursement : 12,00 € », « Avoir : 8,00 € »."""
    if isinstance(act, Reversal):
        what = act.get_kind_display()
    else:
        what = "Remboursement" if isinstance(act, Refund) else "Avoir"
    return f"{what}\u202f: {format_cents(act.amount_cents)}"


@register.filter
def famille(act: Act) -> Household:
    """Whose money it is."""
    return household_of(act)


@register.filter
def paiement(act: Act) -> str:
    """The public id of the payment that an act is about; empty when it is about none that was captured."""
    if isinstance(act, Reversal | Refund) and act.capture:
        return act.capture.attempt.public_id
    return ""


@register.filter
def faits(act: Act) -> list[tuple[str, str]]:
    """What a second person compares, by kind of act."""
    if isinstance(act, Reversal):
        told = [("Avis de la banque", act.notice), ("Date de l’avis", f"{act.noticed_on:%d/%m/%Y}")]
        return [*told, ("Paiement", act.capture.attempt.reference)]
    if isinstance(act, Refund):
        origin = f"Décision du dossier {act.decision.case.reference}" if act.decision else "Avoir de la famille"
        told = [("Pris sur", origin), ("Moyen", act.get_means_display()), ("Référence", act.reference)]
        return [*told, ("Paiement", act.capture.attempt.reference)] if act.capture else told
    note = [("Avoir n°", act.note.number)] if act.note else []
    return [("Facture", f"{act.invoice.label}, {act.invoice.number}"), ("Objet", act.label), *note]


@register.filter
def annulation(kinds: list[Reversal.Kind]) -> str:
    """What the button that undoes a payment says: « Chèque rejeté ou erreur de saisie au guichet »."""
    if kinds == [Reversal.Kind.CHARGEBACK]:
        return "Impayé (contestation)"
    first, *others = (str(kind.label) for kind in kinds)
    return " ou ".join([first, *(one[0].lower() + one[1:] for one in others)])


@register.filter
def moyen(capture: Capture) -> str:
    """« carte bancaire en ligne »."""
    return str(dict(MeansOfPayment.choices).get(capture.means, "paiement en ligne"))
