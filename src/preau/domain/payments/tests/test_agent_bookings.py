"""What agents book and cancel for families, and the money that follows (C26, U4, U12, V11)."""

from datetime import timedelta

import pytest

from preau.domain.activities.models import Closure, PaymentMode, PlacesOfDay
from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.errors import NotToBookError, PriceChangedError, ReasonMissingError, WaitingRefusedError
from preau.domain.bookings.models import Booking, BookingOrder, DraftChange, WaitingEntry
from preau.domain.bookings.queries.agents import agent_proposal
from preau.domain.bookings.services.agents import change_capacity, remove_entry
from preau.domain.bookings.services.waiting import join_waiting_list, offer_everything
from preau.domain.families.models import Guardian
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.errors import PaymentInProgressError
from preau.domain.payments.queries.closed_days import closed_but_booked, families_of_day
from preau.domain.payments.queries.orders import balances_of
from preau.domain.payments.services.agent_bookings import book_for_family, cancel_closed_day, cancel_for_family
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.holds import answer_offer
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.sweep import ask_due
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.models import AuditEvent
from preau.foundation.invariants import violations
from preau.foundation.mail.models import OutgoingMail
from tests.support.activities import make_deadline
from tests.support.bookings import (
    AGENT,
    FRIDAY,
    MONDAY,
    PARENT,
    THURSDAY,
    TUESDAY,
    make_family,
    make_service,
    surcharge,
)
from tests.support.factories import NOON, make_regie, make_town

pytestmark = pytest.mark.django_db

WHY = "la maman a appelé ce matin"


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def family():
    return make_family()


def small(capacity: int | None = 1, **values):
    make_town()
    return make_service(regie=make_regie(), capacity=capacity, **values)


def proposed(family, *days):
    wanted = Wanted(family.unit)
    enrolment = family.children[0].enrolments.get()
    return agent_proposal(enrolment, wanted, days, now=clock.now(), zone=the_town().zone)


def book(family, *days, **values) -> BookingOrder:
    return book_for_family(
        **{
            "enrolment": family.children[0].enrolments.get(),
            "wanted": Wanted(family.unit),
            "days": days,
            "form_key": new_form_key(),
            "shown_cents": proposed(family, *days).cost_cents,
            "derogation": "",
            "by": AGENT,
            **values,
        }
    )


def cancel(booking, **values):
    asked = {"regie_ids": [booking.activity.regie_id], "booking_id": booking.public_id, "reason": WHY, "by": AGENT}
    return cancel_for_family(**{**asked, **values})


def close(family, *, reason="grève", **values) -> Closure:
    return Closure.objects.create(
        **{"activity": family.activity, "first_day": MONDAY, "last_day": MONDAY, "reason": reason, **values}
    )


def close_and_cancel(family, **values):
    return cancel_closed_day(**{"activity": family.activity, "day": MONDAY, "reason": WHY, "by": AGENT, **values})


def paid(family, bank, *days) -> BookingOrder:
    """Days that the family booked and paid."""
    order = family.hold(*days)
    attempt = family.go_to_bank()
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=3)):
        ask_due()
    order.refresh_from_db()
    assert order.state == "confirmed"
    return order


def credit_of(family) -> int:
    return household_credit_cents(family.household).get(family.activity.regie_id, 0)


def owed_by(family) -> int:
    (balance,) = balances_of(family.household, [family.activity.regie])
    return balance.cents


def mails(kind: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind=kind).order_by("id"))


@pytest.mark.row("C26")
def test_what_an_agent_books_is_confirmed_at_once_and_left_due(family):
    order = book(family, MONDAY, TUESDAY)
    assert (order.state, order.user, order.total_cents) == ("confirmed", None, 720)
    assert family.states() == {MONDAY: "confirmed", TUESDAY: "confirmed"}
    assert Invoice.objects.get().left_cents == 720
    assert owed_by(family) == 720
    family.hold(THURSDAY)
    assert family.pay().amount_cents == 1080  # the next payment takes it along
    assert len(mails("bookings.confirmed")) == 1
    assert AuditEvent.objects.filter(action="bookings.made_for_family").count() == 1
    assert violations() == []


