"""From the click on « Payer » to the gateway's page."""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.payments import rules
from preau.domain.payments.errors import (
    AmountRefusedError,
    GatewayError,
    GatewayRefusedError,
    NothingToPayError,
    PaymentClosedError,
    PaymentError,
    PaymentInProgressError,
    ReceiptAddressError,
)
from preau.domain.payments.gateway import Gateway, Merchant, Order, Redirect, gateway_named
from preau.domain.payments.models import AttemptLine, BasketLine, Checkout, PaymentAttempt
from preau.domain.payments.services.baskets import check_part
from preau.domain.payments.services.moves import first_event, move
from preau.domain.payments.services.sweep import release_expired
from preau.domain.payments.states import AttemptState
from preau.domain.regies.models import GatewayContract, Regie
from preau.domain.regies.queries import window_states
from preau.domain.town.queries import the_town
from preau.foundation import clock, faults, ids
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.money import format_cents

#: Seconds the payer may wait for the gateway's page (payment-gateways 2.8).
START_TIMEOUT = 8.0
_CALL_LEASE = timedelta(seconds=20)
#: Letters of the invoice number that open a reference, and random characters after them (80 bits) (2.3).
_REFERENCE_PREFIX, _REFERENCE_BITS = 12, 80
UNAVAILABLE = "Le paiement en ligne est indisponible pour le moment. Rien n’a été débité : réessayez plus tard."


def start_payment(
    *,
    household: Household,
    user: User,
    regie: Regie,
    receipt_email: str,
    form_key: str,
    by: Actor,
    checkout: Checkout | None = None,
) -> PaymentAttempt:
    """Freeze what the basket holds for one régie and lock its invoices. The same form key gives the same attempt.

    Raises:
        NothingToPayError, PaymentClosedError, AmountRefusedError, ReceiptAddressError, PaymentInProgressError:
        nothing was written; each carries a sentence for the family.
    """
    known = PaymentAttempt.objects.filter(form_key=form_key, household=household).first()
    if known is not None:
        return known
    release_expired(line.invoice_id for line in _basket_lines(user, household, regie))
    try:
        with transaction.atomic():
            attempt = _prepare(
                household=household,
                user=user,
                regie=regie,
                receipt_email=receipt_email,
                form_key=form_key,
                by=by,
                checkout=checkout,
            )
    except IntegrityError as lost:
        return _lost_race(lost, household=household, user=user, regie=regie, form_key=form_key)
    faults.reach("attempt-committed")
    return attempt


def _lost_race(
    lost: IntegrityError,
    *,
    household: Household,
    user: User,
    regie: Regie,
    form_key: str,
) -> PaymentAttempt:
    """The same click a moment earlier, or another browser holding an invoice: the database told us which (P03)."""
    twin = PaymentAttempt.objects.filter(form_key=form_key, household=household).first()
    if twin is not None:
        return twin
    invoices = [line.invoice for line in _basket_lines(user, household, regie)]
    _refuse_locked(invoices)
    raise PaymentInProgressError("Un paiement est déjà en cours sur cette facture.") from lost


def _prepare(
    *,
    household: Household,
    user: User,
    regie: Regie,
    receipt_email: str,
    form_key: str,
    by: Actor,
    checkout: Checkout | None,
) -> PaymentAttempt:
    lines = _basket_lines(user, household, regie)
    invoices = _lock_invoices(lines)
    contract, gateway = _usable_contract(regie)
    shares = _shares(lines, invoices)
    amount = sum(cents for _, cents in shares)
    _check_request(gateway, invoices, regie, amount, receipt_email)
    now = clock.now()
    if checkout is None:
        checkout = Checkout.objects.create(
            household=household,
            user=user,
            receipt_email=receipt_email,
            operations=_regies_in_basket(user, household),
            started_at=now,
        )
    attempt = PaymentAttempt(
        form_key=form_key,
        reference=_new_reference(invoices[0]),
        checkout=checkout,
        household=household,
        regie=regie,
        contract=contract,
        merchant=contract.merchant,
        mode=contract.mode,
        amount_cents=amount,
        created_at=now,
        locked_until=now + timedelta(minutes=regie.lock_minutes),
    )
    attempt.digest = rules.frozen_digest(frozen_values(attempt), [(i.public_id, cents) for i, cents in shares])
    attempt.save(force_insert=True)
    AttemptLine.objects.bulk_create(
        AttemptLine(attempt=attempt, invoice=invoice, regie=regie, amount_cents=cents) for invoice, cents in shares
    )
    first_event(attempt, by=by)
    record(by=by, action="payment.prepared", subject=attempt.public_id, details={"amount_cents": amount})
    return attempt


