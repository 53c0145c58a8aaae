"""What can be saved, what cannot and why: nothing the page says is believed, and nothing is lost (U2, U6, U7, W25)."""

from datetime import date, timedelta

import pytest

from preau.domain.activities.models import Closure, DeadlineKind, DeadlinePurpose, PlacesOfDay, UnitMode
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.errors import (
    DraftTooLongError,
    NothingToSaveError,
    RefusedChangesError,
    TooManyHeldError,
)
from preau.domain.bookings.models import Booking, BookingOrder, DraftChange
from preau.domain.bookings.services import drafts
from preau.domain.bookings.services.drafts import clear_draft
from preau.domain.families.models import Child
from preau.foundation import clock
from tests.support.activities import make_autumn_holidays, make_deadline, make_unit
from tests.support.bookings import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    make_enrolment,
    make_family,
    make_service,
    price,
    surcharge,
)
from tests.support.factories import NOON

PAST, TODAY, WEDNESDAY, HOLIDAY = date(2026, 10, 6), date(2026, 10, 8), date(2026, 11, 18), date(2026, 10, 26)


def refusals(family) -> dict[date, str]:
    return {change.day: " ".join(change.refusal.split()) for change in family.proposal.refused}


def test_a_day_is_held_at_its_price_with_its_reasons(family):
    order = family.hold(MONDAY)
    booking = Booking.objects.get()
    assert (booking.state, booking.price_cents, order.total_cents) == ("held", 360, 360)
    assert booking.price_reasons
    assert [event.name for event in booking.events.all()] == ["created"]
    assert PlacesOfDay.objects.get(day=MONDAY).taken == 1
    assert not DraftChange.objects.exists()


def test_each_day_that_cannot_be_booked_says_why(family):
    make_autumn_holidays()
    Closure.objects.create(activity=family.activity, first_day=FRIDAY, last_day=FRIDAY, reason="grève")
    family.draft(PAST, TODAY, WEDNESDAY, HOLIDAY, FRIDAY, MONDAY)
    assert refusals(family) == {
        PAST: "Trop tard depuis le lundi 5 octobre à minuit",
        TODAY: "Trop tard depuis le mercredi 7 octobre à minuit",
        WEDNESDAY: "Fermé le mercredi",
        HOLIDAY: "Vacances de la Toussaint",
        FRIDAY: "Fermé : grève",
    }
    with pytest.raises(RefusedChangesError):
        family.save()
    assert not Booking.objects.exists()
    assert DraftChange.objects.count() == 6


def test_a_chosen_part_is_saved_and_the_rest_stays_drafted(family):
    family.draft(WEDNESDAY, MONDAY)
    saved = family.save(is_partial=True)
    assert family.states() == {MONDAY: "held"}
    assert [change.day for change in saved.refused] == [WEDNESDAY]
    assert [draft.day for draft in DraftChange.objects.all()] == [WEDNESDAY]


def test_an_empty_draft_is_refused(family):
    with pytest.raises(NothingToSaveError):
        family.save()


def test_the_last_place_goes_to_the_first(family):
    for _ in range(3):
        make_family(family.activity).hold(MONDAY)
    family.draft(MONDAY, TUESDAY)
    with pytest.raises(RefusedChangesError) as refused:
        family.save()
    assert [(c.day, c.refusal) for c in refused.value.proposal.refused] == [(MONDAY, "Ce jour est complet.")]
    assert family.states() == {}
    assert not PlacesOfDay.objects.filter(day=TUESDAY).exists()
    family.save(is_partial=True)
    assert family.states() == {TUESDAY: "held"}


def test_two_children_for_one_place_are_told_who_goes_without(family):
    for _ in range(2):
        make_family(family.activity).hold(MONDAY)
    for child in (0, 1):
        family.draft(MONDAY, child=child)
    family.save(is_partial=True)
    assert PlacesOfDay.objects.get(day=MONDAY).taken == 3
    assert (family.states(child=0), family.states(child=1)) == ({MONDAY: "held"}, {})


def test_a_child_that_is_not_enrolled_is_refused(family):
    other = make_service("Accueil de loisirs")
    family.draft(MONDAY, activity=other)
    (change,) = family.proposal.refused
    assert "n’est pas inscrit" in change.refusal


def test_another_familys_child_does_not_exist(family):
    stranger = make_family(family.activity)
    with pytest.raises(Child.DoesNotExist):
        drafts.draft_days(
            user=family.user,
            household=family.household,
            child_id=stranger.children[0].public_id,
            boxes={(family.activity.public_id, MONDAY): Wanted(family.unit)},
        )


def test_a_unit_of_another_activity_is_refused(family):
    stray = make_unit(make_service("Autre"), "Journée")
    price(stray, 1)
    family.draft(MONDAY, unit=stray)
    with pytest.raises(RefusedChangesError):
        family.save()
    assert not Booking.objects.exists()