def test_what_is_billed_later_asks_nothing_now():
    family = make_family(small(payment_mode=PaymentMode.AFTERWARDS))
    order = book(family, MONDAY)
    assert (order.state, Invoice.objects.count()) == ("confirmed", 0)
    assert violations() == []


def test_the_same_click_books_nothing_twice(family):
    first = book(family, MONDAY, form_key="clic")
    assert book(family, MONDAY, form_key="clic", shown_cents=360) == first
    assert Booking.objects.count() == 1


def test_past_the_deadline_a_reason_is_asked_and_kept(family):
    make_deadline(family.activity)  # the tenth of the month before
    with clock.frozen(NOON + timedelta(days=30)):
        (change,) = proposed(family, MONDAY).changes
        assert change.past.startswith("Trop tard depuis")
        for nothing in ("", "  ", "oui"):
            with pytest.raises(ReasonMissingError):
                book(family, MONDAY, derogation=nothing)
        assert not Booking.objects.exists()
        book(family, MONDAY, derogation=f"  {WHY} \n")
    assert Booking.objects.get().derogation == WHY
    assert violations() == []


def test_what_passes_no_rule_keeps_no_derogation(family):
    book(family, MONDAY, derogation=WHY)
    assert Booking.objects.get().derogation == ""


def test_past_the_deadline_a_day_costs_what_a_late_day_costs(family):
    make_deadline(family.activity)
    surcharge(family.activity.units.get(), 100)
    with clock.frozen(NOON + timedelta(days=30)):
        book(family, MONDAY, derogation=WHY)
    booking = Booking.objects.get()
    assert (booking.price_cents, booking.is_late) == (460, True)


def test_over_capacity_the_place_of_a_family_that_pays_is_not_stolen(bank):
    activity = small(1)
    theirs, mine = make_family(activity), make_family(activity)
    theirs.hold(MONDAY)
    assert theirs.pay() is not None
    (change,) = proposed(mine, MONDAY).changes
    assert change.past == "Ce jour est complet."
    book(mine, MONDAY, derogation=WHY)
    assert (mine.states(), theirs.states()) == ({MONDAY: "confirmed"}, {MONDAY: "held"})
    places = PlacesOfDay.objects.get()
    assert (places.taken, places.capacity, places.ceiling) == (2, 1, 2)
    assert Booking.objects.get(household=mine.household).derogation == WHY
    assert violations() == []


def test_a_place_lost_meanwhile_is_refused_not_forced(monkeypatch):
    activity = small(1)
    mine, theirs = make_family(activity), make_family(activity)
    seen = proposed(mine, MONDAY)
    theirs.hold(MONDAY)
    monkeypatch.setattr("preau.domain.payments.services.agent_bookings.agent_proposal", lambda *_, **__: seen)
    with pytest.raises(NotToBookError, match="vient d’être complet"):
        book(mine, MONDAY, shown_cents=360, derogation=WHY)
    assert (Invoice.objects.count(), mine.states()) == (0, {})


def test_a_reason_for_a_late_day_forces_no_place_lost_meanwhile(monkeypatch):
    activity = small(1)
    make_deadline(activity)
    mine, theirs = make_family(activity), make_family(activity)
    theirs.hold(MONDAY)
    PlacesOfDay.objects.update(taken=0)
    with clock.frozen(NOON + timedelta(days=30)):
        seen = proposed(mine, MONDAY)
        assert seen.changes[0].past.startswith("Trop tard depuis")
        PlacesOfDay.objects.update(taken=1)
        monkeypatch.setattr("preau.domain.payments.services.agent_bookings.agent_proposal", lambda *_, **__: seen)
        with pytest.raises(NotToBookError, match="vient d’être complet"):
            book(mine, MONDAY, shown_cents=360, derogation=WHY)
    assert (Invoice.objects.count(), mine.states()) == (0, {})


