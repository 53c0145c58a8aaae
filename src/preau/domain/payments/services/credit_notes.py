"""A paid service given back: a credit note that two agents agree on, to the family's credit.

Then the family uses it on an invoice, or the régie gives it back (`refunds`).
"""

from django.db import transaction

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.billing.services import issue_credit_note
from preau.domain.payments.errors import ActRefusedError, CaseDecidedError
from preau.domain.payments.models import CreditNoteProposal
from preau.domain.payments.queries.aftermath import creditable_cents
from preau.domain.payments.services.refunds import queue_to_family
from preau.domain.payments.services.two_people import check_agent, explained
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.money import format_cents


@transaction.atomic
def propose_credit_note(
    *, invoice: Invoice, amount_cents: int, label: str, reason: str, user: User, by: Actor
) -> CreditNoteProposal:
    """The first agent's word: what of a paid invoice should be given back; `label` is what the family reads.

    Raises:
        NotOfRegieError, ReasonTooShortError, CaseDecidedError, ActRefusedError: nothing was written.
    """
    check_agent(user, regie_id=invoice.regie_id)
    list(Invoice.objects.select_for_update(of=("self",)).filter(id=invoice.id))
    left = creditable_cents(invoice)
    if not 0 < amount_cents <= left:
        between = f"Indiquez un montant entre {format_cents(1)} et {format_cents(left)}."
        raise ActRefusedError(between if left else "Rien de cette facture n’est payé.", field="amount")
    waiting = CreditNoteProposal.objects.filter(invoice=invoice, confirmed_at=None, refused_at=None)
    if waiting.filter(amount_cents=amount_cents, label=label).exists():
        raise CaseDecidedError("Cet avoir attend déjà sa réponse.")
    act = CreditNoteProposal.objects.create(
        invoice=invoice,
        household=invoice.household,
        regie=invoice.regie,
        amount_cents=amount_cents,
        label=label,
        reason=explained(reason),
        proposed_by=user,
        proposed_at=clock.now(),
    )
    record(by=by, action="credit_note.proposed", subject=act.public_id, details={"amount_cents": amount_cents})
    return act


def carry_out_credit_note(act: CreditNoteProposal) -> None:
    """What its second person confirmed: the credit note and its entry, and the family's mail; the act is not saved.

    Raises:
        ActRefusedError: the payment was taken back, or another credit note was issued, meanwhile.
    """
    locked = Invoice.objects.select_for_update(of=("self",)).select_related("regie", "household")
    invoice = locked.get(id=act.invoice_id)
    if act.amount_cents > creditable_cents(invoice):
        raise ActRefusedError("Cette facture n’est plus payée d’autant. Renvoyez cette proposition.")
    today = clock.today(the_town().zone)
    act.note = issue_credit_note(invoice=invoice, label=act.label, amount_cents=act.amount_cents, on=today)
    queue_to_family(
        act.household,
        kind="credit_note",
        subject_key=act.public_id,
        subject=f"Un avoir pour vous\u202f: {format_cents(act.amount_cents)}",
        told=(
            f"La régie «\u202f{act.regie.label}\u202f» vous accorde un avoir de {format_cents(act.amount_cents)}.\n\n"
            f"Motif\u202f: {act.label}. Avoir n° {act.note.number}.\n\n"
            "Vous pouvez l’utiliser sur une prochaine facture de cette régie, ou demander à être remboursé."
        ),
        page="accueil",
    )