def frozen_values(attempt: PaymentAttempt) -> dict[str, object]:
    """The columns of an attempt that its digest covers (I7)."""
    return {
        "reference": attempt.reference,
        "household": attempt.household_id,
        "regie": attempt.regie_id,
        "contract": attempt.contract_id,
        "merchant": attempt.merchant,
        "mode": attempt.mode,
        "amount_cents": attempt.amount_cents,
        "currency": attempt.currency,
    }


def _basket_lines(user: User, household: Household, regie: Regie) -> list[BasketLine]:
    lines = BasketLine.objects.filter(
        user=user,
        invoice__household=household,
        invoice__regie=regie,
        invoice__settled_on__isnull=True,
        invoice__sent_to_treasury_on__isnull=True,
    )
    return list(lines.select_related("invoice__regie").order_by("invoice_id"))


def _regies_in_basket(user: User, household: Household) -> int:
    lines = BasketLine.objects.filter(user=user, invoice__household=household, invoice__settled_on__isnull=True)
    return max(1, lines.values("invoice__regie").distinct().count())


def _lock_invoices(lines: Sequence[BasketLine]) -> list[Invoice]:
    """The basket's invoices, locked in primary-key order (E.4.4), still owed."""
    locked = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("regie")
        .filter(id__in=[line.invoice_id for line in lines], settled_on__isnull=True)
        .order_by("id")
    )
    invoices = list(locked)
    if not invoices:
        raise NothingToPayError("Votre panier ne contient aucune facture à payer pour cette régie.")
    return invoices


def _shares(lines: Sequence[BasketLine], invoices: Sequence[Invoice]) -> list[tuple[Invoice, int]]:
    """Each invoice with the cents to pay now, computed here and never read from the browser."""
    parts = {line.invoice_id: line.amount_cents for line in lines}
    shares = []
    for invoice in invoices:
        cents = parts[invoice.id] or invoice.left_cents
        check_part(invoice, cents)
        shares.append((invoice, cents))
    return shares


def _usable_contract(regie: Regie) -> tuple[GatewayContract, Gateway]:
    contract = GatewayContract.objects.filter(regie=regie, closed_on__isnull=True).first()
    if contract is None or not regie.is_active:
        raise PaymentClosedError(f"{regie.label} ne prend pas encore de paiement en ligne.")
    if settings.PREAU_ENV == "production" and contract.mode == GatewayContract.Mode.TEST:
        raise PaymentClosedError(f"Le paiement en ligne de {regie.label} est en cours d’essai et n’est pas encore ouvert.")
    return contract, gateway_named(contract.gateway)


def _check_request(gateway: Gateway, invoices: Sequence[Invoice], regie: Regie, amount: int, email: str) -> None:
    today = clock.today(the_town().zone)
    states = window_states([(regie, invoice.billed_month) for invoice in invoices], on=today)
    if not all(state.is_open for state in states.values()):
        raise PaymentClosedError(
            f"Le paiement en ligne de {regie.label} est fermé aujourd’hui. Les dates sont dans « Périodes de paiement ».",
        )
    limits = gateway.limits
    if not limits.min_cents <= amount <= limits.max_cents:
        raise AmountRefusedError(
            f"Le paiement en ligne accepte de {format_cents(limits.min_cents)} à {format_cents(limits.max_cents)} ; "
            f"ici le total est de {format_cents(amount)}.",
        )
    if not gateway.checks_email(email):
        raise ReceiptAddressError("Cette adresse électronique ne convient pas : vérifiez-la, elle sert à envoyer le reçu.")
    _refuse_locked(invoices)


def _refuse_locked(invoices: Sequence[Invoice]) -> None:
    held = AttemptLine.objects.filter(invoice__in=invoices, is_open=True).select_related("attempt", "invoice").first()
    if held is not None:
        zone = the_town().zone
        since = held.attempt.created_at.astimezone(zone)
        until = held.attempt.locked_until.astimezone(zone)
        raise PaymentInProgressError(
            f"Un paiement est déjà en cours sur la facture {held.invoice.number} depuis {since:%H h %M}. "
            f"S’il n’aboutit pas, elle sera libérée à {until:%H h %M}.",
            since=held.attempt.created_at,
            until=held.attempt.locked_until,
        )


def _new_reference(invoice: Invoice) -> str:
    """A reference for one attempt only: a readable beginning, then 80 random bits; letters and digits (2.3, R3)."""
    readable = "".join(c for c in invoice.number.upper() if c.isascii() and c.isalnum())[:_REFERENCE_PREFIX]
    return readable + ids.base32(_REFERENCE_BITS)


def new_form_key() -> str:
    """A key to put in a page, so that repeating its form repeats nothing."""
    return secrets.token_urlsafe(24)