@pytest.mark.parametrize("day", [MONDAY - timedelta(days=1), MONDAY - timedelta(days=100)])
def test_a_closed_day_is_refused_whatever_the_reason(family, day):
    with pytest.raises(NotToBookError):
        book(family, day, derogation=WHY)


def test_a_day_already_booked_is_refused(family):
    family.hold(MONDAY)
    with pytest.raises(NotToBookError, match="déjà réservé"):
        book(family, MONDAY, TUESDAY, derogation=WHY)
    assert BookingOrder.objects.count() == 1


def test_a_price_that_changed_is_refused(family):
    with pytest.raises(PriceChangedError):
        book(family, MONDAY, shown_cents=1)


def test_no_day_and_an_ended_enrolment_are_refused(family):
    with pytest.raises(NotToBookError, match="un jour"):
        book(family)
    enrolment = family.children[0].enrolments.get()
    type(enrolment).objects.update(state="ended")
    with pytest.raises(NotToBookError, match="plus en vigueur"):
        book(family, MONDAY, enrolment=enrolment, shown_cents=360)


def test_who_is_booked_by_an_agent_waits_no_more():
    activity = small(1)
    theirs, mine = make_family(activity), make_family(activity)
    theirs.hold(MONDAY)
    wait(mine)
    book(mine, MONDAY, derogation=WHY)
    assert WaitingEntry.objects.get().state == "left"


def test_what_was_paid_and_is_cancelled_goes_to_the_credit_of_the_family(family, bank):
    paid(family, bank, MONDAY, TUESDAY)
    done = cancel(Booking.objects.get(day=MONDAY))
    assert (done.credited_cents, done.lowered_cents, done.is_told) == (360, 0, True)
    assert family.states() == {MONDAY: "cancelled", TUESDAY: "confirmed"}
    assert credit_of(family) == 360
    (mail,) = mails("bookings.cancelled")
    assert WHY in mail.text
    assert "3,60\u202f€ sont à votre avoir" in mail.text
    event = AuditEvent.objects.get(action="bookings.cancelled_by_agent")
    assert (event.actor_kind, event.details["reason"], event.details["credited_cents"]) == ("agent", WHY, 360)
    assert violations() == []


@pytest.mark.parametrize(
    ("percent", "cents", "words"),
    [(50, 183, "50\u202f% de leur prix est rendu."), (0, 0, "Leur prix n’est pas rendu.")],
)
def test_an_agent_gives_back_the_share_that_the_rule_of_the_town_says(bank, percent, cents, words):
    """365 cents: half is rounded half up."""
    family = make_family(small(cents=365))
    paid(family, bank, MONDAY)
    done = cancel(Booking.objects.get(), back_percent=percent)
    assert (done.credited_cents, credit_of(family)) == (cents, cents)
    assert words in mails("bookings.cancelled")[0].text
    assert violations() == []


def test_what_is_not_given_back_stays_due(family):
    book(family, MONDAY, TUESDAY)
    done = cancel(Booking.objects.get(day=MONDAY), back_percent=0)
    assert (done.lowered_cents, owed_by(family)) == (0, 720)
    done = cancel(Booking.objects.get(day=TUESDAY), back_percent=50)
    assert (done.lowered_cents, owed_by(family)) == (180, 540)
    assert violations() == []


def test_what_was_left_due_and_is_cancelled_is_asked_no_more(family):
    book(family, MONDAY, TUESDAY)
    done = cancel(Booking.objects.get(day=MONDAY))
    assert (done.credited_cents, done.lowered_cents) == (0, 360)
    assert (owed_by(family), credit_of(family)) == (360, 0)
    cancel(Booking.objects.get(day=TUESDAY))
    assert owed_by(family) == 0
    assert Invoice.objects.get().settled_on is not None
    assert violations() == []