def test_an_unknown_activity_is_left_out_of_the_draft(family):
    family.wish({("nothing", MONDAY): Wanted(family.unit)})
    assert not DraftChange.objects.exists()


def test_ten_thousand_days_are_refused_and_nothing_is_lost(family, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_DAYS", 20)
    family.draft(MONDAY)
    with pytest.raises(DraftTooLongError):
        family.draft(*(MONDAY + timedelta(days=n) for n in range(30)))
    assert DraftChange.objects.count() == 1


def test_a_day_ticked_again_as_it_was_leaves_the_draft(family):
    family.draft(MONDAY)
    family.undraft(MONDAY)
    assert not DraftChange.objects.exists()


def test_a_draft_belongs_to_its_person_and_its_child(family):
    family.draft(MONDAY, child=0)
    family.draft(TUESDAY, child=1)
    clear_draft(user=family.user, household=family.household, child_id=family.children[0].public_id)
    assert [draft.day for draft in DraftChange.objects.all()] == [TUESDAY]
    assert clear_draft(user=make_family(family.activity).user, household=family.household) == 0
    assert clear_draft(user=family.user, household=family.household) == 1


def test_a_held_day_can_neither_be_changed_nor_removed(family):
    family.hold(MONDAY)
    family.undraft(MONDAY)
    assert "attend déjà un paiement" in refusals(family)[MONDAY]


def test_after_the_deadline_a_day_is_booked_late_and_dearer(family):
    make_deadline(family.activity, DeadlineKind.WORKING_DAYS_BEFORE, number=30)
    make_deadline(family.activity, DeadlineKind.WORKING_DAYS_BEFORE, purpose=DeadlinePurpose.LATE, number=2)
    surcharge(family.unit, 100)
    family.draft(MONDAY)
    (change,) = family.proposal.changes
    assert (change.is_late, change.cost_cents) == (True, 460)
    family.save()
    assert Booking.objects.get().is_late


@pytest.mark.parametrize(("day", "is_refused"), [(date(2026, 11, 10), False), (date(2026, 11, 11), True)])
def test_on_the_eleventh_december_is_closed(family, day, is_refused):
    make_deadline(family.activity, DeadlineKind.DAY_OF_PREVIOUS_MONTH, number=10)
    with clock.frozen(NOON.replace(month=day.month, day=day.day)):
        family.draft(date(2026, 12, 7))
        assert bool(family.proposal.refused) is is_refused


def test_after_its_deadline_a_day_is_not_given_back(family):
    Booking.objects.update()
    family.hold(MONDAY)
    Booking.objects.update(state="confirmed")
    BookingOrder.objects.update(state="confirmed", ended_at=NOON)
    family.undraft(MONDAY)
    with clock.frozen(NOON.replace(month=11, day=16)):
        assert "Trop tard" in refusals(family)[MONDAY]


def test_bookings_open_at_their_instant(family):
    type(family.activity).objects.update(booking_opens_at=NOON + timedelta(minutes=1))
    family.draft(MONDAY)
    assert refusals(family) == {MONDAY: "Les réservations ne sont pas encore ouvertes."}
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert refusals(family) == {}


def test_a_family_holds_no_more_unpaid_places_than_allowed(family):
    type(family.activity).objects.update(max_held=2)
    family.hold(MONDAY, TUESDAY)
    family.draft(THURSDAY)
    with pytest.raises(TooManyHeldError, match="2 places au plus"):
        family.save()
    assert [draft.day for draft in DraftChange.objects.all()] == [THURSDAY]


@pytest.fixture
def nursery(at_noon, db):
    return make_family(
        make_service(
            "Halte-garderie",
            unit="Heure",
            cents=200,
            unit_mode=UnitMode.HOURS,
            opens_minute=8 * 60,
            closes_minute=18 * 60,
            capacity=1,
        )
    )


def hours(family, start: int | None, end: int | None, *, day: date = MONDAY) -> None:
    family.wish({(family.activity.public_id, day): Wanted(family.unit, start, end)})


def test_hours_are_booked_and_take_the_hours_they_touch(nursery):
    hours(nursery, 9 * 60, 11 * 60 + 30)
    nursery.save()
    assert Booking.objects.get().price_cents == 500
    assert set(PlacesOfDay.objects.values_list("part", flat=True)) == {"h09", "h10", "h11"}
    other = make_family(nursery.activity)
    hours(other, 11 * 60, 12 * 60)
    with pytest.raises(RefusedChangesError):
        other.save()
    hours(other, 12 * 60, 13 * 60)
    other.save()


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (None, None, "Indiquez l’heure d’arrivée et l’heure de départ."),
        (7 * 60, 9 * 60, "Ces heures sont en dehors des heures d’ouverture."),
        (17 * 60, 19 * 60, "Ces heures sont en dehors des heures d’ouverture."),
    ],
)
def test_hours_outside_the_opening_are_refused(nursery, start, end, why):
    hours(nursery, start, end)
    assert refusals(nursery) == {MONDAY: why}


