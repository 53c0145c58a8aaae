"""A top-up asked, paid and lapsing at the same instant, on PostgreSQL: its money is credit, once."""

from datetime import timedelta
from functools import partial

import pytest

from preau.domain.activities.models import PaymentMode
from preau.domain.billing.models import CreditNote, Invoice, TopUp
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.errors import NothingToPayError
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services import capturing, freezing, top_ups
from preau.domain.payments.services.attempts import Click, new_form_key
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.domain.payments.services.top_ups import lapse_top_ups, start_top_up
from preau.domain.payments.tests.conftest import Scene, links
from preau.domain.payments.tests.crossing import crossing, no_row_locks
from preau.foundation import clock
from preau.foundation.invariants import violations
from tests.support.bookings import PARENT, Family, make_family, make_service
from tests.support.factories import NOON, make_regie

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def family(transactional_db, at_noon) -> Family:
    return make_family(make_service(payment_mode=PaymentMode.PREPAID, regie=make_regie()))


def top_up(family: Family, *, form_key: str = "") -> PaymentAttempt:
    return start_top_up(
        household=family.household,
        user=family.user,
        regie_id=family.activity.regie.public_id,
        click=Click("parent@example.org", form_key or new_form_key(), 3000),
        by=PARENT,
    )


def abandoned(family: Family) -> Scene:
    """A top-up whose payment was cancelled: still asked, held by nobody, and its time is over."""
    cancel_attempt(attempt=top_up(family), by=PARENT)
    TopUp.objects.update(offered_until=NOON)
    return Scene(family.household, family.user, family.activity.regie, Invoice.objects.get())


def credit_of(family: Family) -> int:
    return sum(household_credit_cents(family.household).values())


def test_two_clicks_ask_once(family, crossing):
    click = partial(top_up, family, form_key="k")
    crossing.before(freezing, "first_event")
    first, second = crossing.run(click, click)
    assert first == second
    assert (TopUp.objects.count(), PaymentAttempt.objects.count()) == (1, 1)


def test_it_does_not_lapse_under_the_click_that_pays_it(family, crossing):
    scene = abandoned(family)
    crossing.before(freezing, "first_event")
    attempt, lapsed = crossing.run(partial(scene.start, 3000), lapse_top_ups)
    assert (attempt.state, lapsed, Invoice.objects.get().left_cents) == ("prepared", 0, 3000)
    assert violations() == []


def test_a_click_does_not_pay_what_is_lapsing(family, crossing):
    scene = abandoned(family)
    crossing.before(top_ups, "cancel_invoice")
    lapsed, refusal = crossing.run(lapse_top_ups, partial(scene.start, 3000))
    assert (lapsed, type(refusal), Invoice.objects.get().left_cents) == (1, NothingToPayError, 0)
    assert violations() == []


def test_control_without_locks_it_lapses_while_it_is_paid(family, crossing, no_row_locks):
    scene = abandoned(family)
    no_row_locks()
    crossing.before(top_ups, "cancel_invoice")
    lapsed, attempt = crossing.run(lapse_top_ups, partial(scene.start, 3000))
    assert (lapsed, attempt.state) == (1, "prepared")


def test_a_payment_that_comes_while_it_lapses_is_credit_once(family, crossing, bank):
    attempt = top_up(family)
    send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    cancel_attempt(attempt=attempt, by=PARENT)
    bank.pay(attempt.gateway_reference)

    def later(call):
        with clock.frozen(NOON + timedelta(hours=1)):
            return call()

    crossing.before(capturing, "credit_paid_top_ups")
    asked, lapsed = crossing.run(partial(later, ask_due), partial(later, lapse_top_ups))
    assert (asked, lapsed, credit_of(family)) == (1, 0, 3000)
    assert CreditNote.objects.get().total_cents == 3000
    with clock.frozen(NOON + timedelta(hours=1)):
        assert [one for one in violations() if one.code != "I26"] == []
