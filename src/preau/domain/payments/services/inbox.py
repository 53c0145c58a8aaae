"""Messages from outside: stored first, understood afterwards (design 4.6, K6, K7)."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.gateway import Gateway, Message, Report, gateway_named
from preau.domain.payments.models import GatewayMessage, PaymentAttempt
from preau.domain.payments.queries.contracts import merchant_for
from preau.domain.payments.services.settlement import apply_report
from preau.domain.payments.services.sweep import PAGE_SPACING, PAGE_TIMEOUT, WORKER_TIMEOUT, ask
from preau.domain.payments.states import ASKABLE, AttemptState, MessageVerdict, Origin
from preau.foundation import clock, faults
from preau.foundation.audit.actors import SYSTEM

logger = logging.getLogger(__name__)

#: Bytes of a message that are kept; a longer body is refused by the caller before it is read (N13).
MAX_BODY = 64 * 1024
MAX_QUERY = 8192
#: Bytes kept of the body, and characters of the query, of a message that names no operation of ours: enough to
#: understand it, too little to fill a disk.
STRANGER_BODY = 512
#: Bytes kept of a message whose address names no attempt, but which may do so itself (a bank's back office).
UNADDRESSED_BODY = 8192
#: Messages within an hour that are not the bank's, from which somebody is told (N7).
MANY_FORGED = 50
_FORGED = {MessageVerdict.NOT_AUTHENTIC, MessageVerdict.UNKNOWN, MessageVerdict.UNREADABLE}
_RETRY_MINUTES = (1, 2, 5, 10, 30)
_RETURN_PATIENCE = timedelta(seconds=10)
_REPEAT_SPACING = timedelta(minutes=1)
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer to a gateway: status and text."""

    status: int = 200
    text: str = ""


@transaction.atomic(durable=True)
def receive(
    *,
    gateway: str,
    origin: Origin,
    return_token: str,
    method: str,
    message: Message,
    source_address: str,
) -> GatewayMessage:
    """Store a message as it came. Whatever it says, it is on disk before anything acts on it."""
    token = _storable(return_token, 64)
    attempt = PaymentAttempt.objects.filter(return_token=token).first() if token else _named_attempt(gateway, message)
    kept = MAX_BODY if attempt else STRANGER_BODY if token else UNADDRESSED_BODY
    now = clock.now()
    return GatewayMessage.objects.create(
        gateway=_storable(gateway, 20),
        origin=origin,
        return_token=token,
        attempt=attempt,
        method=_storable(method, 8),
        query=_storable(message.query, min(kept, MAX_QUERY)),
        body=message.body[:kept],
        body_size=len(message.body),
        body_sha256=hashlib.sha256(message.body).hexdigest(),
        content_type=_storable(message.content_type, 100),
        source_address=_storable(source_address, 45),
        received_at=now,
        next_try_at=now,
    )


def _named_attempt(gateway_code: str, message: Message) -> PaymentAttempt | None:
    """The attempt that a message names by itself, at the address that a bank's back office keeps and replays to."""
    try:
        named = gateway_named(gateway_code).reference_in(message)
    except LookupError:
        return None
    return (
        PaymentAttempt.objects.filter(contract__gateway=gateway_code, gateway_reference=named).first()
        if named
        else None
    )


def _storable(text: str, longest: int) -> str:
    """What a stranger sent, as both databases can hold it: PostgreSQL refuses NUL and texts longer than the column."""
    return text[:longest].replace("\x00", "\ufffd")


def answer_to(stored: GatewayMessage) -> Answer:
    """What the sender of a notification is told once it is stored: whether it will act is nobody's business but ours.

    Some banks want a refusal for what they did not sign (9.7); the signature alone is looked at here.
    """
    try:
        gateway = gateway_named(stored.gateway)
        attempt = _attempt_of(stored)
        is_genuine = attempt is not None and _is_genuine(stored, attempt, gateway)
    except LookupError:
        return Answer()
    except Exception:  # it is stored: what is wrong here is ours to mend, and the bank would not repeat it
        logger.exception("message %s could not be answered", stored.public_id)
        return Answer()
    return Answer(200, gateway.answers.accepted) if is_genuine else Answer(gateway.answers.refused_status)


def _is_genuine(stored: GatewayMessage, attempt: PaymentAttempt, gateway: Gateway) -> bool:
    message = _message(stored)
    if gateway.reference_in(message) != attempt.gateway_reference or attempt.contract.gateway != gateway.code:
        return False
    report = gateway.read(merchant_for(attempt), message)
    return report is None or report.authentic or gateway.is_hearsay


def process(message: GatewayMessage) -> MessageVerdict:
    """Understand a stored message: a signed one acts, any other may only make us ask the gateway.

    A gateway that does not answer leaves the message waiting for its next try. The try is counted before it is made:
    one cut short by the death of the process is not taken for a question answered (K10).
    """
    faults.reach("message-stored")
    message.tries += 1
    message.save(update_fields=["tries"])
    gateway = _gateway_of(message)
    # Read again: messages are fetched together, and the one before may have just settled this attempt.
    attempt = _attempt_of(message)
    if gateway is None or attempt is None:
        return _judge(message, MessageVerdict.UNKNOWN)
    named = gateway.reference_in(_message(message))
    says_nothing = named is None and (message.origin == Origin.NOTIFICATION or not gateway.can_ask)
    if says_nothing:
        return _judge(message, MessageVerdict.UNREADABLE)
    if named is not None and named != attempt.gateway_reference:
        return _judge(message, MessageVerdict.NOT_AUTHENTIC)
    report = gateway.read(merchant_for(attempt), _message(message)) if named is not None else None
    if report is not None:
        return _judge(message, _heard(attempt, report, message, is_hearsay=gateway.is_hearsay))
    return _asked(attempt, message)


