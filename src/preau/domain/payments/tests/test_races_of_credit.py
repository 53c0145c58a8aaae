"""Credit wanted twice at the same instant, on PostgreSQL: it is spent once, whoever comes first."""

from functools import partial

import pytest

from preau.domain.billing.models import Invoice
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.errors import ActRefusedError, CaseDecidedError, CreditRefusedError
from preau.domain.payments.models import CreditUse
from preau.domain.payments.services import acts, refunds
from preau.domain.payments.services import spending as uses
from preau.domain.payments.services.acts import confirm_act
from preau.domain.payments.tests.aftermath import AGENT, Town, town_of
from preau.domain.payments.tests.crossing import crossing, no_row_locks
from preau.domain.payments.tests.truths import broken
from tests.support.factories import make_invoice, make_user

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town(scene, bank) -> Town:
    """24,00 € of credit."""
    town = town_of(scene, bank)
    town.pay_twice(scene.invoice)
    return town


@pytest.fixture
def two_uses(town):
    """The two parents, each on another invoice of 24,00 €."""
    invoices = [make_invoice(town.scene.household, town.scene.regie, cents=2400) for _ in range(2)]
    return [partial(town.use, one, shown_cents=2400) for one in invoices]


def credit_of(town: Town) -> int:
    return household_credit_cents(town.scene.household).get(town.scene.regie.id, 0)


def kinds(answers) -> list[type]:
    return [type(answer) for answer in answers]


def test_of_two_clicks_one_spends_the_credit(town, two_uses, crossing):
    crossing.before(uses, "book")
    assert kinds(crossing.run(*two_uses)) == [CreditUse, CreditRefusedError]
    assert (credit_of(town), broken()) == (0, {})


def test_control_without_lock_the_credit_is_spent_twice(town, two_uses, crossing, no_row_locks):
    no_row_locks()
    crossing.before(uses, "book")
    assert kinds(crossing.run(*two_uses)) == [CreditUse, CreditUse]
    assert credit_of(town) == -2400
    assert set(broken()) == {"I2"}


def test_the_same_form_at_once_uses_credit_once(town, crossing):
    invoice = make_invoice(town.scene.household, town.scene.regie, cents=1000)
    crossing.before(uses, "book")
    click = partial(town.use, invoice, shown_cents=1000, form_key="k")
    first, second = crossing.run(click, click)
    assert (first, credit_of(town)) == (second, 1400)


@pytest.fixture
def refund_confirmed(town):
    act = town.propose_refund(2400)
    return partial(confirm_act, act_id=act.public_id, user=town.omar, by=AGENT)


def test_credit_given_back_is_not_used_at_the_same_time(town, two_uses, refund_confirmed, crossing):
    crossing.before(refunds, "book")
    assert kinds(crossing.run(refund_confirmed, two_uses[0])) == [type(None), CreditRefusedError]
    assert (credit_of(town), broken()) == (0, {})


def test_credit_used_is_not_given_back_at_the_same_time(town, two_uses, refund_confirmed, crossing):
    crossing.before(uses, "book")
    assert kinds(crossing.run(two_uses[0], refund_confirmed)) == [CreditUse, ActRefusedError]
    assert (credit_of(town), broken()) == (0, {})


def test_of_two_confirmations_one_gives_back(town, crossing):
    third = make_user()
    town.scene.regie.members.create(user=third, post="mandataire")
    act = town.propose_refund(1000)
    calls = [partial(confirm_act, act_id=act.public_id, user=who, by=AGENT) for who in (town.omar, third)]
    crossing.before(acts, "carry_out_refund")
    assert kinds(crossing.run(*calls)) == [type(None), CaseDecidedError]
    assert (credit_of(town), broken()) == (1400, {})


def test_a_payment_taken_back_while_its_surplus_is_used_is_found_where_it_is(town, two_uses, crossing):
    """Whoever comes first, the books are right: the invoice is due again, or the credit could not be used."""
    surplus = town.scene.household.attempts.latest("id").capture
    act = town.propose_reversal(surplus)
    taken_back = partial(confirm_act, act_id=act.public_id, user=town.omar, by=AGENT)
    crossing.before(uses, "book")
    assert kinds(crossing.run(two_uses[0], taken_back)) == [CreditUse, type(None)]
    assert (credit_of(town), broken()) == (0, {})
    assert sum(Invoice.objects.values_list("left_cents", flat=True)) == 4800


def test_a_payment_arrives_while_credit_is_used_on_the_same_invoice(town, crossing):
    """Its time is over, so the credit may be used; the late payment then goes to the family's credit."""
    invoice = make_invoice(town.scene.household, town.scene.regie, cents=2400)
    attempt = town.scene.send(invoice)
    town.scene.household.attempts.filter(id=attempt.id).get().lines.update(is_open=False)
    crossing.before(uses, "book")
    use, capture = crossing.run(partial(town.use, invoice, shown_cents=2400), partial(town.arrive, attempt))
    assert (use.amount_cents, capture.amount_cents) == (2400, 2400)
    assert (credit_of(town), broken()) == (2400, {})
