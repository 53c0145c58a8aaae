"""The waiting list: a place given back goes to the first who waits, and to nobody else meanwhile."""

from datetime import timedelta

import pytest

from preau.domain.activities.models import Activity, PlacesOfDay
from preau.domain.bookings.errors import OrderClosedError, RefusedChangesError, WaitingRefusedError
from preau.domain.bookings.models import Booking, BookingOrder, DraftChange, WaitingEntry
from preau.domain.bookings.services.enrolments import end_enrolment
from preau.domain.bookings.services.places import set_capacity
from preau.domain.bookings.services.waiting import join_waiting_list, leave_waiting_list, offer_everything
from preau.domain.families.models import ChildHome
from preau.domain.payments.services.holds import answer_offer, drop_bookings, lapse_due
from preau.domain.payments.services.sending import cancel_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.foundation import clock
from preau.foundation.invariants import violations
from preau.foundation.mail.models import OutgoingMail
from tests.support.bookings import AGENT, MONDAY, PARENT, TUESDAY, Family, make_family, make_service
from tests.support.factories import NOON, make_regie

pytestmark = pytest.mark.django_db


def wait(family: Family, day=MONDAY) -> WaitingEntry:
    return join_waiting_list(
        household=family.household,
        child_id=family.children[0].public_id,
        activity_id=family.activity.public_id,
        unit_code=family.unit.code,
        day=day,
    )


@pytest.fixture
def holder(at_noon, db) -> Family:
    """Holds the only place of Monday."""
    family = make_family(make_service(capacity=1, regie=make_regie()))
    family.hold(MONDAY)
    return family


@pytest.fixture
def waiting(holder) -> list[Family]:
    """Two families that wait, one after the other."""
    families = [make_family(holder.activity) for _ in range(2)]
    for minutes, family in enumerate(families):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            wait(family)
    return families


def states() -> list[str]:
    return list(WaitingEntry.objects.order_by("asked_at").values_list("state", flat=True))


def offer() -> BookingOrder:
    return BookingOrder.objects.get(state="offered")


def answer(family: Family, *, accepts: bool, order: BookingOrder | None = None) -> BookingOrder:
    order = order or offer()
    return answer_offer(
        household=family.household, user=family.user, order_id=order.public_id, accepts=accepts, by=PARENT
    )


def give_up(holder: Family) -> None:
    drop_bookings(household=holder.household, keeps_for=None, by=PARENT)


def test_a_place_given_back_is_offered_to_the_first_at_once(holder, waiting):
    give_up(holder)
    assert states() == ["offered", "waiting"]
    order = offer()
    assert (order.household, order.hold_until, order.total_cents) == (
        waiting[0].household,
        NOON + timedelta(hours=48),
        360,
    )
    assert PlacesOfDay.objects.get(day=MONDAY).taken == 1
    mail = OutgoingMail.objects.get(kind="bookings.offered")
    assert mail.recipient == waiting[0].user.email
    assert "samedi" not in mail.text
    assert "10\u00a0octobre 2026 à 15\u202fh\u202f35" in mail.text
    assert violations() == []


@pytest.mark.parametrize("count", [1, 12])
def test_a_long_list_costs_no_more_than_a_short_one(holder, count, django_assert_num_queries):
    """One place for one child: the others are not even looked at, while every count stays locked."""
    for _ in range(count):
        wait(make_family(holder.activity))
    with django_assert_num_queries(47):
        give_up(holder)
    assert states().count("offered") == 1


def test_nobody_takes_an_offered_place_in_between(holder, waiting):
    give_up(holder)
    other = make_family(holder.activity)
    other.draft(MONDAY)
    with pytest.raises(RefusedChangesError):
        other.save()


def test_an_accepted_offer_is_held_for_its_payment(holder, waiting):
    give_up(holder)
    with clock.frozen(NOON + timedelta(hours=47, minutes=30)):
        order = answer(waiting[0], accepts=True)
        assert (order.state, order.hold_until) == ("held", NOON + timedelta(hours=48, minutes=30))
    assert states() == ["offered", "waiting"]


def test_a_taken_offer_not_paid_in_time_is_its_takers_to_choose_again(holder, waiting):
    give_up(holder)
    order = answer(waiting[0], accepts=True)
    with clock.frozen(order.hold_until):
        assert lapse_due() == 1
    assert list(DraftChange.objects.values_list("user", "day")) == [(waiting[0].user.id, MONDAY)]
    assert OutgoingMail.objects.filter(kind="bookings.lapsed").count() == 1


def test_a_paid_offer_ends_the_wait(holder, waiting, bank):
    give_up(holder)
    order = answer(waiting[0], accepts=True)
    BookingOrder.objects.filter(id=order.id).update(payment_mode="immediate")
    attempt = waiting[0].pay()
    assert attempt.amount_cents == 360


def test_an_offer_that_costs_nothing_now_is_confirmed(at_noon):
    holder = make_family(make_service(capacity=1, payment_mode="afterwards"))
    holder.draft(MONDAY)
    holder.save()
    family = make_family(holder.activity)
    wait(family)
    holder.undraft(MONDAY)
    holder.save()
    assert answer(family, accepts=True).state == "confirmed"
    assert states() == ["taken"]
    assert family.states() == {MONDAY: "confirmed"}
    assert violations() == []


def test_a_taken_offer_paid_after_its_right_went_leaves_the_list(holder, waiting, bank):
    give_up(holder)
    answer(waiting[0], accepts=True)
    attempt = waiting[0].go_to_bank()
    ChildHome.objects.filter(child=waiting[0].children[0]).delete()
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=3)):
        ask_due()
    assert waiting[0].states() == {MONDAY: "released"}
    assert states() == ["left", "offered"]


