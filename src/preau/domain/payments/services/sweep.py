"""What time does: asking gateways again, freeing invoices, giving up what was never sent."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from preau.domain.payments import rules
from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.gateway import gateway_named
from preau.domain.payments.models import PaymentAttempt, ReviewCase
from preau.domain.payments.queries.contracts import merchant_for
from preau.domain.payments.services.cases import open_case
from preau.domain.payments.services.moves import move, release_lines
from preau.domain.payments.services.settlement import Settled, apply_report
from preau.domain.payments.states import ASKABLE, HELD_STATES, AttemptState, Origin
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM

logger = logging.getLogger(__name__)

#: Seconds a question may take: while somebody waits for a page, and in the worker. Five silences of the worker must
#: fit in the minute of `outbound.Breaker`: else it never opens, and a bank that hangs keeps the mails waiting (G9).
PAGE_TIMEOUT, WORKER_TIMEOUT = 5.0, 12.0
#: A page never asks the same gateway about the same attempt more often (payment-gateways 9.4).
PAGE_SPACING = timedelta(seconds=5)
_BATCH = 100
#: A question that failed here, and not at the gateway, is asked again after this.
_AFTER_TROUBLE = timedelta(minutes=5)


def ask(attempt: PaymentAttempt, *, origin: Origin, timeout: float) -> Settled:
    """Ask the gateway about one attempt, outside any transaction, and let its answer act.

    Raises:
        GatewayUnavailableError: no usable answer; the schedule will ask again.
    """
    if attempt.gateway_reference is None or attempt.sent_at is None or attempt.window_ends_at is None:
        return Settled.IGNORED
    gateway = gateway_named(attempt.contract.gateway)
    if not gateway.can_ask:
        return Settled.IGNORED
    PaymentAttempt.objects.filter(id=attempt.id).update(last_asked_at=clock.now())
    report = gateway.ask(merchant_for(attempt), attempt.gateway_reference, timeout=timeout)
    verdict = rules.believed(
        report.verdict,
        sent_at=attempt.sent_at,
        window_ends_at=attempt.window_ends_at,
        now=clock.now(),
    )
    return apply_report(attempt=attempt, report=replace(report, verdict=verdict), origin=origin, by=SYSTEM)


def ask_due(*, limit: int = _BATCH) -> int:
    """Ask about every attempt whose next question is due; how many were asked."""
    due = PaymentAttempt.objects.filter(next_check_at__lte=clock.now()).select_related("contract", "regie")
    asked = 0
    for attempt in due.order_by("next_check_at")[:limit]:
        try:
            ask(attempt, origin=Origin.SWEEP, timeout=WORKER_TIMEOUT)
        except GatewayUnavailableError as silence:
            logger.warning("no answer about %s: %s", attempt.reference, silence)
        except Exception:  # one attempt in trouble must not keep the others waiting
            logger.exception("the question about %s failed", attempt.reference)
            PaymentAttempt.objects.filter(id=attempt.id).update(next_check_at=clock.now() + _AFTER_TROUBLE)
            continue
        _schedule(attempt.id)
        asked += 1
    return asked


@transaction.atomic
def _schedule(attempt_id: int) -> None:
    """Plan the next question; past the window without a verdict the attempt is "unknown", past a week expired."""
    attempt = PaymentAttempt.objects.select_for_update(of=("self",)).select_related("regie").get(id=attempt_id)
    now = clock.now()
    attempt.checks += 1
    attempt.next_check_at = None
    if attempt.state in ASKABLE and attempt.state != AttemptState.REFUSED and attempt.sent_at is not None:
        attempt.next_check_at = rules.next_check(sent_at=attempt.sent_at, now=now)
    attempt.save(update_fields=["checks", "next_check_at"])
    window_ends_at = attempt.window_ends_at
    if window_ends_at and attempt.state == AttemptState.SENT and now >= window_ends_at + rules.WINDOW_MARGIN:
        move(attempt, AttemptState.UNKNOWN, by=SYSTEM)
    if attempt.state == AttemptState.UNKNOWN and attempt.next_check_at is None:
        open_case(kind=ReviewCase.Kind.LONG_SILENCE, attempt=attempt, detail="Aucune réponse depuis sept jours")
        move(attempt, AttemptState.EXPIRED, by=SYSTEM)


def release_expired(invoice_ids: Iterable[int] | None = None) -> int:
    """Free the invoices whose lock has run out (A20), asking the gateway once before; how many attempts were freed.

    Attempts under review, or only declared paid, keep their invoices until a person or the statement decides.
    """
    now = clock.now()
    held = PaymentAttempt.objects.filter(lines__is_open=True).exclude(state__in=HELD_STATES)
    if invoice_ids is not None:
        held = held.filter(lines__invoice__in=list(invoice_ids))
    stale = Q(state=AttemptState.PREPARED, created_at__lte=now - rules.PREPARED_EXPIRES_AFTER)
    expired = held.filter(Q(locked_until__lte=now) | stale).select_related("contract", "regie").distinct()
    freed = 0
    for attempt in expired:
        if attempt.state in ASKABLE:
            try:
                ask(attempt, origin=Origin.SWEEP, timeout=PAGE_TIMEOUT)
            except GatewayUnavailableError as silence:
                logger.warning("no answer about %s before freeing its invoices: %s", attempt.reference, silence)
            except Exception:  # half an hour is promised to families, whatever one attempt meets
                logger.exception("the last question about %s failed", attempt.reference)
        freed += _free(attempt.id)
    return freed


@transaction.atomic
def _free(attempt_id: int) -> int:
    attempt = PaymentAttempt.objects.select_for_update(of=("self",)).get(id=attempt_id)
    now = clock.now()
    if attempt.state == AttemptState.PREPARED and attempt.created_at <= now - rules.PREPARED_EXPIRES_AFTER:
        move(attempt, AttemptState.ABANDONED, by=SYSTEM)
        return 1
    if attempt.locked_until > now or attempt.state in HELD_STATES:
        return 0
    return int(release_lines(attempt) > 0)
