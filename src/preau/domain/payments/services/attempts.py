"""The click on « Payer »: what is asked is frozen, and its invoices held."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.billing.queries import is_paid_first
from preau.domain.families.models import Household
from preau.domain.payments.errors import (
    AmountRefusedError,
    NothingToPayError,
    PaymentClosedError,
    PaymentError,
    ReceiptAddressError,
)
from preau.domain.payments.gateway import Gateway
from preau.domain.payments.models import AttemptLine, BasketLine, Checkout, PaymentAttempt
from preau.domain.payments.queries.baskets import basket_of
from preau.domain.payments.queries.checkouts import checkout_to_resume
from preau.domain.payments.services.baskets import check_part
from preau.domain.payments.services.freezing import freeze, held_lines, in_progress, lock_invoices, usable_contract
from preau.domain.payments.services.sweep import release_expired
from preau.domain.regies.models import Channel, Regie
from preau.domain.regies.queries import window_states
from preau.domain.regies.rules import closed_sentence
from preau.domain.town.queries import the_town
from preau.foundation import clock, faults
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.money import format_cents


def start_payment(
    *,
    household: Household,
    user: User,
    receipt_email: str,
    form_key: str,
    shown_cents: int,
    by: Actor,
    checkout_id: str = "",
) -> PaymentAttempt:
    """Freeze the next operation of the basket and lock its invoices. The same form key gives the same attempt.

    `shown_cents` is what the page announced for this operation: another amount is never charged in silence (U6).
    `checkout_id` continues a chain of operations (design 4.8).

    Raises:
        PaymentError: nothing was written; its subclass says why, its message is for the family.
    """
    click = Click(receipt_email, form_key, shown_cents, checkout_id)
    if known := known_attempt(household, click):
        return known
    release_expired(list(_basket_lines(user, household).values_list("invoice_id", flat=True)))
    attempt = prepare_payment(household=household, user=user, click=click, by=by)
    faults.reach("attempt-committed")
    return attempt


@dataclass(frozen=True, slots=True)
class Click:
    """What comes with a click on « Payer »; `shown_cents` is what the page announced for its operation."""

    receipt_email: str
    form_key: str
    shown_cents: int
    checkout_id: str = ""


def known_attempt(household: Household, click: Click) -> PaymentAttempt | None:
    """The attempt that the same click already started, if it did."""
    return PaymentAttempt.objects.filter(form_key=click.form_key, household=household).first()


def prepare_payment(
    *, household: Household, user: User, click: Click, by: Actor, only: frozenset[int] | None = None
) -> PaymentAttempt:
    """Freeze the next operation of the basket, or of these invoices of it (ids) alone; no bank is asked anything.

    Raises:
        PaymentError: nothing was written; its subclass says why, its message is for the family.
    """
    regie, operations = _next_regie(user, household, only)
    wish = _Wish(household, user, regie, operations, click, only)
    try:
        with transaction.atomic():
            return _prepare(wish, by=by)
    except (IntegrityError, PaymentError) as lost:
        return _lost_race(lost, wish)


@dataclass(frozen=True, slots=True)
class _Wish:
    household: Household
    user: User
    regie: Regie
    operations: int
    click: Click
    only: frozenset[int] | None

    def lines(self, regie: Regie | None = None) -> QuerySet[BasketLine]:
        return _basket_lines(self.user, self.household, regie, self.only)


def _next_regie(user: User, household: Household, only: frozenset[int] | None) -> tuple[Regie, int]:
    """The first régie of the basket that can be paid now, else the first one, whose refusal will be told.

    And how many can be paid now, one operation each.
    """
    basket = basket_of(user=user, household=household, today=clock.today(the_town().zone), only=only)
    groups = basket.ready_groups or basket.groups
    if not groups:
        raise NothingToPayError("Votre panier est vide : choisissez d’abord une facture à payer.")
    return groups[0].regie, len(groups)


def _lost_race(lost: IntegrityError | PaymentError, wish: _Wish) -> PaymentAttempt:
    """The same click a moment earlier, or another browser holding an invoice: the database told us which (P03)."""
    if twin := known_attempt(wish.household, wish.click):
        return twin
    if isinstance(lost, PaymentError):
        raise lost
    held = AttemptLine.objects.filter(invoice__in=wish.lines().values("invoice"), is_open=True)
    line = held.select_related("attempt", "invoice").first()
    if line is None:
        raise lost
    raise in_progress(line) from lost


def _prepare(wish: _Wish, *, by: Actor) -> PaymentAttempt:
    parts = dict(wish.lines(wish.regie).values_list("invoice_id", "amount_cents"))
    invoices = _payable_now(wish.regie, lock_invoices(parts))
    contract, gateway = usable_contract(wish.regie, channel=Channel.ONLINE)
    shares = _shares(parts, invoices, smallest_cents=gateway.limits.min_cents)
    amount = sum(cents for _, cents in shares)
    _check_request(gateway, wish, amount)
    attempt = freeze(
        regie=wish.regie,
        contract=contract,
        checkout=_checkout(wish),
        shares=shares,
        form_key=wish.click.form_key,
        by=by,
    )
    record(by=by, action="payment.prepared", subject=attempt.public_id, details={"amount_cents": amount})
    faults.reach("attempt-written")
    return attempt


def _checkout(wish: _Wish) -> Checkout:
    """The chain this operation belongs to: the one it continues, on the same page or later, or a new one."""
    known = Checkout.objects.filter(public_id=wish.click.checkout_id, household=wish.household, user=wish.user).first()
    if known is not None:
        return known
    begun = checkout_to_resume(user=wish.user, household=wish.household, regie=wish.regie, ready=wish.operations)
    if begun is not None:
        return begun
    return Checkout.objects.create(
        household=wish.household,
        user=wish.user,
        receipt_email=wish.click.receipt_email,
        operations=wish.operations,
        started_at=clock.now(),
    )


def _basket_lines(
    user: User, household: Household, regie: Regie | None = None, only: frozenset[int] | None = None
) -> QuerySet[BasketLine]:
    lines = BasketLine.objects.filter(
        user=user,
        invoice__household=household,
        invoice__settled_on__isnull=True,
        invoice__sent_to_treasury_on__isnull=True,
    )
    if only is not None:
        lines = lines.filter(invoice__in=only)
    return lines if regie is None else lines.filter(invoice__regie=regie)


def _payable_now(regie: Regie, invoices: Sequence[Invoice]) -> list[Invoice]:
    """Those that no window and no other payment holds back.

    Raises:
        PaymentClosedError, PaymentInProgressError, NothingToPayError: none is left, with the reason of the first.
    """
    today = clock.today(the_town().zone)
    states = window_states([(regie, invoice.billed_month) for invoice in invoices], on=today)
    held = held_lines(invoices)
    free = [i for i in invoices if (is_paid_first(i) or states[regie.id, i.billed_month].is_open) and i.id not in held]
    if free:
        return free
    if held:
        raise in_progress(next(iter(held.values())))
    if invoices:
        first = invoices[0]
        raise PaymentClosedError(closed_sentence(regie.label, first.billed_month, states[regie.id, first.billed_month]))
    raise NothingToPayError("Votre panier ne contient plus rien à payer.")


def _shares(
    parts: Mapping[int, int | None], invoices: Sequence[Invoice], *, smallest_cents: int
) -> list[tuple[Invoice, int]]:
    """Each invoice with the cents to pay now, computed here and never read from the browser."""
    shares = []
    for invoice in invoices:
        cents = parts[invoice.id] or invoice.left_cents
        check_part(invoice, cents, smallest_cents=smallest_cents)
        shares.append((invoice, cents))
    return shares


def _check_request(gateway: Gateway, wish: _Wish, amount: int) -> None:
    if refusal := gateway.limits.refusal(amount):
        raise AmountRefusedError(refusal)
    if amount != wish.click.shown_cents:
        raise AmountRefusedError(
            f"Le montant a changé depuis l’affichage de la page : il est maintenant de {format_cents(amount)}. "
            "Vérifiez votre panier puis recommencez.",
        )
    if not gateway.checks_email(wish.click.receipt_email):
        raise ReceiptAddressError(
            "Cette adresse électronique ne convient pas : vérifiez-la, elle sert à envoyer le reçu."
        )


def new_form_key() -> str:
    """A key to put in a page, so that repeating its form repeats nothing."""
    return secrets.token_urlsafe(24)