def _heard(attempt: PaymentAttempt, report: Report, message: GatewayMessage, *, is_hearsay: bool) -> MessageVerdict:
    """What a message that speaks for itself is worth, after it has acted."""
    if not report.authentic and not is_hearsay:
        return MessageVerdict.NOT_AUTHENTIC
    apply_report(attempt=attempt, report=report, origin=Origin(message.origin), by=SYSTEM, message=message)
    return MessageVerdict.AUTHENTIC if report.authentic else MessageVerdict.DECLARED


def _asked(attempt: PaymentAttempt, message: GatewayMessage) -> MessageVerdict:
    if _may_ask(attempt, message):
        background = message.origin == Origin.NOTIFICATION
        try:
            ask(attempt, origin=Origin(message.origin), timeout=WORKER_TIMEOUT if background else PAGE_TIMEOUT)
        except GatewayUnavailableError as silence:
            logger.warning("message %s waits, the gateway is silent: %s", message.public_id, silence)
            return _postpone(message)
    return _judge(message, MessageVerdict.AUTHENTIC)


def _message(stored: GatewayMessage) -> Message:
    return Message(stored.query, bytes(stored.body), stored.content_type)


def _gateway_of(message: GatewayMessage) -> Gateway | None:
    try:
        return gateway_named(message.attempt.contract.gateway if message.attempt else message.gateway)
    except LookupError:
        return None


def _attempt_of(message: GatewayMessage) -> PaymentAttempt | None:
    if message.attempt_id is None:
        return None
    return PaymentAttempt.objects.select_related("contract").get(id=message.attempt_id)


def _may_ask(attempt: PaymentAttempt, message: GatewayMessage) -> bool:
    """A page asks no more than once every five seconds, and what was asked since the message came is not asked again.

    A captured attempt has nothing to learn from a repeat, but a message that comes a minute later may announce
    a second payment (G7).
    """
    if attempt.last_asked_at is None:
        return attempt.state in ASKABLE
    if message.tries == 1 and attempt.last_asked_at > message.received_at:
        return False
    silence = clock.now() - attempt.last_asked_at
    if attempt.state == AttemptState.CAPTURED:
        return message.origin == Origin.NOTIFICATION and silence >= _REPEAT_SPACING
    return attempt.state in ASKABLE and (message.origin == Origin.NOTIFICATION or silence >= PAGE_SPACING)


def payer_returned(*, return_token: str, method: str, message: Message, source_address: str) -> None:
    """The browser came back: keep what it brought, ask the gateway at once; without an answer, ask again soon.

    The gateway's notice is often a second behind the browser, so the next question is brought forward.
    """
    token = _storable(return_token, 64)
    attempt = PaymentAttempt.objects.select_related("contract").filter(return_token=token).first()
    stored = receive(
        gateway=attempt.contract.gateway if attempt else "",
        origin=Origin.RETURN,
        return_token=return_token,
        method=method,
        message=message,
        source_address=source_address,
    )
    _process_or_postpone(stored)
    if attempt is not None:
        soon = clock.now() + _RETURN_PATIENCE
        waiting = PaymentAttempt.objects.filter(id=attempt.id, state=AttemptState.SENT, next_check_at__gt=soon)
        waiting.update(next_check_at=soon)


def process_due(*, limit: int = _BATCH) -> int:
    """Process the messages that wait, oldest first; how many were judged."""
    waiting = GatewayMessage.objects.filter(processed_at__isnull=True, next_try_at__lte=clock.now())
    verdicts = [_process_or_postpone(message) for message in waiting.order_by("received_at")[:limit]]
    _alert_of_forgeries(sum(verdict in _FORGED for verdict in verdicts))
    return sum(verdict != MessageVerdict.WAITING for verdict in verdicts)


def _alert_of_forgeries(new: int) -> None:
    """Tell it when the threshold is passed, not at each message of a flood."""
    if not new:
        return
    since = clock.now() - timedelta(hours=1)
    forged = GatewayMessage.objects.filter(verdict__in=_FORGED, received_at__gt=since).count()
    if forged - new < MANY_FORGED <= forged:
        logger.error("%s messages within an hour are not from the bank", forged)


def _process_or_postpone(message: GatewayMessage) -> MessageVerdict:
    """One message in trouble keeps neither the others nor the payer's page waiting."""
    try:
        return process(message)
    except Exception:
        logger.exception("message %s could not be processed", message.public_id)
        return _postpone(message)


def _judge(message: GatewayMessage, verdict: MessageVerdict) -> MessageVerdict:
    message.verdict, message.processed_at = verdict, clock.now()
    message.save(update_fields=["verdict", "processed_at"])
    if verdict not in {MessageVerdict.AUTHENTIC, MessageVerdict.WAITING}:
        logger.warning("%s from %s: %s", message.origin, message.source_address, verdict.label)
    return verdict


def _postpone(message: GatewayMessage) -> MessageVerdict:
    """Try again later; once the tries are over the attempt's own schedule goes on asking."""
    if message.tries > len(_RETRY_MINUTES):
        return _judge(message, MessageVerdict.UNANSWERED)
    message.next_try_at = clock.now() + timedelta(minutes=_RETRY_MINUTES[message.tries - 1])
    message.save(update_fields=["next_try_at"])
    return MessageVerdict.WAITING