def test_what_is_billed_later_gives_nothing_back():
    family = make_family(small(payment_mode=PaymentMode.AFTERWARDS))
    book(family, MONDAY)
    done = cancel(Booking.objects.get())
    assert (done.credited_cents, done.lowered_cents, CreditNote.objects.count()) == (0, 0, 0)


def test_a_day_that_waits_for_its_payment_ends_with_its_order_and_its_choices_stay(family):
    family.hold(MONDAY, TUESDAY)
    done = cancel(Booking.objects.get(day=MONDAY))
    assert (len(done.bookings), len(done.released)) == (0, 2)
    assert family.states() == {MONDAY: "released", TUESDAY: "released"}
    assert BookingOrder.objects.get().state == "cancelled"
    assert DraftChange.objects.count() == 2
    assert "ne sont plus gardés" in mails("bookings.cancelled")[0].text
    assert violations() == []


def test_a_late_payment_does_not_bring_back_what_the_town_took_away(family, bank):
    """The family cancelled its payment here, its bank took it all the same, and an agent cancelled the day between."""
    family.hold(MONDAY)
    attempt = family.go_to_bank()
    cancel_attempt(attempt=attempt, by=PARENT)
    cancel(Booking.objects.get())
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(hours=2)):
        ask_due()
    assert (family.states(), credit_of(family)) == ({MONDAY: "released"}, 360)
    assert BookingOrder.objects.get().events.last().name == "cancelled"
    assert violations() == []


def test_a_day_being_paid_is_left_alone(family):
    family.hold(MONDAY)
    family.pay()
    with pytest.raises(PaymentInProgressError):
        cancel(Booking.objects.get())
    assert family.states() == {MONDAY: "held"}


def test_a_sum_being_paid_is_not_lowered(family):
    book(family, MONDAY)
    family.hold(TUESDAY)
    family.pay()
    with pytest.raises(PaymentInProgressError):
        cancel(Booking.objects.get(day=MONDAY))


def test_a_day_that_the_family_was_changing_is_credited_once(family, bank):
    paid(family, bank, MONDAY)
    family.undraft(MONDAY)
    family.draft(TUESDAY, THURSDAY)
    family.save()
    assert Booking.objects.get(day=MONDAY).is_leaving
    done = cancel(Booking.objects.get(day=MONDAY))
    assert (done.credited_cents, len(done.released)) == (360, 2)
    assert credit_of(family) == 360
    assert family.proposal.cost_cents == 720  # the two days chosen are still there, the one removed is not
    assert violations() == []


def test_cancelling_asks_a_reason_and_a_live_booking(family):
    book(family, MONDAY)
    booking = Booking.objects.get()
    with pytest.raises(ReasonMissingError):
        cancel(booking, reason="non")
    cancel(booking)
    with pytest.raises(Booking.DoesNotExist):
        cancel(booking)


def test_another_regie_cancels_nothing(family):
    book(family, MONDAY)
    with pytest.raises(Booking.DoesNotExist):
        cancel(Booking.objects.get(), regie_ids=[make_regie().id])


def wait(family, day=MONDAY) -> WaitingEntry:
    child = family.children[0].public_id
    return join_waiting_list(
        household=family.household,
        child_id=child,
        activity_id=family.activity.public_id,
        unit_code=family.unit.code,
        day=day,
    )


def test_a_place_given_back_goes_to_the_first_who_waits():
    activity = small(1)
    mine, first, second = (make_family(activity) for _ in range(3))
    book(mine, MONDAY)
    wait(first)
    wait(second)
    cancel(Booking.objects.get())
    assert [one.state for one in WaitingEntry.objects.order_by("id")] == ["offered", "waiting"]
    assert violations() == []


