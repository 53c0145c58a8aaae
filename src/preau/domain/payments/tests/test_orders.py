"""What a family books, holds and pays: places follow the money, and the money follows the places (C35–C39)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from preau.domain.activities.models import Closure, PaymentMode, PlacesOfDay
from preau.domain.billing.models import CreditNote, Invoice, OrderInvoice
from preau.domain.bookings.errors import OrderClosedError, PriceChangedError
from preau.domain.bookings.models import Booking, BookingOrder, DraftChange
from preau.domain.bookings.services.enrolments import end_enrolment
from preau.domain.families.models import ChildHome
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.errors import AmountRefusedError, PaymentInProgressError
from preau.domain.payments.models import PaymentAttempt, Receipt, ReviewCase
from preau.domain.payments.queries.orders import balances_of, summary_of
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.holds import drop_bookings, give_more_time, lapse_due
from preau.domain.payments.services.orders import confirm_unpaid
from preau.domain.payments.services.sending import cancel_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.domain.payments.states import Verdict
from preau.foundation import clock
from preau.foundation.invariants import violations
from preau.foundation.mail.models import OutgoingMail
from tests.support.bookings import (
    AGENT,
    FRIDAY,
    MONDAY,
    PARENT,
    THURSDAY,
    TUESDAY,
    Family,
    make_enrolment,
    make_family,
    make_service,
)
from tests.support.factories import NOON, make_regie, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def family(at_noon) -> Family:
    return make_family(make_service(capacity=3, regie=make_regie()), children=2)


@pytest.fixture(autouse=True)
def the_books_are_right(at_noon) -> Iterator[None]:
    yield
    assert violations() == []


def paid(bank, attempt: PaymentAttempt, *, after: timedelta = timedelta(minutes=3)) -> None:
    """The bank takes the money, and we hear of it later."""
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + after):
        ask_due()


def credit_of(family: Family) -> int:
    return sum(household_credit_cents(family.household).values())


def taken(day) -> int:
    return sum(PlacesOfDay.objects.filter(day=day).values_list("taken", flat=True))


def kinds() -> list[str]:
    return list(OutgoingMail.objects.order_by("id").values_list("kind", flat=True))


def test_four_meals_are_held_then_paid_then_confirmed(family, bank):
    for child in (0, 1):
        family.draft(MONDAY, TUESDAY, child=child)
    (order,) = family.save().orders
    assert (order.state, order.total_cents, order.hold_until) == ("held", 1440, NOON + timedelta(minutes=60))
    assert kinds() == []
    attempt = family.go_to_bank()
    assert attempt.amount_cents == 1440
    paid(bank, attempt)
    order.refresh_from_db()
    assert order.state == "confirmed"
    assert set(Booking.objects.values_list("state", flat=True)) == {"confirmed"}
    assert Receipt.objects.count() == 1
    assert kinds() == ["bookings.confirmed", "receipt"]


def test_nothing_is_confirmed_before_the_bank_says_so(family):
    family.hold(MONDAY)
    family.go_to_bank()
    assert family.states() == {MONDAY: "held"}
    assert kinds() == []


def test_the_invoice_lists_each_day_and_what_is_removed(family, bank):
    family.hold(MONDAY)
    paid(bank, family.go_to_bank())
    family.undraft(MONDAY)
    family.draft(TUESDAY, THURSDAY)
    (order,) = family.save().orders
    assert order.total_cents == 360
    family.pay()
    invoice = OrderInvoice.objects.get(order=order).invoice
    assert [(line.child_name, line.service_date, line.total_cents) for line in invoice.lines.all()] == [
        ("Enfant1", MONDAY, -360),
        ("Enfant1", TUESDAY, 360),
        ("Enfant1", THURSDAY, 360),
    ]
    assert invoice.number == "R-202610-00002"


def test_a_removed_day_keeps_its_place_until_the_change_is_paid(family, bank):
    family.hold(MONDAY)
    paid(bank, family.go_to_bank())
    family.undraft(MONDAY)
    family.draft(TUESDAY, THURSDAY)
    family.save()
    assert family.states()[MONDAY] == "confirmed"
    assert taken(MONDAY) == 1
    paid(bank, family.go_to_bank())
    assert family.states() == {MONDAY: "cancelled", TUESDAY: "confirmed", THURSDAY: "confirmed"}
    assert (taken(MONDAY), taken(TUESDAY)) == (0, 1)


def test_a_swap_of_equal_price_is_confirmed_without_a_bank(family, bank):
    family.hold(MONDAY)
    paid(bank, family.go_to_bank())
    family.undraft(MONDAY)
    family.draft(TUESDAY)
    (order,) = family.save().orders
    order.refresh_from_db()
    assert (order.state, order.total_cents) == ("confirmed", 0)
    assert family.states() == {MONDAY: "cancelled", TUESDAY: "confirmed"}


def test_a_cancelled_day_becomes_credit_and_pays_the_next(family, bank):
    family.hold(MONDAY, TUESDAY)
    paid(bank, family.go_to_bank())
    family.undraft(MONDAY)
    family.save()
    assert credit_of(family) == 360
    assert [b.cents for b in balances_of(family.household, [family.activity.regie])] == [-360]
    family.draft(THURSDAY, FRIDAY)
    family.save()
    assert summary_of(family.household).dues[0].credit_cents == 360
    attempt = family.go_to_bank()
    assert attempt.amount_cents == 360
    paid(bank, attempt)
    assert credit_of(family) == 0
    assert family.states()[FRIDAY] == "confirmed"


def test_credit_enough_needs_no_bank(family, bank):
    family.hold(MONDAY)
    paid(bank, family.go_to_bank())
    family.undraft(MONDAY)
    family.save()
    family.hold(FRIDAY)
    assert family.pay() is None
    assert family.states()[FRIDAY] == "confirmed"
    assert credit_of(family) == 0


def test_the_town_keeps_its_share_of_a_cancelled_day(at_noon, bank):
    family = make_family(make_service(refund_percent=50, cents=365))
    family.hold(MONDAY)
    paid(bank, family.go_to_bank())
    family.undraft(MONDAY)
    family.save()
    assert credit_of(family) == 183


@pytest.mark.row("P04")
def test_a_hold_lapses_at_its_limit_and_its_days_return_to_the_draft(family):
    order = family.hold(MONDAY, TUESDAY)
    with clock.frozen(NOON + timedelta(minutes=59, seconds=59)):
        assert lapse_due() == 0
    with clock.frozen(NOON + timedelta(minutes=60)):
        assert lapse_due() == 1
    order.refresh_from_db()
    assert order.state == "lapsed"
    assert family.states() == {MONDAY: "released", TUESDAY: "released"}
    assert taken(MONDAY) == 0
    assert DraftChange.objects.count() == 2
    assert kinds() == ["bookings.lapsed"]


def test_an_unpaid_invoice_is_cancelled_with_its_hold(family):
    family.hold(MONDAY)
    attempt = family.pay()
    cancel_attempt(attempt=attempt, by=PARENT)
    with clock.frozen(NOON + timedelta(hours=1)):
        lapse_due()
    invoice = Invoice.objects.get()
    assert (invoice.left_cents, invoice.credited_cents) == (0, 360)
    assert CreditNote.objects.get().number == "AVR-2026-00001"


@pytest.mark.row("P04")
def test_no_place_is_given_away_while_its_payment_may_succeed(family, bank):
    family.hold(MONDAY)
    attempt = family.go_to_bank()
    with clock.frozen(NOON + timedelta(hours=1)):
        assert lapse_due() == 0
    paid(bank, attempt, after=timedelta(hours=1, minutes=1))
    assert family.states() == {MONDAY: "confirmed"}


def lapsed_while_the_bank_was_silent(family: Family, *days) -> PaymentAttempt:
    """An attempt cancelled on the portal, whose page is still open at the bank; then its hold is over."""
    family.hold(*days)
    attempt = family.go_to_bank()
    cancel_attempt(attempt=attempt, by=PARENT)
    with clock.frozen(NOON + timedelta(hours=1)):
        assert lapse_due() == 1
    return attempt


def test_a_late_payment_finds_its_places_again(family, bank):
    attempt = lapsed_while_the_bank_was_silent(family, MONDAY, TUESDAY)
    paid(bank, attempt, after=timedelta(hours=2))
    attempt.refresh_from_db()
    assert attempt.state == "captured"
    assert family.states() == {MONDAY: "confirmed", TUESDAY: "confirmed"}
    assert (credit_of(family), taken(MONDAY)) == (0, 1)
    assert not ReviewCase.objects.exists()
    assert Booking.objects.first().events.last().name == "confirmed_late"


def test_a_late_payment_whose_place_was_sold_becomes_credit(family, bank):
    attempt = lapsed_while_the_bank_was_silent(family, MONDAY, TUESDAY)
    with clock.frozen(NOON + timedelta(hours=1, minutes=1)):
        for _ in range(3):
            other = make_family(family.activity)
            other.hold(MONDAY)
        paid(bank, attempt, after=timedelta(hours=1, minutes=2))
    assert family.states() == {MONDAY: "released", TUESDAY: "released"}
    assert credit_of(family) == 720
    assert taken(MONDAY) == 3
    assert ReviewCase.objects.get().kind == "surplus"


def test_the_case_of_a_late_payment_tells_what_is_left_of_it(family, bank):
    family.hold(MONDAY)
    family.hold(TUESDAY)
    attempt = family.go_to_bank()
    cancel_attempt(attempt=attempt, by=PARENT)
    with clock.frozen(NOON + timedelta(hours=1, minutes=1)):
        assert lapse_due() == 2
        for _ in range(3):
            make_family(family.activity).hold(MONDAY)
        paid(bank, attempt, after=timedelta(hours=1, minutes=2))
    assert (family.states(), credit_of(family)) == ({MONDAY: "released", TUESDAY: "confirmed"}, 360)
    expected = f"3,60\u202f€ portés à l’avoir de la famille {family.household.file_number}"
    assert ReviewCase.objects.get().detail == expected


def test_a_late_payment_for_a_day_gone_by_becomes_credit(family, bank):
    attempt = lapsed_while_the_bank_was_silent(family, MONDAY)
    bank.pay(attempt.gateway_reference)
    PaymentAttempt.objects.update(next_check_at=NOON)
    with clock.frozen(NOON + timedelta(days=45)):
        ask_due()
    assert family.states() == {MONDAY: "released"}
    assert credit_of(family) == 360


def test_a_late_payment_for_a_day_closed_meanwhile_becomes_credit(family, bank):
    """Another activity that closes that day changes nothing (the negative control)."""
    attempt = lapsed_while_the_bank_was_silent(family, MONDAY, TUESDAY)
    closure = Closure.objects.create(activity=family.activity, first_day=TUESDAY, last_day=TUESDAY, reason="Grève")
    paid(bank, attempt, after=timedelta(hours=2))
    assert family.states() == {MONDAY: "released", TUESDAY: "released"}
    assert (credit_of(family), taken(MONDAY), taken(TUESDAY)) == (720, 0, 0)
    closure.activity = make_service("Garderie", regie=family.activity.regie)
    closure.save()
    other = make_family(family.activity)
    paid(bank, lapsed_while_the_bank_was_silent(other, TUESDAY), after=timedelta(hours=3))
    assert other.states() == {TUESDAY: "confirmed"}


def test_a_family_that_lost_its_right_gets_its_money_back(family, bank):
    family.hold(MONDAY)
    attempt = family.go_to_bank()
    ChildHome.objects.filter(child=family.children[0]).delete()
    paid(bank, attempt)
    assert family.states() == {MONDAY: "released"}
    assert (credit_of(family), taken(MONDAY)) == (360, 0)
    assert "Enfant1 n’est plus dans votre dossier." in OutgoingMail.objects.get(kind="bookings.lost").text
    assert "bookings.confirmed" not in kinds()


def test_an_enrolment_ended_meanwhile_gives_the_money_back(family, bank):
    family.hold(MONDAY)
    attempt = family.go_to_bank()
    enrolment = Booking.objects.get().enrolment
    end_enrolment(enrolment_id=enrolment.public_id, on=NOON.date(), reason="Déménagement", by=AGENT)
    paid(bank, attempt)
    assert (family.states(), credit_of(family)) == ({MONDAY: "released"}, 360)


def test_days_lost_among_others_are_named_with_why_and_where_their_price_went(family, bank):
    family.hold(MONDAY, TUESDAY)
    attempt = family.go_to_bank()
    enrolment = family.children[0].enrolments.get()
    end_enrolment(enrolment_id=enrolment.public_id, on=MONDAY, reason="Déménagement", by=AGENT)
    paid(bank, attempt)
    assert (family.states(), credit_of(family)) == ({MONDAY: "confirmed", TUESDAY: "released"}, 360)
    told = OutgoingMail.objects.get(kind="bookings.lost").text
    day = (
        "– mardi 17\u00a0novembre 2026\u202f: Cantine Jules-Ferry, repas. Enfant1 n’a plus d’inscription à cette date."
    )
    assert day in told
    assert "lundi" not in told
    assert "Leur prix, 3,60\u202f€, est à votre avoir" in " ".join(told.split(chr(160)))


def test_days_lost_that_nobody_paid_are_not_billed(family):
    care = make_service("Garderie du soir", cents=240, payment_mode=PaymentMode.AFTERWARDS)
    enrolment = make_enrolment(family.children[0], care, family.household)
    family.draft(MONDAY)
    family.draft(MONDAY, activity=care)
    family.save()
    end_enrolment(enrolment_id=enrolment.public_id, on=NOON.date(), reason="Déménagement", by=AGENT)
    confirm_unpaid(BookingOrder.objects.get(payment_mode=PaymentMode.AFTERWARDS), by=PARENT)
    assert "Ils ne vous sont pas facturés." in OutgoingMail.objects.get(kind="bookings.lost").text
    assert credit_of(family) == 0


def test_days_before_the_end_of_an_enrolment_keep_their_right(family, bank):
    family.hold(MONDAY)
    attempt = family.go_to_bank()
    enrolment = Booking.objects.get().enrolment
    end_enrolment(enrolment_id=enrolment.public_id, on=MONDAY, reason="Déménagement", by=AGENT)
    paid(bank, attempt)
    assert (family.states(), credit_of(family)) == ({MONDAY: "confirmed"}, 0)


def test_dropping_gives_back_the_places_and_empties_the_draft(family):
    family.hold(MONDAY)
    assert drop_bookings(household=family.household, keeps_for=None, by=PARENT) == 1
    assert (family.states(), taken(MONDAY), DraftChange.objects.count()) == ({MONDAY: "released"}, 0, 0)
    with pytest.raises(OrderClosedError):
        drop_bookings(household=family.household, keeps_for=None, by=PARENT)


def test_changing_ones_mind_drafts_the_days_again(family):
    family.hold(MONDAY, TUESDAY)
    drop_bookings(household=family.household, keeps_for=family.user, by=PARENT)
    assert sorted(DraftChange.objects.values_list("day", flat=True)) == [MONDAY, TUESDAY]


def test_what_one_parent_held_is_drafted_for_the_other_who_changes_it(family):
    other = make_user()
    family.hold(MONDAY)
    drop_bookings(household=family.household, keeps_for=other, by=PARENT)
    assert DraftChange.objects.get().user == other


def test_nothing_is_dropped_while_it_is_being_paid(family):
    family.hold(MONDAY)
    family.go_to_bank()
    with pytest.raises(PaymentInProgressError):
        drop_bookings(household=family.household, keeps_for=None, by=PARENT)
    assert family.states() == {MONDAY: "held"}


def test_the_limit_is_put_off_once(family):
    order = family.hold(MONDAY)
    assert give_more_time(household=family.household) == 1
    order.refresh_from_db()
    assert order.hold_until == NOON + timedelta(hours=2)
    with pytest.raises(OrderClosedError):
        give_more_time(household=family.household)


def test_a_hold_that_is_over_cannot_be_paid_nor_put_off(family):
    family.hold(MONDAY)
    with clock.frozen(NOON + timedelta(hours=1)):
        with pytest.raises(OrderClosedError):
            family.pay()
        with pytest.raises(OrderClosedError):
            give_more_time(household=family.household)


def test_the_same_click_saves_and_pays_once(family):
    family.draft(MONDAY)
    key = new_form_key()
    first = family.save(form_key=key)
    assert family.save(form_key=key, shown_cents=0).orders == first.orders
    pay_key = new_form_key()
    attempts = {family.pay(form_key=pay_key).id for _ in range(10)}
    assert len(attempts) == 1
    assert Invoice.objects.count() == 1


def test_a_price_that_changed_since_the_page_is_never_charged(family):
    family.draft(MONDAY)
    with pytest.raises(PriceChangedError):
        family.save(shown_cents=1)
    family.save()
    with pytest.raises(AmountRefusedError):
        family.pay(shown_cents=1)
    assert not Invoice.objects.exists()


def test_what_is_billed_afterwards_is_confirmed_at_once(at_noon):
    family = make_family(make_service(payment_mode=PaymentMode.AFTERWARDS))
    family.draft(MONDAY, TUESDAY)
    (order,) = family.save().orders
    order.refresh_from_db()
    assert (order.state, order.total_cents) == ("confirmed", 720)
    assert not Invoice.objects.exists()
    assert kinds() == ["bookings.confirmed"]


def test_what_is_billed_afterwards_waits_with_what_is_to_be_paid(family, bank):
    care = make_service("Garderie du soir", cents=240, payment_mode=PaymentMode.AFTERWARDS)
    make_enrolment(family.children[0], care, family.household)
    family.draft(MONDAY)
    family.draft(MONDAY, activity=care)
    family.save()
    assert set(BookingOrder.objects.values_list("state", flat=True)) == {"held"}
    attempt = family.go_to_bank()
    assert attempt.amount_cents == 360
    assert Booking.objects.get(activity=care).state == "confirmed"
    paid(bank, attempt)
    assert Booking.objects.get(activity=family.activity).state == "confirmed"


def test_too_little_for_the_bank_is_carried_to_the_next_payment(at_noon, bank):
    family = make_family(make_service(cents=50))
    family.hold(MONDAY)
    assert family.pay() is None
    assert family.states() == {MONDAY: "confirmed"}
    assert [b.cents for b in balances_of(family.household, [family.activity.regie])] == [50]
    family.hold(TUESDAY, THURSDAY)
    attempt = family.go_to_bank()
    assert attempt.amount_cents == 150
    paid(bank, attempt)
    assert [b.cents for b in balances_of(family.household, [family.activity.regie])] == [0]


def test_two_regies_are_paid_one_after_the_other(family, bank):
    other = make_service("Accueil de loisirs", cents=1150, regie=make_regie())
    make_enrolment(family.children[0], other, family.household)
    family.draft(MONDAY)
    family.draft(MONDAY, activity=other)
    family.save()
    assert summary_of(family.household).operations == 2
    first = family.go_to_bank()
    assert first.amount_cents == 360
    paid(bank, first)
    second = family.go_to_bank()
    assert (second.amount_cents, second.regie) == (1150, other.regie)
    paid(bank, second)
    assert set(Booking.objects.values_list("state", flat=True)) == {"confirmed"}


def test_a_refused_payment_keeps_the_places_until_their_limit(family, bank):
    family.hold(MONDAY)
    attempt = family.go_to_bank()
    bank.pay(attempt.gateway_reference, verdict=Verdict.REFUSED)
    with clock.frozen(NOON + timedelta(minutes=3)):
        ask_due()
        assert family.states() == {MONDAY: "held"}
        again = family.pay()
    assert again.id != attempt.id
    assert Invoice.objects.count() == 1