def send_attempt(
    *,
    attempt: PaymentAttempt,
    link_for: Callable[[PaymentAttempt], tuple[str, str]],
    by: Actor,
) -> Redirect | None:
    """Open the operation at the gateway, outside any transaction, and say where to send the browser.

    `link_for` gives the (notification, return) addresses. None means that another click is opening it right now.

    Raises:
        PaymentError: the attempt is over, or the gateway could not open it (its invoices are then free again).
    """
    if attempt.state == AttemptState.SENT and attempt.gateway_reference:
        return Redirect(url=attempt.page_url, gateway_reference=attempt.gateway_reference)
    if attempt.state != AttemptState.PREPARED:
        raise PaymentError("Ce paiement est terminé. Revenez à votre panier pour recommencer.")
    if not _claim_call(attempt):
        return None
    gateway = gateway_named(attempt.contract.gateway)
    try:
        redirect = gateway.start(_order(attempt, link_for), timeout=START_TIMEOUT)
    except GatewayError as failure:
        _give_up(attempt.id, failure, by=by)
        sentence = failure.payer_message if isinstance(failure, GatewayRefusedError) else UNAVAILABLE
        raise PaymentError(sentence) from failure
    faults.reach("gateway-answered")
    if not _save_sent(attempt.id, redirect, minutes=gateway.limits.session_minutes, by=by):
        raise PaymentError("Ce paiement a été annulé entre-temps. Rien n’a été débité.")
    faults.reach("attempt-sent")
    return redirect


def _claim_call(attempt: PaymentAttempt) -> bool:
    now = clock.now()
    mine = PaymentAttempt.objects.filter(id=attempt.id, state=AttemptState.PREPARED).exclude(calling_until__gt=now)
    return mine.update(calling_until=now + _CALL_LEASE) == 1


def _order(attempt: PaymentAttempt, link_for: Callable[[PaymentAttempt], tuple[str, str]]) -> Order:
    notification_url, return_url = link_for(attempt)
    numbers = attempt.lines.order_by("invoice_id").values_list("invoice__number", flat=True)
    return Order(
        merchant=Merchant(attempt.merchant, attempt.mode, attempt.contract.settings),
        reference=attempt.reference,
        amount_cents=attempt.amount_cents,
        email=attempt.checkout.receipt_email,
        label=f"{attempt.regie.label} {' '.join(numbers)}",
        fiscal_year=attempt.lines.order_by("invoice__issued_on").values_list("invoice__issued_on__year", flat=True)[0],
        notification_url=notification_url,
        return_url=return_url,
    )


@transaction.atomic
def _save_sent(attempt_id: int, redirect: Redirect, *, minutes: int, by: Actor) -> bool:
    """Keep the gateway's reference; whether the payer may be sent there (not if they cancelled meanwhile)."""
    attempt = PaymentAttempt.objects.select_for_update(of=("self",)).get(id=attempt_id)
    now = clock.now()
    attempt.gateway_reference = redirect.gateway_reference
    attempt.page_url = redirect.url
    attempt.sent_at = now
    attempt.window_ends_at = now + timedelta(minutes=minutes)
    attempt.next_check_at = rules.next_check(sent_at=now, now=now)
    attempt.calling_until = None
    attempt.save(
        update_fields=["gateway_reference", "page_url", "sent_at", "window_ends_at", "next_check_at", "calling_until"],
    )
    if attempt.state == AttemptState.PREPARED:
        move(attempt, AttemptState.SENT, by=by)
    return attempt.state == AttemptState.SENT


@transaction.atomic
def _give_up(attempt_id: int, failure: GatewayError, *, by: Actor) -> None:
    attempt = PaymentAttempt.objects.select_for_update(of=("self",)).get(id=attempt_id)
    attempt.bank_code = failure.code if isinstance(failure, GatewayRefusedError) else ""
    attempt.bank_label = str(failure)[:150]
    attempt.calling_until = None
    attempt.save(update_fields=["bank_code", "bank_label", "calling_until"])
    move(attempt, AttemptState.ABANDONED, by=by)


@transaction.atomic
def cancel_attempt(*, attempt: PaymentAttempt, by: Actor) -> bool:
    """Stop waiting and free the invoices at once; the gateway is still asked, and a late payment still counts.

    Returns whether there was anything to stop.
    """
    locked = PaymentAttempt.objects.select_for_update(of=("self",)).get(id=attempt.id)
    if locked.state not in {AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNKNOWN}:
        return False
    move(locked, AttemptState.ABANDONED, by=by)
    record(by=by, action="payment.cancelled_by_payer", subject=locked.public_id)
    return True
