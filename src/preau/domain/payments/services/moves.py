"""The one door through which an attempt changes state."""

from preau.domain.payments.errors import ForbiddenTransitionError
from preau.domain.payments.models import AttemptEvent, AttemptLine, PaymentAttempt
from preau.domain.payments.states import OPEN_STATES, SOFT_ENDS, TRANSITIONS, AttemptState
from preau.foundation import clock
from preau.foundation.audit.actors import Actor


def first_event(attempt: PaymentAttempt, *, by: Actor) -> None:
    """Open the history of an attempt just created."""
    AttemptEvent.objects.create(
        attempt=attempt,
        sequence=1,
        from_state="",
        to_state=attempt.state,
        name="prepared",
        actor=str(by),
        at=clock.now(),
    )


def move(attempt: PaymentAttempt, to: AttemptState, *, by: Actor) -> None:
    """Move a locked attempt along the table of states, keep the event, free its invoices when it ends.

    Raises:
        ForbiddenTransitionError: the table does not hold this move.
    """
    origin = AttemptState(attempt.state)
    name = TRANSITIONS.get((origin, to))
    if name is None:
        raise ForbiddenTransitionError(f"attempt {attempt.reference}: {origin} -> {to}")
    now = clock.now()
    attempt.state = to
    attempt.ended_at = None if to in OPEN_STATES else now
    attempt.save(update_fields=["state", "ended_at"])
    last = attempt.events.order_by("-sequence").values_list("sequence", flat=True)[0]
    AttemptEvent.objects.create(
        attempt=attempt,
        sequence=last + 1,
        from_state=origin,
        to_state=to,
        name=name,
        actor=str(by),
        at=now,
    )
    if to in SOFT_ENDS or to in {AttemptState.CAPTURED, AttemptState.CLOSED}:
        release_lines(attempt)


def release_lines(attempt: PaymentAttempt) -> int:
    """Free the invoices that an attempt holds; how many were held."""
    return AttemptLine.objects.filter(attempt=attempt, is_open=True).update(is_open=False)
