"""Deciding a case: one agent proposes, another one of the régie confirms or sends back (E.1, W14).

Locks: the attempt, the case, then what a capture locks (invoices, receipt counter), and the audit chain last.
"""

from django.conf import settings
from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.ledger.models import AccountKind
from preau.domain.ledger.services import Posting, book
from preau.domain.payments.errors import CaseDecidedError, OutcomeRefusedError
from preau.domain.payments.models import CaseDecision, FamilyCredit, PaymentAttempt, ReviewCase
from preau.domain.payments.outcomes import Outcome, possible_outcomes
from preau.domain.payments.queries.cases import acceptable_evidence, standing_of
from preau.domain.payments.services.capturing import capture
from preau.domain.payments.services.moves import move
from preau.domain.payments.services.two_people import check_agent, check_answer, explained
from preau.domain.payments.states import AttemptState
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.mail.services import queue
from preau.foundation.money import format_cents


@transaction.atomic
def propose(*, case_id: str, outcome: Outcome, reason: str, user: User, by: Actor) -> CaseDecision:
    """The first agent's word: how the case should end, and why. Nothing moves yet.

    Raises:
        NotOfRegieError, CaseDecidedError, OutcomeRefusedError, ReasonTooShortError: nothing was written.
    """
    case = _locked(ReviewCase.objects.get(public_id=case_id), user)
    if case.closed_at or case.decisions.filter(refused_at__isnull=True).exists():
        raise CaseDecidedError("Une décision a déjà été proposée pour ce dossier.")
    standing = standing_of(case)
    if outcome not in possible_outcomes(standing):
        raise OutcomeRefusedError("Cette décision ne convient pas à ce dossier.")
    decision = CaseDecision.objects.create(
        case=case,
        outcome=outcome,
        reason=explained(reason),
        amount_cents=standing.moved_cents,
        proposed_by=user,
        proposed_at=clock.now(),
    )
    details = {"outcome": outcome.value, "amount_cents": decision.amount_cents}
    record(by=by, action="case.proposed", subject=decision.public_id, details={**details, "case": case.public_id})
    return decision


@transaction.atomic
def send_back(*, decision_id: str, reason: str, user: User, by: Actor) -> None:
    """The second agent does not agree, and says why: the case waits for another proposal.

    Raises:
        NotOfRegieError, SamePersonError, CaseDecidedError, ReasonTooShortError: nothing was written.
    """
    decision = _answerable(decision_id, user)
    decision.refused_by, decision.refused_at, decision.refusal_reason = user, clock.now(), explained(reason)
    decision.save(update_fields=["refused_by", "refused_at", "refusal_reason"])
    record(by=by, action="case.sent_back", subject=decision.public_id, details={"case": decision.case.public_id})


@transaction.atomic
def confirm(*, decision_id: str, user: User, by: Actor) -> None:
    """The second agent agrees: the case is closed, the money goes where they said, the family is told.

    Raises:
        NotOfRegieError, SamePersonError, CaseDecidedError: nothing was written.
        OutcomeRefusedError: the sum or the state of the attempt changed since the proposal; it can be sent back.
    """
    decision = _answerable(decision_id, user)
    case, outcome = decision.case, Outcome(decision.outcome)
    standing = standing_of(case)
    if outcome not in possible_outcomes(standing) or decision.amount_cents != standing.moved_cents:
        raise OutcomeRefusedError(
            "La banque a donné d’autres nouvelles depuis cette proposition. Renvoyez-la, puis décidez de nouveau."
        )
    now = clock.now()
    decision.confirmed_by, decision.confirmed_at = user, now
    decision.save(update_fields=["confirmed_by", "confirmed_at"])
    case.closed_at = now
    case.save(update_fields=["closed_at"])
    if case.attempt is not None:
        _carry_out(decision, case.attempt, is_in_doubt=standing.is_in_doubt, by=by)
    details = {"outcome": outcome.value, "amount_cents": decision.amount_cents, "case": case.public_id}
    record(by=by, action="case.confirmed", subject=decision.public_id, details=details)


