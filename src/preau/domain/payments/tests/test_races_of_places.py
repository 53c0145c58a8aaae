"""Places wanted by many at the same instant, on PostgreSQL: what is sold was there, and once (U2, U3, U7, N4)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.db.models import F

from preau.domain.activities.models import PaymentMode, PlacesOfDay
from preau.domain.bookings.errors import NothingToSaveError, OrderClosedError, RefusedChangesError
from preau.domain.bookings.models import Booking, BookingOrder
from preau.domain.bookings.services import places, saving, waiting
from preau.domain.bookings.services.saving import Saved
from preau.domain.bookings.services.waiting import join_waiting_list, offer_everything
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.services import freezing, holds, orders
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.holds import answer_offer, drop_bookings, lapse_due
from preau.domain.payments.services.sending import cancel_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.domain.payments.tests.crossing import crossing, no_row_locks
from preau.foundation import clock
from preau.foundation.invariants import violations
from tests.support.activities import make_unit
from tests.support.bookings import (
    MONDAY,
    PARENT,
    TUESDAY,
    Family,
    make_enrolment,
    make_family,
    make_service,
    price,
)
from tests.support.factories import NOON, make_regie, make_user

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

BUYERS, PLACES = 50, 10


@pytest.fixture
def at_noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def activity(at_noon, transactional_db):
    return make_service(capacity=1, regie=make_regie())


def all_at_once(calls):
    """Run calls in as many threads, started together; what each returned or raised."""
    together = Barrier(len(calls))

    def run(call):
        with closing(connection):
            together.wait()
            try:
                return call()
            except RefusedChangesError as refusal:
                return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def save(family: Family, cents: int = 360):
    return partial(family.save, shown_cents=cents, form_key=new_form_key())


@pytest.fixture
def buyers(at_noon, transactional_db):
    """Fifty families, each wanting one of the last ten places of Monday."""
    activity = make_service(capacity=PLACES, regie=make_regie())
    families = [make_family(activity) for _ in range(BUYERS)]
    for family in families:
        family.draft(MONDAY)
    return families


def sold() -> int:
    return Booking.objects.filter(state="held").count()


def test_fifty_buyers_for_ten_places_buy_ten(buyers):
    answers = all_at_once([save(family) for family in buyers])
    assert (sold(), PlacesOfDay.objects.get().taken) == (PLACES, PLACES)
    assert sum(isinstance(answer, Saved) for answer in answers) == PLACES
    assert sum(isinstance(answer, RefusedChangesError) for answer in answers) == BUYERS - PLACES
    assert violations() == []


def lock_free_take(needs, *, is_forced: bool = False) -> None:
    """What a hurried developer would write: read, compare, write."""
    for slot, asked in needs.items():
        row, _ = PlacesOfDay.objects.get_or_create(
            activity_id=slot.activity_id,
            day=slot.day,
            part=slot.part,
            defaults={"capacity": slot.capacity, "ceiling": 10 * BUYERS},
        )
        if row.taken + asked > slot.capacity:
            raise places.FullError((slot,))
        PlacesOfDay.objects.filter(id=row.id).update(taken=F("taken") + asked)


def test_control_read_then_write_oversells(buyers, monkeypatch):
    monkeypatch.setattr(saving, "lock_places", lambda _: None)
    monkeypatch.setattr(saving, "take", lock_free_take)
    all_at_once([save(family) for family in buyers])
    assert sold() > PLACES


def test_of_two_parents_for_the_last_place_one_is_told_it_is_full(activity, crossing):
    first, second = (make_family(activity) for _ in range(2))
    for family in (first, second):
        family.draft(MONDAY)
    crossing.before(saving, "create_bookings")
    answers = crossing.run(save(first), save(second))
    assert [type(answer) for answer in answers] == [Saved, RefusedChangesError]
    assert (sold(), PlacesOfDay.objects.get().taken) == (1, 1)


def test_days_asked_in_opposite_orders_never_block_each_other(at_noon, transactional_db):
    activity = make_service(capacity=40, regie=make_regie())
    families = [make_family(activity) for _ in range(20)]
    for rank, family in enumerate(families):
        family.draft(*((MONDAY, TUESDAY) if rank % 2 else (TUESDAY, MONDAY)))
    answers = all_at_once([save(family, 720) for family in families])
    assert all(isinstance(answer, Saved) for answer in answers)


@pytest.fixture
def swappers(at_noon, transactional_db):
    """Two families, billed later: each gives back the day that the other takes."""
    activity = make_service(capacity=5, regie=make_regie(), payment_mode=PaymentMode.AFTERWARDS)
    families = [make_family(activity) for _ in range(2)]
    for family, has, wants in zip(families, (MONDAY, TUESDAY), (TUESDAY, MONDAY), strict=True):
        family.draft(has)
        family.save()
        family.undraft(has)
        family.draft(wants)
    return families


def test_days_swapped_in_opposite_ways_never_block_each_other(swappers, crossing):
    mine, theirs = swappers
    crossing.before(waiting, "lock_counted")
    answers = crossing.run(save(mine, cents=0), save(theirs, cents=0))
    assert [type(answer) for answer in answers] == [Saved, Saved]
    assert (mine.states()[TUESDAY], theirs.states()[MONDAY]) == ("confirmed", "confirmed")
    assert violations() == []


def test_control_locked_one_after_the_other_swapped_days_block_each_other(swappers, crossing, monkeypatch):
    mine, theirs = swappers
    monkeypatch.setattr(saving, "lock_places", lambda _: None)
    crossing.before(waiting, "lock_counted")
    answers = crossing.run(save(mine, cents=0), save(theirs, cents=0))
    assert sum(isinstance(answer, OperationalError) for answer in answers) == 1


def test_two_clicks_save_once(activity, crossing):
    family = make_family(activity)
    family.draft(MONDAY)
    click = partial(family.save, shown_cents=360, form_key="k")
    crossing.before(saving, "create_order")
    first, second = crossing.run(click, click)
    assert first.orders == second.orders
    assert BookingOrder.objects.count() == 1


def test_two_parents_of_a_family_book_one_day_once(activity, crossing):
    family = make_family(activity)
    partner = Family(family.household, make_user(), family.activity, family.children)
    for one in (family, partner):
        one.draft(MONDAY)
    crossing.before(saving, "create_order")
    answers = crossing.run(save(family), save(partner))
    assert [type(answer) for answer in answers] == [Saved, NothingToSaveError]
    assert sold() == 1


@pytest.fixture
def an_hour_later(monkeypatch):
    """The worker's clock alone: the hold is over for it, and not yet for the page."""
    monkeypatch.setattr(holds, "clock", SimpleNamespace(now=lambda: NOON + timedelta(hours=1), today=clock.today))


