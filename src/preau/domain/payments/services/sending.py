"""From the frozen attempt to the gateway's page, and giving up."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.db import IntegrityError, transaction

from preau.domain.payments import rules
from preau.domain.payments.errors import GatewayError, GatewayRefusedError, GatewayUnavailableError, PaymentError
from preau.domain.payments.gateway import Order, Payer, Redirect, gateway_named
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.queries.contracts import merchant_for
from preau.domain.payments.services.moves import move
from preau.domain.payments.services.sweep import PAGE_TIMEOUT, ask
from preau.domain.payments.states import AttemptState, Origin
from preau.foundation import clock, faults
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

logger = logging.getLogger(__name__)

#: Seconds the payer may wait for the gateway's page (payment-gateways 2.8).
START_TIMEOUT = 8.0
_CALL_LEASE = timedelta(seconds=20)
UNAVAILABLE = "Le paiement en ligne est indisponible pour le moment. Rien n’a été débité : réessayez plus tard."


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
        return Redirect(attempt.page_url, attempt.gateway_reference, attempt.page_fields)
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
    try:
        is_sent = _save_sent(attempt.id, redirect, minutes=gateway.limits.session_minutes, by=by)
    except IntegrityError as reused:  # the operation of another payment (G5): nobody is sent to pay that one
        logger.exception("the gateway gave %s an operation that serves another payment", attempt.reference)
        _give_up(attempt.id, GatewayUnavailableError("operation of another payment"), by=by)
        raise PaymentError(UNAVAILABLE) from reused
    if not is_sent:
        raise PaymentError("Ce paiement a été annulé entre-temps. Rien n’a été débité.")
    faults.reach("attempt-sent")
    return redirect


def _claim_call(attempt: PaymentAttempt) -> bool:
    now = clock.now()
    mine = PaymentAttempt.objects.filter(id=attempt.id, state=AttemptState.PREPARED).exclude(calling_until__gt=now)
    return mine.update(calling_until=now + _CALL_LEASE) == 1


def _order(attempt: PaymentAttempt, link_for: Callable[[PaymentAttempt], tuple[str, str]]) -> Order:
    notification_url, return_url = link_for(attempt)
    numbers = list(attempt.lines.order_by("invoice_id").values_list("invoice__number", flat=True))
    return Order(
        merchant=merchant_for(attempt),
        reference=attempt.reference,
        amount_cents=attempt.amount_cents,
        email=attempt.checkout.receipt_email,
        payer=_payer(attempt),
        lines=len(numbers),
        label=f"{attempt.regie.label} {' '.join(numbers)}",
        fiscal_year=attempt.lines.order_by("invoice__issued_on").values_list("invoice__issued_on__year", flat=True)[0],
        notification_url=notification_url,
        return_url=return_url,
    )


def _payer(attempt: PaymentAttempt) -> Payer:
    """The adult who pays, at the family's address."""
    household = attempt.household
    adults = household.guardians.order_by("position")
    guardian = adults.filter(user=attempt.checkout.user_id).first() or adults.first()
    return Payer(
        first_name=guardian.first_name if guardian else "",
        last_name=guardian.last_name if guardian else household.file_name,
        address=household.address,
        postal_code=household.postal_code,
        city=household.city,
    )


@transaction.atomic
def _save_sent(attempt_id: int, redirect: Redirect, *, minutes: int, by: Actor) -> bool:
    """Keep the gateway's reference; whether the payer may be sent there (not if they cancelled meanwhile)."""
    attempt = PaymentAttempt.objects.select_for_update(of=("self",)).get(id=attempt_id)
    now = clock.now()
    attempt.gateway_reference = redirect.gateway_reference
    attempt.page_url, attempt.page_fields = redirect.url, dict(redirect.fields)
    attempt.sent_at = now
    attempt.window_ends_at = now + timedelta(minutes=minutes)
    attempt.next_check_at = rules.next_check(sent_at=now, now=now)
    attempt.calling_until = None
    attempt.save(
        update_fields=[
            "gateway_reference",
            "page_url",
            "page_fields",
            "sent_at",
            "window_ends_at",
            "next_check_at",
            "calling_until",
        ],
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
    if attempt.state == AttemptState.PREPARED:  # else the payer cancelled during the call
        move(attempt, AttemptState.ABANDONED, by=by)


def cancel_attempt(*, attempt: PaymentAttempt, by: Actor) -> bool:
    """Stop waiting and free the invoices at once; the gateway is still asked, and a late payment still counts.

    It is asked once before, outside any transaction: whoever has just paid is not led to pay again.
    Returns whether there was anything to stop.
    """
    if attempt.state in {AttemptState.SENT, AttemptState.UNKNOWN}:
        with suppress(GatewayUnavailableError):
            ask(attempt, origin=Origin.SWEEP, timeout=PAGE_TIMEOUT)
    return _stop(attempt.id, by=by)


@transaction.atomic
def _stop(attempt_id: int, *, by: Actor) -> bool:
    locked = PaymentAttempt.objects.select_for_update(of=("self",)).get(id=attempt_id)
    if locked.state not in {AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNKNOWN}:
        return False
    move(locked, AttemptState.ABANDONED, by=by)
    record(by=by, action="payment.cancelled_by_payer", subject=locked.public_id)
    return True
