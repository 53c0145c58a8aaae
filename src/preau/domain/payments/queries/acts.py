"""What agents proposed about money after a payment, and what waits for a second person."""

from collections.abc import Collection, Iterable
from operator import attrgetter

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet

from preau.domain.accounts.models import User
from preau.domain.families.models import Household
from preau.domain.payments.models import CreditNoteProposal, Refund, Reversal

Act = Reversal | Refund | CreditNoteProposal

_PEOPLE = ("regie", "proposed_by", "confirmed_by", "refused_by")


def reversals() -> QuerySet[Reversal]:
    """Every reversal with all that names it."""
    return Reversal.objects.select_related(*_PEOPLE, "capture__attempt__household").prefetch_related(
        "parts__allocation__invoice", "parts__credit_use__invoice"
    )


def refunds() -> QuerySet[Refund]:
    """Every refund with all that names it."""
    return Refund.objects.select_related(
        *_PEOPLE, "household", "contract", "capture__attempt", "decision__case__attempt"
    )


def credit_note_proposals() -> QuerySet[CreditNoteProposal]:
    """Every credit note asked for with all that names it."""
    return CreditNoteProposal.objects.select_related(*_PEOPLE, "household", "invoice__regie", "note")


def act_named(public_id: str, *, lock: bool = False) -> Act:
    """The act that bears a public id, whatever its kind; locked until the transaction ends if asked.

    Raises:
        ObjectDoesNotExist: there is none.
    """
    for rows in (reversals(), refunds(), credit_note_proposals()):
        kept = rows.select_for_update(of=("self",)) if lock else rows
        if found := kept.filter(public_id=public_id).first():
            return found
    raise ObjectDoesNotExist


def acts_waiting(regies: Collection[int]) -> list[Act]:
    """What waits for a second person in these régies, the oldest first."""
    waiting = Q(regie__in=regies, confirmed_at__isnull=True, refused_at__isnull=True)
    found: list[Iterable[Act]] = [rows.filter(waiting) for rows in (reversals(), refunds(), credit_note_proposals())]
    return sorted((act for rows in found for act in rows), key=attrgetter("proposed_at"))


def count_to_answer(regies: Collection[int], *, user: User) -> int:
    """How many acts of these régies wait for another person than the one who proposed them, who may be `user`."""
    waiting = Q(regie__in=regies, confirmed_at__isnull=True, refused_at__isnull=True) & ~Q(proposed_by=user)
    return sum(kind.objects.filter(waiting).count() for kind in (Reversal, Refund, CreditNoteProposal))


def act_of(regies: Collection[int], *, public_id: str) -> Act:
    """One act of these régies.

    Raises:
        ObjectDoesNotExist: there is none, or it is another régie's.
    """
    act = act_named(public_id)
    if act.regie_id not in regies:
        raise ObjectDoesNotExist
    return act


def household_of(act: Act) -> Household:
    """Whose money an act is about."""
    return act.capture.attempt.household if isinstance(act, Reversal) else act.household