def test_a_hold_does_not_lapse_under_the_click_that_pays_it(activity, crossing, an_hour_later):
    family = make_family(activity)
    family.hold(MONDAY)
    crossing.before(freezing, "first_event")
    attempt, lapsed = crossing.run(partial(family.pay, shown_cents=360), lapse_due)
    assert (attempt.state, lapsed, family.states()) == ("prepared", 0, {MONDAY: "held"})


def test_a_click_does_not_pay_what_is_lapsing(activity, crossing, an_hour_later):
    family = make_family(activity)
    family.hold(MONDAY)
    crossing.before(holds, "lapse_order")
    lapsed, refusal = crossing.run(lapse_due, partial(family.pay, shown_cents=360))
    assert (lapsed, type(refusal), family.states()) == (1, OrderClosedError, {MONDAY: "released"})
    assert violations() == []


def test_control_without_locks_a_lapsing_place_is_paid_for(activity, crossing, an_hour_later, no_row_locks):
    family = make_family(activity)
    family.hold(MONDAY)
    no_row_locks()
    crossing.before(holds, "lapse_order")
    _, attempt = crossing.run(lapse_due, partial(family.pay, shown_cents=360))
    assert isinstance(attempt, PaymentAttempt)
    assert family.states() == {MONDAY: "released"}


def test_two_clicks_pay_once(activity, crossing):
    family = make_family(activity)
    family.hold(MONDAY)
    click = partial(family.pay, shown_cents=360, form_key="k")
    crossing.before(orders, "bill_order")
    first, second = crossing.run(click, click)
    assert first == second
    assert PaymentAttempt.objects.count() == 1


def late_payment(family: Family, bank) -> None:
    """Paid at the bank after the hold was over; the portal does not know yet."""
    family.hold(MONDAY)
    attempt = family.go_to_bank()
    cancel_attempt(attempt=attempt, by=PARENT)
    with clock.frozen(NOON + timedelta(hours=1)):
        lapse_due()
    bank.pay(attempt.gateway_reference)


def test_a_late_payment_and_a_new_buyer_share_one_place(activity, crossing, bank):
    late, other = make_family(activity), make_family(activity)
    late_payment(late, bank)
    other.draft(MONDAY)

    def settle():
        with clock.frozen(NOON + timedelta(hours=2)):
            return ask_due()

    crossing.before(saving, "create_bookings")
    saved, asked = crossing.run(save(other), settle)
    assert (type(saved), asked) == (Saved, 1)
    assert (late.states(), PlacesOfDay.objects.get().taken) == ({MONDAY: "released"}, 1)
    assert violations() == []


def test_an_offer_goes_to_one_family_only(activity, crossing):
    """Two families give a place back at once; two others wait."""
    type(activity).objects.update(capacity=2)
    activity.refresh_from_db()
    holders = [make_family(activity) for _ in range(2)]
    for holder in holders:
        holder.hold(MONDAY)
    waiters = [make_family(activity) for _ in range(2)]
    for family in waiters:
        join_waiting_list(
            household=family.household,
            child_id=family.children[0].public_id,
            activity_id=activity.public_id,
            unit_code=family.unit.code,
            day=MONDAY,
        )
    crossing.before(holds, "drop_order")
    crossing.run(*(partial(drop_bookings, household=h.household, keeps_for=None, by=PARENT) for h in holders))
    offered = BookingOrder.objects.filter(state="offered")
    assert {order.household for order in offered} == {family.household for family in waiters}
    assert PlacesOfDay.objects.get().taken == 2