def test_what_is_booked_by_the_day_takes_no_hours(family):
    hours(family, 540, 600)
    assert refusals(family) == {MONDAY: "Cette activité ne se réserve pas à l’heure."}


def test_half_days_share_the_places_of_the_whole_day(at_noon, db):
    camp = make_service("Accueil de loisirs", unit="Journée", cents=1150, capacity=1)
    day = camp.units.get()
    type(day).objects.filter(id=day.id).update(parts=["am", "pm"])
    morning = make_unit(camp, "Matin", parts=["am"])
    afternoon = make_unit(camp, "Après-midi", code="pm", parts=["pm"])
    for unit in (morning, afternoon):
        price(unit, 600)
    first, second, third = (make_family(camp) for _ in range(3))
    first.draft(MONDAY, unit=morning)
    first.save()
    second.draft(MONDAY, unit=camp.units.get(code=day.code))
    with pytest.raises(RefusedChangesError):
        second.save()
    third.draft(MONDAY, unit=afternoon)
    third.save()
    assert set(PlacesOfDay.objects.values_list("part", "taken")) == {("am", 1), ("pm", 1)}


def test_a_changed_unit_is_removed_and_added(at_noon, db):
    camp = make_service("Accueil de loisirs", unit="Journée", cents=1150, payment_mode="afterwards")
    morning = make_unit(camp, "Matin", parts=["am"])
    price(morning, 600)
    family = make_family(camp)
    family.draft(MONDAY, unit=camp.units.get(name="Journée"))
    family.save()
    family.draft(MONDAY, unit=morning)
    (order,) = family.save().orders
    assert order.total_cents == -550
    assert list(Booking.objects.order_by("id").values_list("unit__name", "state")) == [
        ("Journée", "cancelled"),
        ("Matin", "confirmed"),
    ]


def test_a_group_has_places_of_its_own(at_noon, db):
    camp = make_service("Accueil de loisirs", capacity=10)
    group = camp.groups.create(name="Maternelles", capacity=1)
    first, second = make_family(camp), make_family(camp)
    for one in (first, second):
        one.children[0].enrolments.update(group=group)
    first.hold(MONDAY)
    second.draft(MONDAY)
    with pytest.raises(RefusedChangesError):
        second.save()
    assert set(PlacesOfDay.objects.values_list("group", "taken")) == {(None, 1), (group.id, 1)}


def test_two_units_of_service_are_booked_on_one_day(family):
    evening = make_service("Garderie du soir", cents=240, regie=family.activity.regie)
    make_enrolment(family.children[0], evening, family.household)
    family.draft(MONDAY)
    family.draft(MONDAY, activity=evening)
    (order,) = family.save().orders
    assert order.total_cents == 600


@pytest.mark.parametrize("days", [1, 16])
def test_saving_costs_the_same_queries_for_one_day_and_for_sixteen(family, days, django_assert_num_queries):
    every = [MONDAY + timedelta(days=n) for n in range(28) if (MONDAY + timedelta(days=n)).weekday() in {0, 1, 3, 4}]
    family.draft(*every[:days])
    cents = 360 * days
    with django_assert_num_queries(37):
        family.save(shown_cents=cents)


@pytest.mark.parametrize("days", [1, 16])
def test_a_proposal_costs_the_same_queries_whatever_its_length(family, days, django_assert_num_queries):
    family.draft(*(MONDAY + timedelta(days=n) for n in range(days)))
    with django_assert_num_queries(16):
        assert family.proposal.count == days


def test_a_limit_set_later_counts_what_is_booked(at_noon, db):
    family = make_family(make_service(capacity=None), children=2)
    family.hold(MONDAY)
    type(family.activity).objects.update(capacity=2)
    family.draft(MONDAY, child=1)
    family.save()
    assert (PlacesOfDay.objects.get().taken, PlacesOfDay.objects.get().ceiling) == (2, 2)
    other = make_family(type(family.activity).objects.get())
    other.draft(MONDAY)
    with pytest.raises(RefusedChangesError):
        other.save()


def test_a_limit_under_what_is_booked_takes_nothing_away(at_noon, db):
    family = make_family(make_service(capacity=None), children=2)
    for child in (0, 1):
        family.draft(MONDAY, child=child)
    family.save()
    type(family.activity).objects.update(capacity=1)
    activity = type(family.activity).objects.get()
    other = make_family(activity)
    other.draft(MONDAY)
    with pytest.raises(RefusedChangesError):
        other.save()
    assert not PlacesOfDay.objects.exists()