def test_whoever_booked_otherwise_is_offered_nothing_and_stops_nobody():
    activity = small(1)
    mine, first, second = (make_family(activity) for _ in range(3))
    book(mine, MONDAY)
    wait(first)
    wait(second)
    PlacesOfDay.objects.update(capacity=2, ceiling=2)
    first.hold(MONDAY)  # before the worker offers the new place
    PlacesOfDay.objects.update(capacity=3, ceiling=3)
    assert offer_everything() == 1
    assert [one.state for one in WaitingEntry.objects.order_by("id")] == ["left", "offered"]


def test_a_capacity_lowered_below_what_is_sold_loses_no_booking_and_sells_no_more():
    activity = small(3)
    one, two, late = (make_family(activity) for _ in range(3))
    book(one, MONDAY)
    two.hold(MONDAY)
    lower = {"activity": activity, "group": None, "first": MONDAY, "last": FRIDAY, "parts": ["am"], "by": AGENT}
    assert change_capacity(**lower, capacity=1) == 4  # Wednesday is closed
    places = PlacesOfDay.objects.get(day=MONDAY)
    assert (places.taken, places.capacity, places.ceiling) == (2, 1, 2)
    assert (one.states(), two.states()) == ({MONDAY: "confirmed"}, {MONDAY: "held"})
    assert proposed(late, MONDAY).changes[0].past == "Ce jour est complet."
    event = AuditEvent.objects.get(action="places.capacity_set")
    assert (event.details["excess"], event.details["capacity"], event.details["days"]) == (1, 1, 4)
    cancel(Booking.objects.get(household=one.household))
    places.refresh_from_db()
    assert (places.taken, places.ceiling) == (1, 1)  # the ceiling came down with the cancellation
    assert violations() == []


def test_a_capacity_raised_is_offered_in_turn():
    activity = small(1)
    mine, first, second = (make_family(activity) for _ in range(3))
    book(mine, MONDAY)
    wait(first)
    wait(second)
    change_capacity(activity=activity, group=None, first=MONDAY, last=MONDAY, parts=["am"], capacity=2, by=AGENT)
    assert [one.state for one in WaitingEntry.objects.order_by("id")] == ["offered", "waiting"]


def test_a_limit_set_after_days_were_booked_counts_them():
    """Until then they are counted nowhere."""
    activity = small(None)
    mine, late = make_family(activity), make_family(activity)
    book(mine, MONDAY)
    assert not PlacesOfDay.objects.exists()
    activity.capacity = 1
    activity.save()
    late.activity.refresh_from_db()
    assert proposed(late, MONDAY).changes[0].past == "Ce jour est complet."


def test_a_stretch_without_open_day_changes_nothing():
    activity = small(1)
    sunday = MONDAY - timedelta(days=1)
    with pytest.raises(NotToBookError, match="aucun jour"):
        change_capacity(activity=activity, group=None, first=sunday, last=sunday, parts=["am"], capacity=2, by=AGENT)


def test_a_day_closed_while_booked_is_told_then_cancelled_family_by_family(bank):
    activity = small(9)
    one, two = make_family(activity), make_family(activity)
    paid(one, bank, MONDAY)
    two.hold(MONDAY)
    close(one)
    assert [(day.day, day.reason, day.bookings) for day in told(activity)] == [(MONDAY, "Fermé\u202f: grève", 2)]
    assert violations() == []  # closed after it was booked: told, not broken
    assert {found.household for found in families_of_day(activity, MONDAY)} == {one.household, two.household}
    first = close_and_cancel(one, most=1)
    assert (first.families, first.left, first.paying) == (1, 1, 0)
    assert len(told(activity)) == 1
    second = close_and_cancel(one)
    assert (second.families, second.left) == (1, 0)
    assert told(activity) == []
    assert credit_of(one) == 360
    assert len(mails("bookings.cancelled")) == 2
    assert AuditEvent.objects.filter(action="bookings.cancelled_by_agent").count() == 2
    assert violations() == []


def told(activity):
    return closed_but_booked([activity.regie_id], today=NOON.date(), zone=the_town().zone)


