"""Money given back to a family: of its credit, or of what two people decided to give back (payment-gateways 9.4).

Locks, once the act is: the attempt whose card is credited, then the decision or the family's credit, and the audit
chain last. No bank is ever called: the agent did it, and says here how.
"""

from django.conf import settings
from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.families.models import Household
from preau.domain.ledger.models import AccountKind
from preau.domain.ledger.services import Posting, book, lock_credit
from preau.domain.payments.errors import ActRefusedError, CaseDecidedError
from preau.domain.payments.models import Capture, CaseDecision, PaymentAttempt, Refund
from preau.domain.payments.outcomes import Outcome
from preau.domain.payments.queries.addresses import address_of
from preau.domain.payments.queries.aftermath import owed_cents, refund_means, returnable_cents
from preau.domain.payments.services.reversals import locked_capture
from preau.domain.payments.services.two_people import check_agent, explained
from preau.domain.regies.models import Regie
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.mail.services import queue
from preau.foundation.money import format_cents

_CHANGED = "Il ne reste plus assez à rendre\u202f: quelque chose a changé depuis. Renvoyez cette proposition."


@transaction.atomic
def propose_refund(
    *,
    household: Household,
    regie: Regie,
    amount_cents: int,
    means: Refund.Means,
    reference: str,
    reason: str,
    user: User,
    by: Actor,
    decision: CaseDecision | None = None,
    capture: Capture | None = None,
) -> Refund:
    """The first agent's word: a sum to give back, and how. Nothing moves yet.

    Of what `decision` owes, else of the family's credit; `capture` is then the payment whose card was credited.

    Raises:
        NotOfRegieError, ReasonTooShortError, CaseDecidedError, ActRefusedError: nothing was written.
    """
    check_agent(user, regie_id=regie.id)
    attempt = _paid(household, regie, decision, capture)
    if means not in refund_means(regie, by_card=attempt is not None and (not capture or capture.can_credit_card)):
        raise ActRefusedError(_means_refusal(means), field="means")
    credited = capture if means == Refund.Means.CARD and decision is None else None
    owed = _owed(household, regie, decision, credited)
    if not 0 < amount_cents <= owed:
        between = f"Indiquez un montant entre {format_cents(1)} et {format_cents(owed)}."
        raise ActRefusedError(between if owed > 0 else "Il n’y a rien à rendre.", field="amount")
    waiting = Refund.objects.filter(household=household, regie=regie, confirmed_at=None, refused_at=None)
    if waiting.filter(amount_cents=amount_cents, means=means, reference=reference).exists():
        raise CaseDecidedError("Ce remboursement attend déjà sa réponse.")
    act = Refund.objects.create(
        household=household,
        regie=regie,
        decision=decision,
        capture=credited,
        contract=attempt.contract if attempt and means == Refund.Means.CARD else None,
        amount_cents=amount_cents,
        means=means,
        reference=reference,
        reason=explained(reason),
        proposed_by=user,
        proposed_at=clock.now(),
    )
    record(by=by, action="refund.proposed", subject=act.public_id, details={"amount_cents": amount_cents})
    return act


def _paid(
    household: Household, regie: Regie, decision: CaseDecision | None, capture: Capture | None
) -> PaymentAttempt | None:
    """The payment that brought the money, if one is named: of this family, to this régie, and to be given back."""
    if decision is not None and (decision.outcome != Outcome.REFUND or decision.confirmed_at is None):
        raise ActRefusedError("Personne n’a décidé de rendre cette somme.")
    attempt = decision.case.attempt if decision else capture.attempt if capture else None
    if attempt is not None and (attempt.household_id, attempt.regie_id) != (household.id, regie.id):
        raise ActRefusedError("Ce paiement n’est pas de cette famille et de cette régie.")
    return attempt


def _means_refusal(means: Refund.Means) -> str:
    if means == Refund.Means.CASH:
        return "L’acte de cette régie ne nomme pas les espèces."
    return "Pour recréditer une carte, ouvrez la page du paiement."


def _owed(household: Household, regie: Regie, decision: CaseDecision | None, credited: Capture | None) -> int:
    """What may be given back, in cents; locked, so that a form sent twice at once proposes it once (U7)."""
    if decision is not None:
        return _lock_decision(decision)
    credit = lock_credit(household=household, regie=regie)
    return min(credit, returnable_cents(credited)) if credited else credit


def _lock_decision(decision: CaseDecision) -> int:
    list(CaseDecision.objects.select_for_update(of=("self",), no_key=True).filter(id=decision.id))
    return owed_cents(decision)


def carry_out_refund(act: Refund) -> None:
    """What its second person confirmed: the entry, and the family's mail.

    Raises:
        ActRefusedError: the credit was used, or the payment taken back, meanwhile.
    """
    credited = locked_capture(act.capture.attempt_id) if act.capture else None
    if act.decision is not None:
        left = _lock_decision(act.decision)
        origin = Posting(AccountKind.REFUND_DUE, act.amount_cents)
    else:
        left = lock_credit(household=act.household, regie=act.regie)
        origin = Posting(AccountKind.FAMILY_CREDIT, act.amount_cents, household=act.household)
    if act.amount_cents > (min(left, returnable_cents(credited)) if credited else left):
        raise ActRefusedError(_CHANGED)
    destination = (
        Posting(AccountKind.CLEARING, -act.amount_cents, contract=act.contract)
        if act.contract
        else Posting(AccountKind.GIVEN_BACK, -act.amount_cents)
    )
    book(
        regie=act.regie,
        source_kind="refund",
        source_key=act.public_id,
        label=f"Remboursement – {act.get_means_display().lower()} {act.reference}",
        booked_on=clock.today(the_town().zone),
        postings=[origin, destination],
    )
    _tell_family(act)


def _tell_family(act: Refund) -> None:
    how = {
        Refund.Means.TRANSFER: "par virement",
        Refund.Means.CHEQUE: "par chèque",
        Refund.Means.CASH: "en espèces",
        Refund.Means.CARD: "sur la carte qui avait payé",
    }[Refund.Means(act.means)]
    queue_to_family(
        act.household,
        kind="refund",
        subject_key=act.public_id,
        subject=f"Votre remboursement\u202f: {format_cents(act.amount_cents)}",
        told=(
            f"La régie «\u202f{act.regie.label}\u202f» vous rend {format_cents(act.amount_cents)}, {how}.\n\n"
            f"Référence\u202f: {act.reference}."
        ),
        page="comptes",
    )


def queue_to_family(household: Household, *, kind: str, subject_key: str, subject: str, told: str, page: str) -> None:
    """A mail to the first adult of a family who has an address; none when nobody has, and the accounts say it too.

    `page` is the page of the portal that it ends with.
    """
    address = address_of(household)
    if address:
        text = f"Bonjour,\n\n{told}\n\n{settings.PREAU_PUBLIC_URL}/{page}/"
        queue(kind=kind, subject_key=subject_key, to=address, subject=subject, text=text)