def test_a_taken_offer_paid_too_late_and_found_again_is_taken(holder, bank):
    family = make_family(holder.activity)
    wait(family)
    give_up(holder)
    order = answer(family, accepts=True)
    attempt = family.go_to_bank()
    cancel_attempt(attempt=attempt, by=PARENT)
    with clock.frozen(order.hold_until):
        assert lapse_due() == 1
        assert states() == ["passed"]
        bank.pay(attempt.gateway_reference)
    with clock.frozen(order.hold_until + timedelta(minutes=3)):
        ask_due()
    assert family.states() == {MONDAY: "confirmed"}
    assert states() == ["taken"]


def test_a_declined_offer_goes_to_the_next(holder, waiting):
    give_up(holder)
    answer(waiting[0], accepts=False)
    assert states() == ["left", "offered"]
    assert offer().household == waiting[1].household


def test_an_unanswered_offer_goes_to_the_next_and_says_so(holder, waiting):
    give_up(holder)
    first = offer()
    with clock.frozen(NOON + timedelta(hours=48)):
        assert lapse_due() == 1
        assert states() == ["passed", "offered"]
        with pytest.raises(OrderClosedError):
            answer(waiting[0], accepts=True, order=first)
    mail = OutgoingMail.objects.get(kind="bookings.passed")
    assert mail.recipient == waiting[0].user.email
    assert "Enfant1 n’est plus sur la liste d’attente de ce jour." in mail.text
    assert not OutgoingMail.objects.filter(kind="bookings.lapsed").exists()


def test_another_familys_offer_does_not_exist(holder, waiting):
    give_up(holder)
    with pytest.raises(BookingOrder.DoesNotExist):
        answer(waiting[1], accepts=True)


def test_an_offer_leaves_with_the_enrolment_and_goes_to_the_next(holder, waiting):
    give_up(holder)
    enrolment = waiting[0].children[0].enrolments.get()
    end_enrolment(enrolment_id=enrolment.public_id, on=MONDAY - timedelta(days=1), reason="Départ.", by=AGENT)
    assert states() == ["left", "offered"]
    assert offer().household == waiting[1].household
    assert violations() == []


def test_an_offer_on_a_day_still_enrolled_stays(holder, waiting):
    give_up(holder)
    enrolment = waiting[0].children[0].enrolments.get()
    end_enrolment(enrolment_id=enrolment.public_id, on=MONDAY, reason="Départ.", by=AGENT)
    assert states() == ["offered", "waiting"]


@pytest.mark.parametrize("mode", ["immediate", "afterwards"])
def test_a_child_that_lost_its_right_is_not_given_the_place(holder, waiting, mode):
    Activity.objects.update(payment_mode=mode)
    give_up(holder)
    ChildHome.objects.filter(child=waiting[0].children[0]).delete()
    with pytest.raises(OrderClosedError, match="Enfant1 n’est plus dans votre dossier"):
        answer(waiting[0], accepts=True)
    assert (states(), waiting[0].states()) == (["offered", "waiting"], {MONDAY: "held"})
    answer(waiting[0], accepts=False)
    assert states() == ["left", "offered"]


def test_no_offer_is_made_too_near_the_day(holder, waiting):
    with clock.frozen(NOON.replace(month=11, day=15, hour=22, minute=30)):
        give_up(holder)
        assert states() == ["waiting", "waiting"]


def test_a_raised_capacity_is_offered_too(holder, waiting):
    set_capacity(activity=holder.activity, group=None, days=[MONDAY], parts=holder.unit.parts, capacity=2, by=AGENT)
    assert offer_everything() == 1
    assert states() == ["offered", "waiting"]
    assert offer_everything() == 0


def test_a_lowered_capacity_takes_no_sold_place_away(holder):
    excess = set_capacity(
        activity=holder.activity, group=None, days=[MONDAY], parts=holder.unit.parts, capacity=0, by=AGENT
    )
    places = PlacesOfDay.objects.get(day=MONDAY)
    assert (excess, places.capacity, places.ceiling, places.taken) == (1, 0, 1, 1)
    give_up(holder)
    places.refresh_from_db()
    assert (places.ceiling, places.taken) == (0, 0)


def test_a_child_waits_once(holder):
    family = make_family(holder.activity)
    assert wait(family) == wait(family)
    assert WaitingEntry.objects.count() == 1


def test_leaving_the_list(holder, waiting):
    entry = WaitingEntry.objects.order_by("asked_at").first()
    assert not leave_waiting_list(household=waiting[1].household, entry_id=entry.public_id)
    assert leave_waiting_list(household=waiting[0].household, entry_id=entry.public_id)
    assert states() == ["left", "waiting"]
    assert wait(waiting[0]).id != entry.id


def refused(family: Family, day=MONDAY) -> str:
    with pytest.raises(WaitingRefusedError) as why:
        wait(family, day)
    return why.value.message


def test_one_waits_only_where_there_is_something_to_wait_for(holder):
    family = make_family(holder.activity)
    assert refused(family, TUESDAY) == "Il reste de la place ce jour-là : vous pouvez le réserver."
    assert refused(family, MONDAY + timedelta(days=2)) == "Fermé le mercredi"
    assert refused(holder) == "Ce jour est déjà réservé."
    type(holder.activity).objects.update(has_waiting_list=False)
    assert refused(family) == "Cette activité n’a pas de liste d’attente."
    family.children[0].enrolments.update(state="ended")
    assert "n’est pas inscrit" in refused(family)


def test_an_ended_enrolment_loses_its_turn(holder, waiting):
    waiting[0].children[0].enrolments.update(state="ended")
    give_up(holder)
    assert states() == ["waiting", "offered"]
    assert Booking.objects.get(state="held").household == waiting[1].household
