"""The desk and the portal at the same instant, on PostgreSQL: one takes the money, the other is told."""

from collections.abc import Callable
from functools import partial

import pytest

from preau.domain.billing.models import Invoice
from preau.domain.payments.models import AttemptLine, Capture, FamilyCredit, PaymentAttempt
from preau.domain.payments.services import attempts, desk
from preau.domain.payments.tests.crossing import ONE_ACTIVE_ATTEMPT, ONE_FORM_KEY, crossing, no_row_locks, without
from preau.domain.payments.tests.truths import broken
from tests.support.factories import make_invoice
from tests.support.pages import main_words
from tests.support.till import Till, hired, open_desk

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


WALLS = pytest.mark.parametrize("standing", ["lock and index", "lock", "index"])


@pytest.fixture
def invoice(payer) -> Invoice:
    return make_invoice(payer.household, payer.regie, cents=2400)


@pytest.fixture
def till(payer) -> Till:
    open_desk(payer.regie)
    return hired(payer.regie)


@pytest.fixture
def taking(till, invoice) -> Callable:
    """An agent takes the whole invoice in cash."""
    return partial(till.send, invoice.household, till.typed(invoice, amount="24"))


@pytest.fixture
def clicking(payer, invoice) -> Callable:
    """The family's click on « Payer » for the same invoice."""
    return partial(payer.click, payer.choose(invoice))


def _taken() -> tuple[int, int]:
    return Capture.objects.count(), AttemptLine.objects.filter(is_open=True).count()


@pytest.mark.row("P03")
@WALLS
def test_while_the_desk_takes_an_invoice_the_portal_waits(taking, clicking, crossing, no_row_locks, standing):
    """With its lock the desk is first; with the index alone the click is, and the agent is told."""
    crossing.before(desk, "freeze")
    if standing == "index":
        no_row_locks()
    with without(*[] if "index" in standing else [ONE_ACTIVE_ATTEMPT]):
        at_desk, on_line = crossing.run(taking, clicking)
        if standing == "index":
            assert (at_desk.status_code, on_line.status_code, _taken()) == (422, 302, (0, 1))
            assert "Un paiement est déjà en cours" in main_words(at_desk, status=422)
        else:
            assert (at_desk.status_code, on_line.status_code, _taken()) == (302, 409, (1, 0))
        assert broken().keys() <= {"I29"}  # the index that this test took away


@pytest.mark.row("P03")
@pytest.mark.parametrize("standing", ["lock and index", "lock"])
def test_while_a_family_leaves_for_its_bank_the_desk_waits(taking, clicking, crossing, standing):
    crossing.before(attempts, "_shares")
    with without(*[] if "index" in standing else [ONE_ACTIVE_ATTEMPT]):
        on_line, at_desk = crossing.run(clicking, taking)
        assert (on_line.status_code, at_desk.status_code, _taken()) == (302, 422, (0, 1))
        assert "Un paiement est déjà en cours" in main_words(at_desk, status=422)


def test_control_without_lock_nor_index_both_take_it(taking, clicking, crossing, no_row_locks):
    crossing.before(desk, "freeze")
    no_row_locks()
    with without(ONE_ACTIVE_ATTEMPT):
        at_desk, on_line = crossing.run(taking, clicking)
        assert (at_desk.status_code, on_line.status_code, _taken()) == (302, 302, (1, 1))


@pytest.fixture
def omar(payer) -> Till:
    return hired(payer.regie, name="Omar Lefebvre")


@pytest.fixture
def taking_too(omar, till, invoice) -> Callable:
    return partial(omar.send, invoice.household, omar.typed(invoice, amount="24"))


def test_of_two_agents_who_take_one_invoice_one_is_told(taking, taking_too, crossing):
    crossing.before(desk, "freeze")
    first, second = crossing.run(taking, taking_too)
    assert (first.status_code, second.status_code, _taken()) == (302, 422, (1, 0))
    assert "Déjà soldée" in main_words(second, status=422)
    assert (FamilyCredit.objects.count(), broken()) == (0, {})


def test_control_without_lock_the_family_pays_twice(taking, taking_too, crossing, no_row_locks):
    """24 € of cash that nobody owed become the family's credit, unseen."""
    crossing.before(desk, "freeze")
    no_row_locks()
    assert [answer.status_code for answer in crossing.run(taking, taking_too)] == [302, 302]
    assert FamilyCredit.objects.get().amount_cents == 2400


@pytest.fixture
def part(till, invoice) -> Callable:
    """A part of the invoice: a second one could follow."""
    return partial(till.send, invoice.household, till.typed(invoice, amount="10"))


@pytest.mark.parametrize("stop", ["release_expired", "freeze"])
def test_a_double_click_is_one_payment(part, crossing, stop):
    crossing.before(desk, stop)
    answers = crossing.run(*[part] * 8)
    address = f"/bureau/paiements/{PaymentAttempt.objects.get().public_id}/"
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, address)}
    assert (Invoice.objects.get().left_cents, _taken(), broken()) == (1400, (1, 0), {})


def test_control_without_a_unique_form_key_a_double_click_is_two_payments(part, crossing):
    crossing.before(desk, "release_expired")
    with without(ONE_FORM_KEY):
        first, second = crossing.run(part, part)
        assert (first.status_code, second.status_code) == (302, 302)
        assert _taken() == (2, 0)