def _locked(case: ReviewCase, user: User) -> ReviewCase:
    """The same case, its attempt and itself locked in that order, as they are now.

    Raises:
        NotOfRegieError: the person has no post in its régie.
    """
    check_agent(user, regie_id=case.regie_id)
    attempts = PaymentAttempt.objects.select_for_update(of=("self",)).select_related(
        "regie", "contract", "household", "checkout"
    )
    attempt = attempts.get(id=case.attempt_id) if case.attempt_id else None
    locked = ReviewCase.objects.select_for_update(of=("self",)).select_related("regie").get(id=case.id)
    locked.attempt = attempt
    return locked


def _answerable(decision_id: str, user: User) -> CaseDecision:
    """A decision that waits for its second person, who is this one; its case and attempt locked."""
    case = _locked(ReviewCase.objects.get(decisions__public_id=decision_id), user)
    decision = CaseDecision.objects.get(public_id=decision_id)
    decision.case = case
    check_answer(decision, user)
    return decision


def _carry_out(decision: CaseDecision, attempt: PaymentAttempt, *, is_in_doubt: bool, by: Actor) -> None:
    outcome, freed = Outcome(decision.outcome), is_in_doubt and decision.outcome != Outcome.ACCEPT
    if decision.amount_cents:
        _empty_suspense(decision, attempt)
    if outcome == Outcome.CREDIT:
        FamilyCredit.objects.create(
            decision=decision,
            household=attempt.household,
            regie=attempt.regie,
            amount_cents=decision.amount_cents,
            recorded_at=clock.now(),
        )
    if freed:
        move(attempt, AttemptState.CLOSED, by=by)
    if freed or decision.amount_cents:
        _tell_family(decision, attempt, freed=freed)
    evidence = acceptable_evidence(attempt) if outcome == Outcome.ACCEPT else None
    if evidence is not None:
        capture(attempt=attempt, evidence=evidence, by=by)


def _empty_suspense(decision: CaseDecision, attempt: PaymentAttempt) -> None:
    """A sum leaves suspense for the family, for a refund, or for nothing: then its capture is booked as any other."""
    cents = decision.amount_cents
    destination = {
        Outcome.CREDIT: Posting(AccountKind.FAMILY_CREDIT, -cents, household=attempt.household),
        Outcome.REFUND: Posting(AccountKind.REFUND_DUE, -cents),
        Outcome.ACCEPT: Posting(AccountKind.CLEARING, -cents, contract=attempt.contract),
    }[Outcome(decision.outcome)]
    book(
        regie=attempt.regie,
        source_kind="case_decision",
        source_key=decision.public_id,
        label=f"Décision – {decision.get_outcome_display().lower()} – opération {attempt.reference}",
        booked_on=clock.today(the_town().zone),
        postings=[Posting(AccountKind.SUSPENSE, cents), destination],
    )


def _tell_family(decision: CaseDecision, attempt: PaymentAttempt, *, freed: bool) -> None:
    """What became of a payment in doubt, to whoever paid; an accepted one has its receipt instead."""
    if decision.outcome == Outcome.ACCEPT:
        return
    sum_of = format_cents(decision.amount_cents)
    told = {
        Outcome.CREDIT: f"{sum_of} sont maintenant à votre avoir dans cette régie. Cette somme est à vous.",
        Outcome.REFUND: f"{sum_of} vous seront rendus, par la banque ou par virement.",
        Outcome.NOTHING_MOVED: "La régie n’a reçu aucune somme pour ce paiement.",
    }[Outcome(decision.outcome)]
    day = french.day(attempt.created_at.astimezone(the_town().zone))
    twice = decision.case.kind == ReviewCase.Kind.DOUBLE_CAPTURE
    announced = "un second paiement" if twice else "autre chose que ce qui était demandé"
    numbers = [line.invoice.number for line in attempt.lines.select_related("invoice") if line.invoice.left_cents]
    again = f"Vous pouvez de nouveau payer en ligne\u202f: {', '.join(numbers)}.\n\n" if freed and numbers else ""
    queue(
        kind="case_decided",
        subject_key=decision.public_id,
        to=attempt.checkout.receipt_email,
        subject=f"Votre paiement du {day} a été examiné",
        text=(
            "Bonjour,\n\n"
            f"Pour votre paiement du {day}, la banque nous avait annoncé {announced}. La régie "
            f"«\u202f{attempt.regie.label}\u202f» l’a examiné. Référence\u202f: {attempt.reference}.\n\n"
            f"{told}\n\n{again}{settings.PREAU_PUBLIC_URL}/factures/"
        ),
    )
