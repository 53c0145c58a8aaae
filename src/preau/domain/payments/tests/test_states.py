"""The table of states, tried whole: every permitted move works, every other is refused and leaves no trace."""

from itertools import product

import pytest

from preau.domain.payments.errors import ForbiddenTransitionError
from preau.domain.payments.models import AttemptLine, PaymentAttempt
from preau.domain.payments.rules import next_state
from preau.domain.payments.services.moves import move
from preau.domain.payments.states import (
    ASKABLE,
    HELD_STATES,
    OPEN_STATES,
    SOFT_ENDS,
    TRANSITIONS,
    AttemptState,
    Verdict,
)
from preau.foundation.audit.actors import SYSTEM

pytestmark = pytest.mark.django_db

#: A path of permitted moves from `sent` to each state.
PATHS = {
    AttemptState.SENT: [],
    AttemptState.UNKNOWN: [AttemptState.UNKNOWN],
    AttemptState.ANOMALY: [AttemptState.ANOMALY],
    AttemptState.DECLARED: [AttemptState.DECLARED],
    AttemptState.CAPTURED: [AttemptState.CAPTURED],
    AttemptState.REFUSED: [AttemptState.REFUSED],
    AttemptState.ABANDONED: [AttemptState.ABANDONED],
    AttemptState.EXPIRED: [AttemptState.EXPIRED],
    AttemptState.CLOSED: [AttemptState.ANOMALY, AttemptState.CLOSED],
}


def in_state(scene, state) -> PaymentAttempt:
    if state == AttemptState.PREPARED:
        scene.choose(scene.invoice)
        return scene.start(2400)
    attempt = scene.send()
    for step in PATHS[state]:
        move(attempt, step, by=SYSTEM)
    return attempt


@pytest.mark.parametrize(("origin", "target"), list(product(AttemptState, AttemptState)))
def test_only_the_moves_of_the_table_are_possible(scene, origin, target):
    attempt = in_state(scene, origin)
    before = list(attempt.events.values_list("name", flat=True))
    if (origin, target) in TRANSITIONS:
        move(attempt, target, by=SYSTEM)
        attempt.refresh_from_db()
        assert attempt.state == target
        assert list(attempt.events.values_list("name", flat=True)) == [*before, TRANSITIONS[origin, target]]
        held = AttemptLine.objects.filter(attempt=attempt, is_open=True).exists()
        assert held == (target in OPEN_STATES and origin not in SOFT_ENDS)
        return
    with pytest.raises(ForbiddenTransitionError):
        move(attempt, target, by=SYSTEM)
    attempt.refresh_from_db()
    assert attempt.state == origin
    assert list(attempt.events.values_list("name", flat=True)) == before


@pytest.mark.parametrize(("state", "verdict"), list(product(AttemptState, Verdict)))
def test_paid_wins_over_every_softer_end_and_nothing_undoes_a_capture(state, verdict):
    target = next_state(state, verdict)
    decided = {AttemptState.CAPTURED, AttemptState.CLOSED} | HELD_STATES
    if state in decided or verdict in {Verdict.PENDING, Verdict.REFUNDED}:
        assert target is None
    elif verdict == Verdict.PAID and state in ASKABLE:
        assert target == AttemptState.CAPTURED
    elif state in SOFT_ENDS:
        assert target in {None, AttemptState.REFUSED}


def test_every_state_is_reached_and_only_two_are_final():
    assert {target for _, target in TRANSITIONS} | {AttemptState.PREPARED} == set(AttemptState)
    assert {s for s in AttemptState if s not in {o for o, _ in TRANSITIONS}} == {
        AttemptState.CAPTURED,
        AttemptState.CLOSED,
    }
