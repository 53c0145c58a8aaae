"""Every state met by every event, tried whole on the database: where it leads, and that nothing else moves (I21)."""

from datetime import timedelta
from itertools import product

import pytest

from preau.domain.payments.errors import PaymentError
from preau.domain.payments.gateway import Report
from preau.domain.payments.models import AttemptLine, Capture, PaymentAttempt, Receipt
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.settlement import apply_report
from preau.domain.payments.services.sweep import release_expired
from preau.domain.payments.states import HELD_STATES, OPEN_STATES, AttemptState, Origin, Verdict
from preau.domain.payments.tests.conftest import PARENT, links
from preau.domain.payments.tests.test_states import in_state
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from tests.support.factories import NOON

pytestmark = pytest.mark.django_db

S = AttemptState


def says(verdict: Verdict, *, authentic: bool = True, origin: Origin = Origin.NOTIFICATION, **changes):
    """The bank's word reaches the attempt."""

    def happen(attempt: PaymentAttempt, bank) -> None:
        report = Report(
            **{
                "verdict": verdict,
                "authentic": authentic,
                "gateway_reference": attempt.gateway_reference or "",
                "reference": attempt.reference,
                "merchant": attempt.merchant,
                "mode": attempt.mode,
                "amount_cents": attempt.amount_cents,
                "transaction_reference": "AUTO01",
                "means": "card_online",
                "occurred_at": NOON,
                **changes,
            }
        )
        apply_report(attempt=attempt, report=report, origin=origin, by=SYSTEM)

    return happen


def cancelled_here(attempt: PaymentAttempt, bank) -> None:
    cancel_attempt(attempt=attempt, by=PARENT)


def half_an_hour_later(attempt: PaymentAttempt, bank) -> None:
    with clock.frozen(NOON + timedelta(minutes=31)):
        release_expired()


def clicked_again(attempt: PaymentAttempt, bank) -> None:
    try:
        send_attempt(attempt=attempt, link_for=links, by=PARENT)
    except PaymentError:
        return


EVENTS = {
    "paid": says(Verdict.PAID),
    "paid, by statement": says(Verdict.PAID, origin=Origin.STATEMENT),
    "paid, forged": says(Verdict.PAID, authentic=False),
    "paid, one cent more": says(Verdict.PAID, amount_cents=2401),
    "pending": says(Verdict.PENDING),
    "refused": says(Verdict.REFUSED),
    "left": says(Verdict.CANCELLED),
    "never paid": says(Verdict.EXPIRED),
    "undone": says(Verdict.UNDONE),
    "refunded": says(Verdict.REFUNDED),
    "cancelled here": cancelled_here,
    "half an hour": half_an_hour_later,
    "clicked again": clicked_again,
}
#: (state, event) → the state it leads to; whatever is not here changes nothing.
LEADS = {
    **{(state, event): S.CAPTURED for state in (S.SENT, S.UNKNOWN, S.DECLARED, S.REFUSED, S.ABANDONED, S.EXPIRED)
       for event in ("paid", "paid, by statement")},
    **{(state, "paid, one cent more"): S.ANOMALY
       for state in (S.PREPARED, S.SENT, S.UNKNOWN, S.DECLARED, S.REFUSED, S.ABANDONED, S.EXPIRED)},
    # Paid, though nobody was sent there: a person looks.
    (S.PREPARED, "paid"): S.ANOMALY,
    (S.PREPARED, "paid, by statement"): S.ANOMALY,
    **{(state, "refused"): S.REFUSED for state in (S.SENT, S.UNKNOWN, S.ABANDONED)},
    **{(state, event): S.ABANDONED for state in (S.SENT, S.UNKNOWN) for event in ("left", "undone", "cancelled here")},
    (S.PREPARED, "cancelled here"): S.ABANDONED,
    (S.PREPARED, "half an hour"): S.ABANDONED,
    (S.PREPARED, "clicked again"): S.SENT,
    (S.SENT, "never paid"): S.EXPIRED,
    (S.UNKNOWN, "never paid"): S.EXPIRED,
}  # fmt: skip


def paid(scene, bank) -> PaymentAttempt:
    attempt = scene.send()
    EVENTS["paid"](attempt, bank)
    attempt.refresh_from_db()
    return attempt


@pytest.mark.parametrize(("origin", "event"), list(product(AttemptState, EVENTS)))
def test_every_event_in_every_state(scene, bank, origin, event):
    attempt = paid(scene, bank) if origin == S.CAPTURED else in_state(scene, origin)
    events = attempt.events.count()
    EVENTS[event](attempt, bank)
    attempt.refresh_from_db()
    expected = LEADS.get((origin, event), origin)
    assert attempt.state == expected
    assert attempt.events.count() == events + (expected != origin)
    is_paid = expected == S.CAPTURED
    assert (Capture.objects.count(), Receipt.objects.count()) == (is_paid, is_paid)
    # An invoice is held while its attempt is open, past the half hour only where a person or the bank must end it.
    was_freed = origin not in OPEN_STATES or (event == "half an hour" and expected not in HELD_STATES)
    held = AttemptLine.objects.filter(attempt=attempt, is_open=True).exists()
    assert held == (expected in OPEN_STATES and not was_freed)
