"""What every act decided by two agents has in common (W14)."""

from preau.domain.accounts.models import User
from preau.domain.payments.errors import CaseDecidedError, NotOfRegieError, ReasonTooShortError, SamePersonError
from preau.domain.payments.models import CaseDecision, TwoPersonAct
from preau.domain.payments.outcomes import LONGEST_REASON, SHORTEST_REASON
from preau.domain.regies.models import RegieMember


def check_agent(user: User, *, regie_id: int) -> None:
    """Refuse whoever holds no post in a régie.

    Raises:
        NotOfRegieError: they hold none.
    """
    if not RegieMember.objects.filter(regie=regie_id, user=user).exists():
        raise NotOfRegieError("Cela ne concerne aucune de vos régies.")


def check_answer(act: TwoPersonAct | CaseDecision, user: User) -> None:
    """Refuse an answer to an act or a decision that has one, or by whoever proposed it.

    Raises:
        CaseDecidedError, SamePersonError: with the sentence to show.
    """
    if act.confirmed_at or act.refused_at:
        raise CaseDecidedError("Cette proposition a déjà reçu sa réponse.")
    if act.proposed_by_id == user.id:
        raise SamePersonError("Une autre personne de la régie doit répondre à votre proposition.")


def explained(reason: str) -> str:
    """A reason on one line, as it is kept.

    Raises:
        ReasonTooShortError: it explains nothing.
    """
    words = " ".join(reason.split())
    if len(words) < SHORTEST_REASON:
        raise ReasonTooShortError(f"Expliquez en quelques mots\u202f: {SHORTEST_REASON} caractères au moins.")
    return words[:LONGEST_REASON]
