"""A family brings money in advance: asked, paid like any invoice, then its credit; not paid, asked no more (C24).

Locks: the household, the invoice numbers, the invoices, the numbers of « avoirs ».
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from preau.domain.accounts.models import User
from preau.domain.billing.models import TopUp
from preau.domain.billing.services.issuing import cancel_invoice
from preau.domain.billing.services.top_ups import bill_top_up
from preau.domain.families.models import Household
from preau.domain.payments.errors import AmountRefusedError, PaymentClosedError
from preau.domain.payments.models import BasketLine, PaymentAttempt
from preau.domain.payments.queries.top_ups import TopUpChoice, top_up_choices
from preau.domain.payments.services.attempts import Click, known_attempt, prepare_payment
from preau.domain.payments.services.order_settlement import locked_invoice
from preau.domain.payments.states import OPEN_STATES
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.money import format_cents

#: The most that may be brought at once, in cents: a credit is kept for the family, not a bank account.
MOST_CENTS = 50_000
#: How long a top-up that nobody pays stays asked: as long as a place is most often held.
_OFFERED_FOR = timedelta(hours=1)
_GIVEN_UP = "Recharge abandonnée"


def start_top_up(*, household: Household, user: User, regie_id: str, click: Click, by: Actor) -> PaymentAttempt:
    """Ask a top-up of `click.shown_cents` for a régie (public id), ready to be paid; it replaces one left unpaid.

    The same click gives the same payment.

    Raises:
        PaymentError: nothing was written; its message is for the family.
    """
    if known := known_attempt(household, click):
        return known
    with transaction.atomic():
        Household.objects.select_for_update(of=("self",), no_key=True).get(id=household.id)
        if known := known_attempt(household, click):
            return known
        choice = _choice(household, regie_id)
        _check(choice, click.shown_cents)
        now = clock.now()
        asked = bill_top_up(
            household=household,
            regie=choice.regie,
            cents=click.shown_cents,
            form_key=click.form_key,
            on=clock.today(the_town().zone),
            until=now + _OFFERED_FOR,
        )
        for left in _unpaid(household).filter(invoice__regie=choice.regie).exclude(id=asked.id):
            _give_up(left.id)
        BasketLine.objects.create(user=user, invoice=asked.invoice, added_at=now)
        return prepare_payment(household=household, user=user, click=click, only=frozenset([asked.invoice_id]), by=by)


def lapse_top_ups(*, limit: int = 200) -> int:
    """Ask no longer the top-ups whose time is over and that nobody is paying; how many."""
    due = TopUp.objects.filter(
        offered_until__lte=clock.now(), credit_note=None, invoice__settled_on__isnull=True
    ).order_by("offered_until")
    due = due.exclude(invoice__attempt_lines__attempt__state__in=OPEN_STATES)
    return sum(_give_up(top_up_id) for top_up_id in due.values_list("id", flat=True)[:limit])


def _choice(household: Household, regie_id: str) -> TopUpChoice:
    choices = top_up_choices(household, today=clock.today(the_town().zone))
    found = next((choice for choice in choices if choice.regie.public_id == regie_id), None)
    if found is None:
        raise PaymentClosedError("Il n’y a rien de prépayé ici pour votre famille.")
    return found


def _check(choice: TopUpChoice, cents: int) -> None:
    if not choice.least_cents <= cents <= MOST_CENTS:
        least, most = format_cents(choice.least_cents), format_cents(MOST_CENTS)
        raise AmountRefusedError(f"Choisissez un montant entre {least} et {most}.")


def _unpaid(household: Household) -> QuerySet[TopUp]:
    return TopUp.objects.filter(invoice__household=household, credit_note=None, invoice__settled_on__isnull=True)


@transaction.atomic
def _give_up(top_up_id: int) -> bool:
    """Cancel what a top-up still asks, unless a payment for it may still succeed; whether it was."""
    invoice = locked_invoice(TopUp.objects.values_list("invoice", flat=True).get(id=top_up_id))
    paying = PaymentAttempt.objects.filter(lines__invoice=invoice, state__in=OPEN_STATES)
    if invoice.settled_on is not None or paying.exists():
        return False
    cancel_invoice(invoice, label=_GIVEN_UP, on=clock.today(the_town().zone))
    return True
