"""Money that a family brings to the desk, written down by an agent: the same life as on line, at once (S09, V11).

One transaction, from the attempt to its receipt: there is no bank to wait for, so nothing is ever half done.
Locks: the orders of bookings, the invoices, the counters of numbers, and the audit chain last; nobody else knows the
attempt yet.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.payments.card_numbers import holds_card_number
from preau.domain.payments.errors import DeskRefusedError, PaymentError
from preau.domain.payments.gateway import Handed, desk_gateway_named
from preau.domain.payments.models import AttemptLine, Checkout, PaymentAttempt
from preau.domain.payments.queries.addresses import address_of
from preau.domain.payments.queries.contracts import merchant_for
from preau.domain.payments.queries.orders import holding_places
from preau.domain.payments.rules import Share, allocate
from preau.domain.payments.services.freezing import freeze, held_lines, in_progress, lock_invoices, usable_contract
from preau.domain.payments.services.order_settlement import lock_orders
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.settlement import Settled, settle_within, store_evidence
from preau.domain.payments.services.sweep import release_expired
from preau.domain.payments.services.two_people import check_agent
from preau.domain.payments.states import Origin
from preau.domain.regies.models import Channel, MeansOfPayment, Regie
from preau.domain.regies.queries import desk_means
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.money import format_cents

#: A transfer may be noticed late; older than this, a date is a slip of the finger.
LONGEST_DELAY = timedelta(days=31)
#: Nobody gives change on these: what is too much is the family's credit.
KEEPS_SURPLUS = frozenset({MeansOfPayment.CHEQUE, MeansOfPayment.TRANSFER, MeansOfPayment.CESU, MeansOfPayment.ANCV})
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Brought:
    """What an agent received: cents, by which means, on which day of the town; `number` may be empty."""

    amount_cents: int
    means: MeansOfPayment
    received_on: date
    number: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """The payment written down; `is_repeat` when the same form had already written it."""

    attempt: PaymentAttempt
    is_repeat: bool


def receive(
    *,
    household: Household,
    regie: Regie,
    invoice_ids: Collection[str],
    brought: Brought,
    form_key: str,
    user: User,
    by: Actor,
) -> Received:
    """Write down what a family brought for some invoices (public ids) of a régie. The same form key pays once.

    A part is taken whatever the régie allows on line (L06), and whatever window is closed: both are about the portal.
    The invoice due first is settled first. Outside any transaction: a bank may be asked about a lock that is over.

    Raises:
        NotOfRegieError: the agent holds no post in the régie.
        PaymentError: nothing was written; its message is for the agent.
    """
    check_agent(user, regie_id=regie.id)
    wish = _Wish(household, regie, frozenset(invoice_ids), brought, form_key, user)
    if twin := _twin(wish):
        return Received(twin, is_repeat=True)
    _check(wish)
    release_expired(list(_wanted(wish).values_list("id", flat=True)))
    try:
        with transaction.atomic(durable=True):
            return Received(_receive(wish, by=by), is_repeat=False)
    except (IntegrityError, PaymentError) as lost:
        if twin := _twin(wish):
            return Received(twin, is_repeat=True)
        if isinstance(lost, IntegrityError) and (held := held_lines(_wanted(wish))):
            raise _held(held) from lost
        if PaymentAttempt.objects.filter(form_key=wish.form_key).exists():
            raise DeskRefusedError("Rouvrez la page de cette famille, puis recommencez.") from lost
        raise


@dataclass(frozen=True, slots=True)
class _Wish:
    household: Household
    regie: Regie
    invoice_ids: frozenset[str]
    brought: Brought
    form_key: str
    user: User


def _twin(wish: _Wish) -> PaymentAttempt | None:
    return PaymentAttempt.objects.filter(
        form_key=wish.form_key, household=wish.household, regie=wish.regie, checkout__agent=wish.user
    ).first()


def _wanted(wish: _Wish) -> QuerySet[Invoice]:
    return Invoice.objects.filter(household=wish.household, regie=wish.regie, public_id__in=wish.invoice_ids)


def _check(wish: _Wish) -> None:
    """Refuse what the form alone shows to be wrong."""
    brought, today = wish.brought, clock.today(the_town().zone)
    if brought.means not in desk_means(wish.regie):
        raise DeskRefusedError(
            f"L’acte de la régie ({wish.regie.founding_act}) ne permet pas ce moyen de paiement.", field="means"
        )
    if brought.amount_cents <= 0:
        raise DeskRefusedError("Indiquez la somme reçue.", field="amount")
    if brought.received_on > today:
        raise DeskRefusedError("Cette date n’est pas encore venue.", field="received_on")
    if brought.received_on < today - LONGEST_DELAY:
        raise DeskRefusedError(f"Cette date a plus de {LONGEST_DELAY.days} jours.", field="received_on")
    if holds_card_number(brought.number):
        raise DeskRefusedError("Ne recopiez jamais un numéro de carte.", field="number")
    if not wish.invoice_ids:
        raise DeskRefusedError("Cochez ce que la famille paie.", field="invoices")


def _receive(wish: _Wish, *, by: Actor) -> PaymentAttempt:
    contract, _ = usable_contract(wish.regie, channel=Channel.DESK)
    gateway = desk_gateway_named(contract.gateway)
    shares = _shares(wish, most_cents=gateway.limits.max_cents)
    checkout = Checkout.objects.create(
        household=wish.household,
        agent=wish.user,
        receipt_email=address_of(wish.household),
        operations=1,
        started_at=clock.now(),
    )
    attempt = freeze(
        regie=wish.regie, contract=contract, checkout=checkout, shares=shares, form_key=wish.form_key, by=by
    )
    send_attempt(attempt=attempt, link_for=lambda _: ("", ""), by=by)
    report = gateway.declare(merchant_for(attempt), attempt.reference, _handed(wish))
    evidence = store_evidence(attempt, report, Origin.DESK)
    if settle_within(evidence_id=evidence.id, by=by) != Settled.CAPTURED:
        raise RuntimeError(f"attempt {attempt.reference} was not captured")  # a bug of ours: all is undone
    PaymentAttempt.objects.filter(id=attempt.id).update(next_check_at=None)
    details = {"means": wish.brought.means.value, "amount_cents": wish.brought.amount_cents}
    record(by=by, action="payment.received_at_desk", subject=attempt.public_id, details=details)
    attempt.refresh_from_db()
    return attempt


def _shares(wish: _Wish, *, most_cents: int) -> list[tuple[Invoice, int]]:
    """What of the sum goes to each invoice, the one due first served first; a surplus kept goes with the last.

    Raises:
        DeskRefusedError, PaymentInProgressError: with the sentence to show.
    """
    brought, invoices = wish.brought, _payable(wish)
    whole = holding_places(invoices)
    if brought.amount_cents > most_cents:
        raise DeskRefusedError(f"Le guichet s’arrête à {format_cents(most_cents)} en une fois.", field="amount")
    by_date = sorted(invoices, key=lambda one: (one.due_on or date.max, one.id))
    owed = [Share(one.id, one.left_cents, one.left_cents) for one in by_date]
    settled, surplus_cents = allocate(brought.amount_cents, owed)
    if surplus_cents and brought.means not in KEEPS_SURPLUS:
        total = format_cents(brought.amount_cents - surplus_cents)
        raise DeskRefusedError(
            f"Les factures cochées font {total}\u202f: rendez {format_cents(surplus_cents)} à la famille, "
            f"ou cochez une autre facture.",
            field="amount",
        )
    shares = [(one, settled[one.id]) for one in by_date if one.id in settled]
    for one, cents in shares:
        if one.id in whole and cents < one.left_cents:
            told = f"La facture {one.number} garde des places réservées\u202f: elle se paie en entier, ou pas du tout."
            raise DeskRefusedError(told, field="amount")
    last, cents = shares[-1]
    return [*shares[:-1], (last, cents + surplus_cents)]


def _payable(wish: _Wish) -> Sequence[Invoice]:
    """The chosen invoices, locked; all of them can be paid here now."""
    chosen = list(_wanted(wish))
    if len(chosen) != len(wish.invoice_ids):
        raise DeskRefusedError("Une facture cochée n’est pas de cette famille ou de cette régie.", field="invoices")
    lock_orders([one.id for one in chosen])
    locked = lock_invoices([one.id for one in chosen])
    if len(locked) != len(chosen):
        settled = ", ".join(sorted({one.number for one in chosen} - {one.number for one in locked}))
        raise DeskRefusedError(f"Déjà soldée\u202f: {settled}. Décochez-la.", field="invoices")
    for one in locked:
        if one.sent_to_treasury_on is not None:
            told = f"La facture {one.number} est transmise à la Trésorerie\u202f: c’est là qu’elle se paie maintenant."
            raise DeskRefusedError(told, field="invoices")
    if held := held_lines(locked):
        raise _held(held)
    return locked


def _held(held: Mapping[int, AttemptLine]) -> PaymentError:
    """Why the first of these invoices has to wait: a payer is at their bank, or somebody has to decide (U1, U5)."""
    line = next(iter(held.values()))
    if not line.attempt.is_held:
        return in_progress(line)
    return DeskRefusedError(
        f"La facture {line.invoice.number} est retenue par le paiement {line.attempt.reference}, que la banque n’a pas "
        "confirmé\u202f: décidez d’abord de son dossier.",
        field="invoices",
    )


def _handed(wish: _Wish) -> Handed:
    brought, zone = wish.brought, the_town().zone
    is_today = brought.received_on == clock.today(zone)
    return Handed(
        amount_cents=brought.amount_cents,
        means=brought.means.value,
        number=brought.number,
        received_at=clock.now() if is_today else datetime.combine(brought.received_on, _NOON, tzinfo=zone),
        agent_id=wish.user.public_id,
        agent_name=wish.user.display_name,
    )