def test_a_family_that_is_paying_for_a_closed_day_waits_for_the_next_click(family, bank):
    family.hold(MONDAY)
    attempt = family.pay()
    close(family)
    assert families_of_day(family.activity, MONDAY)[0].is_paying
    done = close_and_cancel(family)
    assert (done.families, done.paying, done.left) == (0, 1, 0)
    send_attempt(attempt=attempt, link_for=lambda _: ("https://town.example/n", "https://town.example/r"), by=PARENT)
    attempt.refresh_from_db()
    bank.pay(attempt.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=3)):
        ask_due()
        assert close_and_cancel(family).families == 1
    assert (family.states(), credit_of(family)) == ({MONDAY: "cancelled"}, 360)


def test_an_open_day_is_not_emptied(family):
    book(family, MONDAY)
    with pytest.raises(NotToBookError, match="n’est pas fermé"):
        close_and_cancel(family)
    close(family)
    with pytest.raises(ReasonMissingError):
        close_and_cancel(family, reason="")
    assert family.states() == {MONDAY: "confirmed"}


def test_a_family_without_address_is_named_to_the_agent(family):
    book(family, MONDAY)
    Guardian.objects.update(email="")
    type(family.user).objects.filter(id=family.user.id).update(email=None)
    close(family)
    assert close_and_cancel(family).untold == (family.household,)


def test_places_of_a_closed_day_are_offered_to_nobody():
    activity = small(1)
    mine, first = make_family(activity), make_family(activity)
    book(mine, MONDAY)
    wait(first)
    close(mine)
    close_and_cancel(mine)
    assert offer_everything() == 0
    assert WaitingEntry.objects.get().state == "waiting"


def test_an_agent_takes_a_child_off_a_list_and_nobody_overtakes():
    activity = small(1)
    mine, *others = (make_family(activity) for _ in range(4))
    book(mine, MONDAY)
    entries = [wait(other) for other in others]
    remove_entry(entry_id=entries[0].public_id, regie_ids=[activity.regie_id], reason=WHY, by=AGENT)
    assert WHY in mails("waiting.removed")[0].text
    assert AuditEvent.objects.get(action="waiting.removed").details == {"reason": WHY}
    cancel(Booking.objects.get())
    assert [one.state for one in WaitingEntry.objects.order_by("id")] == ["left", "offered", "waiting"]


def test_an_offer_taken_away_goes_to_the_next():
    activity = small(1)
    mine, first, second = (make_family(activity) for _ in range(3))
    book(mine, MONDAY)
    entry, _ = wait(first), wait(second)
    cancel(Booking.objects.get())
    remove_entry(entry_id=entry.public_id, regie_ids=[activity.regie_id], reason=WHY, by=AGENT)
    assert [one.state for one in WaitingEntry.objects.order_by("id")] == ["left", "offered"]
    assert [one.state for one in BookingOrder.objects.filter(user=None).order_by("id")][1:] == ["cancelled", "offered"]
    assert PlacesOfDay.objects.get().taken == 1
    assert violations() == []


def test_taking_off_a_list_asks_a_reason_a_live_turn_and_ones_own_regie():
    activity = small(1)
    mine, first = make_family(activity), make_family(activity)
    book(mine, MONDAY)
    entry = wait(first)
    asked = {"entry_id": entry.public_id, "regie_ids": [activity.regie_id], "reason": WHY, "by": AGENT}
    with pytest.raises(ReasonMissingError):
        remove_entry(**{**asked, "reason": " "})
    with pytest.raises(WaitingEntry.DoesNotExist):
        remove_entry(**{**asked, "regie_ids": [make_regie().id]})
    cancel(Booking.objects.get())
    entry.refresh_from_db()
    answer_offer(household=first.household, user=first.user, order_id=entry.order.public_id, accepts=True, by=PARENT)
    with pytest.raises(WaitingRefusedError, match="doit la payer"):
        remove_entry(**asked)
    WaitingEntry.objects.update(state="passed")
    with pytest.raises(WaitingRefusedError, match="n’attend plus"):
        remove_entry(**asked)
