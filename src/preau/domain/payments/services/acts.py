"""The second person's answer to what an agent proposed about money: confirm, or send back (W14).

Locks: the act, then what carrying it out locks.
"""

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.payments.models import CreditNoteProposal, Refund, Reversal
from preau.domain.payments.queries.acts import Act, act_named
from preau.domain.payments.services.credit_notes import carry_out_credit_note
from preau.domain.payments.services.refunds import carry_out_refund
from preau.domain.payments.services.reversals import carry_out_reversal
from preau.domain.payments.services.two_people import check_agent, check_answer, explained
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

_NAMES: dict[type[Act], str] = {Reversal: "reversal", Refund: "refund", CreditNoteProposal: "credit_note"}


@transaction.atomic
def confirm_act(*, act_id: str, user: User, by: Actor) -> None:
    """The second agent agrees: the money moves, the family is told.

    Raises:
        ObjectDoesNotExist: no such act.
        NotOfRegieError, SamePersonError, CaseDecidedError: nothing was written.
        ActRefusedError: the money is no longer as it was proposed; the act can be sent back.
    """
    act = _answerable(act_id, user)
    act.confirmed_by, act.confirmed_at = user, clock.now()
    if isinstance(act, Reversal):
        carry_out_reversal(act)
    elif isinstance(act, Refund):
        carry_out_refund(act)
    else:
        carry_out_credit_note(act)
    act.save(force_update=True)
    _record(act, "confirmed", by)


@transaction.atomic
def send_back_act(*, act_id: str, reason: str, user: User, by: Actor) -> None:
    """The second agent does not agree, and says why: nothing moves, another proposal may follow.

    Raises:
        ObjectDoesNotExist: no such act.
        NotOfRegieError, SamePersonError, CaseDecidedError, ReasonTooShortError: nothing was written.
    """
    act = _answerable(act_id, user)
    act.refused_by, act.refused_at, act.refusal_reason = user, clock.now(), explained(reason)
    act.save(update_fields=["refused_by", "refused_at", "refusal_reason"])
    _record(act, "sent_back", by)


def _answerable(act_id: str, user: User) -> Act:
    act = act_named(act_id, lock=True)
    check_agent(user, regie_id=act.regie_id)
    check_answer(act, user)
    return act


def _record(act: Act, answer: str, by: Actor) -> None:
    action = f"{_NAMES[type(act)]}.{answer}"
    record(by=by, action=action, subject=act.public_id, details={"amount_cents": act.amount_cents})