@pytest.fixture
def waited_for(activity):
    """A family that holds the only place of a day that another waits for."""
    holder, waiter = make_family(activity), make_family(activity)
    holder.hold(MONDAY)
    join_waiting_list(
        household=waiter.household,
        child_id=waiter.children[0].public_id,
        activity_id=activity.public_id,
        unit_code=waiter.unit.code,
        day=MONDAY,
    )
    return holder, waiter


def drop(family: Family):
    return partial(drop_bookings, household=family.household, keeps_for=None, by=PARENT)


@pytest.fixture
def one_free(waited_for):
    """The same, and a second place that nobody has taken."""
    holder, _ = waited_for
    type(holder.activity).objects.update(capacity=2)
    PlacesOfDay.objects.update(capacity=2, ceiling=2)
    return waited_for


def test_who_gives_a_place_back_and_who_offers_what_is_free_never_block_each_other(one_free, crossing):
    holder, waiter = one_free
    crossing.before(waiting, "take")
    assert crossing.run(offer_everything, drop(holder)) == [1, 1]
    assert waiter.states() == {MONDAY: "held"}
    assert violations() == []


def test_control_entries_locked_before_places_block_who_gives_a_place_back(one_free, crossing, monkeypatch):
    holder, _ = one_free
    monkeypatch.setattr(waiting, "lock_places", lambda _: None)
    crossing.before(waiting, "take")
    answers = crossing.run(offer_everything, drop(holder))
    assert sum(isinstance(answer, OperationalError) for answer in answers) == 1


@pytest.fixture
def halves(activity):
    """Two families that each hold half of a full day; a third waits for the whole of it."""
    day = make_unit(activity, "Journée", parts=["am", "pm"], position=1)
    for unit in (day, make_unit(activity, "Après-midi", parts=["pm"], position=2)):
        price(unit, 600)
    morning, afternoon, waiter = (make_family(activity) for _ in range(3))
    for family, name in ((morning, "Repas"), (afternoon, "Après-midi")):
        family.draft(MONDAY, unit=activity.units.get(name=name))
        family.save()
    join_waiting_list(
        household=waiter.household,
        child_id=waiter.children[0].public_id,
        activity_id=activity.public_id,
        unit_code=day.code,
        day=MONDAY,
    )
    return morning, afternoon, waiter


def test_two_halves_given_back_at_once_make_a_day_for_who_waits(halves, crossing):
    morning, afternoon, waiter = halves
    crossing.before(waiting, "_in_turn")
    assert crossing.run(drop(morning), drop(afternoon)) == [1, 1]
    assert waiter.states() == {MONDAY: "held"}
    assert violations() == []


def test_control_each_half_locked_alone_nobody_sees_the_other_come_free(halves, crossing, monkeypatch):
    morning, afternoon, waiter = halves
    monkeypatch.setattr(waiting, "lock_counted", lambda _: None)
    crossing.before(waiting, "_in_turn")
    assert crossing.run(drop(morning), drop(afternoon)) == [1, 1]
    assert waiter.states() == {}


@pytest.fixture
def across(activity):
    """Two families in two activities: one holds a day in each, the later one first; the other wants both."""
    later = make_service("Accueil du soir", capacity=5, regie=make_regie())
    holder, buyer = make_family(activity), make_family(activity)
    type(activity).objects.filter(id=activity.id).update(capacity=5)
    for family in (holder, buyer):
        make_enrolment(family.children[0], later, family.household)
        family.draft(MONDAY, activity=later)
    holder.save()
    for family in (holder, buyer):
        family.draft(MONDAY)
    holder.save()
    return holder, buyer


def test_who_gives_back_in_two_activities_and_who_books_in_both_never_block_each_other(across, crossing):
    holder, buyer = across
    crossing.before(holds, "cancel_invoices")
    dropped, saved = crossing.run(drop(holder), save(buyer, 720))
    assert (dropped, type(saved)) == (2, Saved)
    assert violations() == []


def test_control_orders_ended_one_by_one_block_who_books_in_both(across, crossing, monkeypatch):
    holder, buyer = across
    monkeypatch.setattr(holds, "lock_days_of", lambda _: None)
    crossing.before(holds, "cancel_invoices")
    answers = crossing.run(drop(holder), save(buyer, 720))
    assert sum(isinstance(answer, OperationalError) for answer in answers) == 1


def test_an_answered_offer_is_answered_once(waited_for, crossing):
    holder, family = waited_for
    drop_bookings(household=holder.household, keeps_for=None, by=PARENT)
    order = BookingOrder.objects.get(state="offered")
    answer = partial(answer_offer, household=family.household, user=family.user, order_id=order.public_id, by=PARENT)
    crossing.before(holds, "take_offer")
    taken, declined = crossing.run(partial(answer, accepts=True), partial(answer, accepts=False))
    assert (taken.state, type(declined)) == ("held", OrderClosedError)
