"""Two agents at the same instant, on PostgreSQL: a case is decided once, its sum moves once."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import IntegrityError

from preau.domain.ledger.models import LedgerEntry, LedgerTransaction
from preau.domain.payments.errors import CaseDecidedError
from preau.domain.payments.models import AttemptEvent, CaseDecision, FamilyCredit, ReviewCase
from preau.domain.payments.outcomes import Outcome
from preau.domain.payments.services import decisions
from preau.domain.payments.services.decisions import confirm, propose, send_back
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from preau.domain.payments.tests.crossing import crossing, no_row_locks, without
from preau.domain.payments.tests.test_decisions import AGENT, WHY, make_agent
from preau.domain.payments.tests.truths import broken
from tests.support.factories import make_invoice

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

#: What stops a decision carried out twice, behind the locks.
WALLS = (
    (LedgerTransaction, ("source_kind", "source_key")),
    (FamilyCredit, ("decision_id",)),
    (AttemptEvent, ("attempt_id", "sequence")),
)


@pytest.fixture
def case(scene, bank) -> ReviewCase:
    attempt = scene.send(make_invoice(scene.household, scene.regie, cents=5000))
    bank.pay(attempt.gateway_reference, amount_cents=5100)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    return ReviewCase.objects.get()


@pytest.fixture
def agents(scene):
    return [make_agent(scene.regie) for _ in range(3)]


@pytest.fixture
def two_confirmations(case, agents) -> tuple[Callable, Callable]:
    first, *others = agents
    decision = propose(case_id=case.public_id, outcome=Outcome.CREDIT, reason=WHY, user=first, by=AGENT)
    second, third = (partial(confirm, decision_id=decision.public_id, user=other, by=AGENT) for other in others)
    return second, third


def credited() -> list[int]:
    return list(LedgerEntry.objects.filter(account__kind="family_credit").values_list("amount_cents", flat=True))


def test_of_two_confirmations_one_closes_the_case(two_confirmations, crossing):
    crossing.before(decisions, "book")
    answers = crossing.run(*two_confirmations)
    assert [type(answer) for answer in answers] == [type(None), CaseDecidedError]
    assert credited() == [-5100]
    assert broken() == {}


def test_without_locks_the_database_refuses_the_second(two_confirmations, crossing, no_row_locks):
    no_row_locks()
    crossing.before(decisions, "book")
    answers = crossing.run(*two_confirmations)
    assert sorted(type(answer).__name__ for answer in answers) == ["IntegrityError", "NoneType"]
    assert credited() == [-5100]


def test_without_locks_nor_walls_the_sum_would_move_twice(two_confirmations, crossing, no_row_locks):
    """The negative control: the race is real."""
    no_row_locks()
    with without(*WALLS):
        crossing.before(decisions, "book")
        assert crossing.run(*two_confirmations) == [None, None]
        assert credited() == [-5100, -5100]


def test_a_confirmation_and_a_refusal_do_not_both_count(case, agents, crossing):
    first, second, third = agents
    decision = propose(case_id=case.public_id, outcome=Outcome.REFUND, reason=WHY, user=first, by=AGENT)
    crossing.before(decisions, "book")
    answers = crossing.run(
        partial(confirm, decision_id=decision.public_id, user=second, by=AGENT),
        partial(send_back, decision_id=decision.public_id, reason=WHY, user=third, by=AGENT),
    )
    assert [type(answer) for answer in answers] == [type(None), CaseDecidedError]
    decision.refresh_from_db()
    assert (decision.confirmed_by, decision.refused_by) == (second, None)
    assert broken() == {}


def _proposals(case, agents) -> list[Callable]:
    return [
        partial(propose, case_id=case.public_id, outcome=outcome, reason=WHY, user=agent, by=AGENT)
        for agent, outcome in zip(agents[:2], [Outcome.CREDIT, Outcome.REFUND], strict=True)
    ]


def test_of_two_proposals_one_waits(case, agents, crossing):
    crossing.before(CaseDecision, "save")
    kept, refused = crossing.run(*_proposals(case, agents))
    assert isinstance(refused, CaseDecidedError)
    assert CaseDecision.objects.get() == kept


def test_without_locks_the_database_keeps_one_proposal(case, agents, crossing, no_row_locks):
    no_row_locks()
    crossing.before(CaseDecision, "save")
    answers = crossing.run(*_proposals(case, agents))
    assert [IntegrityError in type(answer).__mro__ for answer in answers].count(True) == 1
    assert CaseDecision.objects.count() == 1
