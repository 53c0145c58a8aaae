"""Money brought in advance: asked, paid, then credit that prepaid days use; not paid, asked no more (C24)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from preau.domain.activities.models import Activity, PaymentMode
from preau.domain.billing.models import CreditNote, Invoice, TopUp
from preau.domain.bookings.services.enrolments import end_enrolment
from preau.domain.ledger.queries import household_balances, household_credit_cents
from preau.domain.payments.errors import AmountRefusedError, CreditRefusedError, PaymentClosedError
from preau.domain.payments.models import Capture, PaymentAttempt, Receipt, ReviewCase
from preau.domain.payments.queries.baskets import basket_of
from preau.domain.payments.queries.top_ups import top_up_choices
from preau.domain.payments.services.attempts import Click, new_form_key
from preau.domain.payments.services.credits import use_credit
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.domain.payments.services.top_ups import MOST_CENTS, lapse_top_ups, start_top_up
from preau.domain.payments.states import Verdict
from preau.domain.payments.tests.aftermath import town_of
from preau.domain.payments.tests.conftest import Scene, links
from preau.foundation import clock
from preau.foundation.invariants import violations
from tests.support.bookings import AGENT, MONDAY, PARENT, TUESDAY, Family, make_family, make_service
from tests.support.factories import NOON, make_invoice, make_regie, make_window
from tests.support.planting import past_defences
from tests.support.refusals import refused_by, save_again

pytestmark = pytest.mark.django_db

AN_HOUR_LATER = NOON + timedelta(hours=1)


@pytest.fixture
def family(db, at_noon) -> Family:
    return make_family(make_service(payment_mode=PaymentMode.PREPAID, regie=make_regie()))


@pytest.fixture(autouse=True)
def the_books_are_right(db, at_noon) -> Iterator[None]:
    yield
    assert violations() == []


def top_up(family: Family, cents: int = 3000, *, form_key: str = "", regie_id: str = "") -> PaymentAttempt:
    return start_top_up(
        household=family.household,
        user=family.user,
        regie_id=regie_id or family.activity.regie.public_id,
        click=Click("parent@example.org", form_key or new_form_key(), cents),
        by=PARENT,
    )


def go_to_bank(family: Family, cents: int = 3000) -> PaymentAttempt:
    attempt = top_up(family, cents)
    send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    return attempt


def hear(bank, attempt: PaymentAttempt, *, after: timedelta = timedelta(minutes=3), **said) -> None:
    bank.pay(attempt.gateway_reference, **said)
    PaymentAttempt.objects.update(next_check_at=NOON)
    with clock.frozen(NOON + after):
        ask_due()


def credit_of(family: Family) -> int:
    return sum(household_credit_cents(family.household).values())


def test_a_top_up_paid_is_the_familys_credit(family, bank):
    attempt = go_to_bank(family)
    assert (attempt.amount_cents, credit_of(family)) == (3000, 0)
    hear(bank, attempt)
    invoice = Invoice.objects.get()
    assert (invoice.label, invoice.left_cents, invoice.top_up.credit_note.total_cents) == (
        "Recharge du 8\u00a0octobre 2026", 0, 3000,
    )  # fmt: skip
    assert credit_of(family) == 3000
    assert household_balances(family.household) == {family.activity.regie_id: 3000}
    assert Receipt.objects.count() == 1
    assert not ReviewCase.objects.exists()


@pytest.mark.parametrize("wrong", [{"credit_note": None}, {"credit_note_cents": 2999}])
def test_the_self_check_names_a_paid_top_up_that_is_no_credit(family, bank, wrong):
    hear(bank, go_to_bank(family))
    top_up_made, note = TopUp.objects.get(), CreditNote.objects.get()
    with past_defences(CreditNote):
        if "credit_note" in wrong:
            TopUp.objects.update(credit_note=None)
        else:
            CreditNote.objects.update(total_cents=2999)
        told = {violation.detail for violation in violations() if "recharge" in violation.statement}
        TopUp.objects.update(credit_note=note)
        CreditNote.objects.update(total_cents=3000)
    assert told == {f"recharge {top_up_made.invoice.number}"}


def test_prepaid_days_use_it_without_the_bank(family, bank):
    hear(bank, go_to_bank(family))
    family.hold(MONDAY, TUESDAY)
    assert family.pay(shown_cents=0) is None
    assert family.states() == {MONDAY: "confirmed", TUESDAY: "confirmed"}
    assert credit_of(family) == 3000 - 720


def test_the_rest_is_asked_when_it_is_not_enough(family, bank):
    hear(bank, go_to_bank(family, 500))
    family.hold(MONDAY, TUESDAY)
    attempt = family.pay()
    assert attempt.amount_cents == 220


def test_the_same_click_asks_once(family):
    first = top_up(family, form_key="click")
    assert top_up(family, form_key="click") == first
    assert TopUp.objects.count() == 1


def test_another_top_up_replaces_the_one_left_unpaid(family):
    attempt = top_up(family, 2000)
    cancel_attempt(attempt=attempt, by=PARENT)
    top_up(family, 5000)
    left = dict(Invoice.objects.values_list("total_cents", "left_cents"))
    assert left == {2000: 0, 5000: 5000}
    assert credit_of(family) == 0


def test_one_being_paid_is_not_replaced(family, bank):
    first, second = go_to_bank(family, 2000), go_to_bank(family, 5000)
    hear(bank, first)
    hear(bank, second)
    assert credit_of(family) == 7000


def test_not_paid_it_is_asked_no_more_after_an_hour(family):
    attempt = top_up(family)
    with clock.frozen(AN_HOUR_LATER - timedelta(microseconds=1)):
        cancel_attempt(attempt=attempt, by=PARENT)
        assert lapse_top_ups() == 0
    with clock.frozen(AN_HOUR_LATER):
        assert lapse_top_ups() == 1
        assert lapse_top_ups() == 0
    assert (Invoice.objects.get().left_cents, credit_of(family)) == (0, 0)
    assert household_balances(family.household) == {family.activity.regie_id: 0}
    assert not basket_of(user=family.user, household=family.household, today=NOON.date()).groups


def test_a_payment_that_may_still_succeed_keeps_it(family, bank):
    attempt = go_to_bank(family)
    with clock.frozen(AN_HOUR_LATER):
        assert lapse_top_ups() == 0
    hear(bank, attempt, after=timedelta(hours=2))
    assert credit_of(family) == 3000
    assert CreditNote.objects.get().label == "Recharge payée"


def test_a_late_payment_is_credit_all_the_same_and_no_case(family, bank):
    attempt = go_to_bank(family)
    cancel_attempt(attempt=attempt, by=PARENT)
    with clock.frozen(AN_HOUR_LATER):
        assert lapse_top_ups() == 1
    hear(bank, attempt, after=timedelta(hours=2))
    attempt.refresh_from_db()
    assert (attempt.state, credit_of(family)) == ("captured", 3000)
    assert not ReviewCase.objects.exists()


def test_refused_it_may_be_paid_again(family, bank):
    hear(bank, go_to_bank(family), verdict=Verdict.REFUSED)
    assert (Invoice.objects.get().left_cents, credit_of(family)) == (3000, 0)


def test_credit_does_not_pay_for_credit(family, bank):
    hear(bank, go_to_bank(family, 2000))
    attempt = top_up(family, 1000)
    cancel_attempt(attempt=attempt, by=PARENT)
    invoice = Invoice.objects.get(total_cents=1000)
    with pytest.raises(CreditRefusedError, match="Cette facture recharge votre avoir"):
        use_credit(
            household=family.household, user=family.user, invoice_id=invoice.public_id,
            shown_cents=1000, form_key="use", by=PARENT,
        )  # fmt: skip
    assert credit_of(family) == 2000


def test_no_payment_window_closes_it(family):
    regie = family.activity.regie
    make_invoice(family.household, regie)
    make_window(regie, first=NOON.date() - timedelta(days=9), last=NOON.date() - timedelta(days=2), months=[])
    assert top_up(family).amount_cents == 3000


def test_taken_back_by_the_bank_it_is_due_again_and_credit_is_given_once(family, bank):
    hear(bank, go_to_bank(family))
    scene = Scene(family.household, family.user, family.activity.regie, Invoice.objects.get())
    town_of(scene, bank).take_back(Capture.objects.get())
    assert (Invoice.objects.get().left_cents, credit_of(family)) == (3000, 3000)
    with clock.frozen(AN_HOUR_LATER):
        assert lapse_top_ups() == 0
    family.hold(MONDAY)
    assert family.pay(shown_cents=0) is None
    hear(bank, scene.send(Invoice.objects.get(total_cents=3000)))
    assert (Invoice.objects.get(total_cents=3000).left_cents, credit_of(family)) == (0, 3000 - 360)


@pytest.mark.parametrize("cents", [-1, 0, 99, MOST_CENTS + 1, 10**12])
def test_an_amount_out_of_bounds_is_refused(family, cents):
    with pytest.raises(AmountRefusedError, match="Choisissez un montant entre 1,00\u202f€ et 500,00\u202f€"):
        top_up(family, cents)
    assert not Invoice.objects.exists()


def test_bounds_are_taken(family):
    for cents in (100, MOST_CENTS):
        assert top_up(family, cents).amount_cents == cents


def test_only_where_something_is_prepaid(family):
    other = make_regie()
    make_service("Étude", regie=other)
    assert [choice.regie for choice in top_up_choices(family.household, today=NOON.date())] == [family.activity.regie]
    with pytest.raises(PaymentClosedError, match="rien de prépayé"):
        top_up(family, regie_id=other.public_id)
    Activity.objects.update(payment_mode=PaymentMode.IMMEDIATE)
    with pytest.raises(PaymentClosedError):
        top_up(family)
    assert not Invoice.objects.exists()


def test_nor_once_the_child_has_left(family):
    enrolment = family.children[0].enrolments.get()
    end_enrolment(enrolment_id=enrolment.public_id, on=NOON.date(), reason="Départ", by=AGENT)
    assert len(top_up_choices(family.household, today=NOON.date())) == 1
    assert top_up_choices(family.household, today=NOON.date() + timedelta(days=1)) == []


def test_the_database_keeps_one_top_up_for_a_click(family):
    top_up(family, form_key="click")
    other = make_invoice(family.household, family.activity.regie)
    with refused_by("a_click_asks_one_top_up"):
        save_again(TopUp.objects.get(), invoice_id=other.id)
