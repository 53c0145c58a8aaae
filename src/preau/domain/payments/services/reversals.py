"""Money that a bank takes back after a payment: a direct debit returned, a payment contested (G8).

Locks, once the act is: the attempt, the family's credit, the invoices in primary-key order, and the audit chain last.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from django.conf import settings
from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.billing.services import reopen
from preau.domain.ledger.models import AccountKind
from preau.domain.ledger.services import Posting, book, lock_credit
from preau.domain.payments.aftermath import WHOLE, TakenBack, possible_reversals, take_back
from preau.domain.payments.errors import ActRefusedError, CaseDecidedError
from preau.domain.payments.models import Allocation, Capture, CreditUse, PaymentAttempt, Reversal, ReversalPart
from preau.domain.payments.queries.addresses import address_of
from preau.domain.payments.queries.aftermath import (
    returnable_cents,
    settled_by,
    settled_by_credit,
    surplus_left_cents,
)
from preau.domain.payments.services.two_people import check_agent, explained
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.mail.services import queue
from preau.foundation.money import format_cents

#: Why, as the family reads it, and what became of the sum.
_WORDS = {
    Reversal.Kind.BOUNCED_DEBIT: ("La banque a rejeté le prélèvement", "repris par la banque"),
    Reversal.Kind.CHARGEBACK: (
        "La banque a repris cette somme, parce que le paiement a été contesté",
        "repris par la banque",
    ),
    Reversal.Kind.BOUNCED_CHEQUE: ("La banque a rejeté le chèque", "repris par la banque"),
    Reversal.Kind.REFUSED_VOUCHER: ("L’organisme qui émet vos titres les a refusés", "refusés par leur émetteur"),
    Reversal.Kind.MISTAKE: ("Ce paiement avait été enregistré par erreur au guichet", "annulés"),
}


@transaction.atomic
def propose_reversal(
    *,
    payment_id: str,
    kind: Reversal.Kind,
    amount_cents: int,
    reason: str,
    notice: str,
    noticed_on: date,
    user: User,
    by: Actor,
) -> Reversal:
    """The first agent's word: what the bank took back of a payment (public id of its attempt). Nothing moves yet.

    `notice` names the bank's notice, received on `noticed_on`, a day of the town.

    Raises:
        Capture.DoesNotExist: no such payment, or nothing was captured.
        NotOfRegieError, ReasonTooShortError, CaseDecidedError, ActRefusedError: nothing was written.
    """
    capture = locked_capture(Capture.objects.get(attempt__public_id=payment_id).attempt_id)
    check_agent(user, regie_id=capture.regie_id)
    if capture.reversals.filter(confirmed_at__isnull=True, refused_at__isnull=True).exists():
        raise CaseDecidedError("Un rejet attend déjà sa réponse pour ce paiement.")
    _check_kind(capture, kind, amount_cents)
    if noticed_on > clock.today(the_town().zone):
        raise ActRefusedError("Cette date n’est pas encore venue.", field="noticed_on")
    act = Reversal.objects.create(
        capture=capture,
        regie=capture.regie,
        kind=kind,
        amount_cents=amount_cents,
        reason=explained(reason),
        notice=notice,
        noticed_on=noticed_on,
        proposed_by=user,
        proposed_at=clock.now(),
    )
    record(by=by, action="reversal.proposed", subject=act.public_id, details={"amount_cents": amount_cents})
    return act


def _check_kind(capture: Capture, kind: Reversal.Kind, amount_cents: int) -> None:
    if kind not in possible_reversals(capture.means):
        raise ActRefusedError("Cela n’arrive pas à un paiement par ce moyen.", field="kind")
    left = returnable_cents(capture)
    if not 0 < amount_cents <= left:
        told = f"Indiquez un montant entre {format_cents(1)} et {format_cents(left)}." if left else "Il ne reste rien."
        raise ActRefusedError(told, field="amount")
    if kind in WHOLE and amount_cents != capture.amount_cents:
        whole = format_cents(capture.amount_cents)
        raise ActRefusedError(f"Indiquez le paiement en entier\u202f: {whole}.", field="amount")


def locked_capture(attempt_id: int) -> Capture:
    """The capture of an attempt, which is locked."""
    list(PaymentAttempt.objects.select_for_update(of=("self",)).filter(id=attempt_id))
    with_all = ("credit", "regie", "contract", "attempt__regie", "attempt__household", "attempt__checkout")
    return Capture.objects.select_related(*with_all).get(attempt=attempt_id)


def carry_out_reversal(act: Reversal) -> None:
    """What its second person confirmed: entries that compensate, invoices due again, two mails.

    Raises:
        ActRefusedError: the bank already took more back meanwhile, or a refund credited the card.
    """
    capture = locked_capture(act.capture.attempt_id)
    if act.amount_cents > returnable_cents(capture):
        raise ActRefusedError("D’autres sommes de ce paiement ont été rendues depuis. Renvoyez cette proposition.")
    household, regie = capture.attempt.household, capture.regie
    taken = take_back(
        act.amount_cents,
        surplus_cents=surplus_left_cents(capture),
        credit_cents=lock_credit(household=household, regie=regie),
        allocations=settled_by(capture),
        credit_uses=settled_by_credit(household, regie),
    )
    reopened = _reopen(act, taken)
    _note_the_rest(act, taken)
    _book(act, capture, taken)
    _tell_family(act, capture, taken, reopened)
    _tell_regie(act, capture, taken)


def _reopen(act: Reversal, taken: TakenBack) -> dict[Invoice, int]:
    """Cents asked again by invoice, in primary-key order; each part is kept with what it takes back."""
    again: Counter[int] = Counter()
    allocations = Allocation.objects.in_bulk(taken.allocations)
    for key, cents in taken.allocations.items():
        again[allocations[key].invoice_id] += cents
        act.parts.create(source=ReversalPart.Source.ALLOCATION, allocation_id=key, amount_cents=cents)
    uses = CreditUse.objects.in_bulk(taken.credit_uses)
    for key, cents in taken.credit_uses.items():
        again[uses[key].invoice_id] += cents
        act.parts.create(source=ReversalPart.Source.CREDIT_USE, credit_use_id=key, amount_cents=cents)
    locked = Invoice.objects.select_for_update(of=("self",)).filter(id__in=again).order_by("id")
    reopened = {invoice: again[invoice.id] for invoice in locked}
    for invoice, cents in reopened.items():
        reopen(invoice=invoice, amount_cents=cents)
    return reopened


def _note_the_rest(act: Reversal, taken: TakenBack) -> None:
    """What was no longer, or never was, on an invoice."""
    of_credit, of_given_back = ReversalPart.Source.CREDIT, ReversalPart.Source.GIVEN_BACK
    for source, cents in ((of_credit, taken.credit_cents), (of_given_back, taken.given_back_cents)):
        if cents:
            act.parts.create(source=source, amount_cents=cents)


def _book(act: Reversal, capture: Capture, taken: TakenBack) -> None:
    household = capture.attempt.household
    due_again = sum(taken.allocations.values()) + sum(taken.credit_uses.values())
    book(
        regie=capture.regie,
        source_kind="reversal",
        source_key=act.public_id,
        label=f"{act.get_kind_display()} – paiement {capture.attempt.reference}",
        booked_on=clock.today(the_town().zone),
        postings=[
            Posting(AccountKind.CLEARING, -act.amount_cents, contract=capture.contract),
            Posting(AccountKind.RECEIVABLE, due_again, household=household),
            Posting(AccountKind.FAMILY_CREDIT, taken.credit_cents, household=household),
            Posting(AccountKind.TO_RECOVER, taken.given_back_cents, household=household),
        ],
    )


def _tell_family(act: Reversal, capture: Capture, taken: TakenBack, reopened: Mapping[Invoice, int]) -> None:
    attempt = capture.attempt
    paid_on = french.day(capture.paid_at.astimezone(the_town().zone))
    address = attempt.checkout.receipt_email or address_of(attempt.household)
    if not address:
        return
    why, gone = _WORDS[Reversal.Kind(act.kind)]
    owed = "\n".join(f"– {one.number}, {one.label}\u202f: {format_cents(cents)}" for one, cents in reopened.items())
    told = [f"De nouveau à payer\u202f:\n\n{owed}"] if owed else []
    if taken.credit_cents:
        told.append(f"{format_cents(taken.credit_cents)} de votre avoir ont été repris.")
    if taken.given_back_cents:
        told.append(f"{format_cents(taken.given_back_cents)} vous avaient déjà été rendus\u202f: la régie vous écrira.")
    queue(
        kind="reversal",
        subject_key=act.public_id,
        to=address,
        subject=f"Votre paiement du {paid_on}\u202f: {format_cents(act.amount_cents)} {gone}",
        text=(
            "Bonjour,\n\n"
            f"{why}\u202f: {format_cents(act.amount_cents)} de votre paiement du {paid_on} à la régie "
            f"«\u202f{attempt.regie.label}\u202f». Référence\u202f: {attempt.reference}.\n\n"
            + "\n\n".join(told)
            + f"\n\nUne question\u202f? Donnez cette référence à la régie.\n\n{settings.PREAU_PUBLIC_URL}/factures/"
        ),
    )


def _told(attempt: PaymentAttempt) -> str:
    if attempt.checkout.receipt_email or address_of(attempt.household):
        return "La famille a reçu un e-mail."
    return "La famille n’a pas d’adresse e-mail\u202f: prévenez-la."


def _tell_regie(act: Reversal, capture: Capture, taken: TakenBack) -> None:
    attempt, cents = capture.attempt, taken.given_back_cents
    to_recover = (
        f"{format_cents(cents)} avaient déjà été rendus à la famille\u202f: cette somme est à recouvrer.\n\n"
        if cents
        else ""
    )
    queue(
        kind="reversal_regie",
        subject_key=act.public_id,
        to=capture.regie.email,
        subject=f"{act.get_kind_display()}\u202f: {format_cents(act.amount_cents)}",
        text=(
            f"Régie\u202f: {capture.regie.label}\n"
            f"Paiement\u202f: {attempt.reference}\n"
            f"Famille\u202f: dossier n° {attempt.household.file_number}\n\n"
            f"{act.get_kind_display()}, preuve «\u202f{act.notice}\u202f». Deux personnes l’ont inscrit. "
            f"Les factures concernées sont de nouveau à payer. {_told(capture.attempt)}\n\n"
            f"{to_recover}{settings.PREAU_PAYMENT_URL.format(payment=attempt.public_id)}"
        ),
    )
