"""Agents and families at the same moment, on PostgreSQL: one answer, one contract, the last place once (V02, U9)."""

from functools import partial

import pytest

from preau.domain.activities.models import PlacesOfDay
from preau.domain.bookings.errors import (
    ContractFullError,
    ContractRefusedError,
    EnrolmentRefusedError,
    RefusedChangesError,
)
from preau.domain.bookings.models import Booking, CareContract, Enrolment, EnrolmentEvent
from preau.domain.bookings.services import contracts, enrolments, saving
from preau.domain.bookings.services.enrolments import decide_enrolment, end_enrolment, request_enrolment
from preau.domain.bookings.services.saving import Saved
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.tests.crossing import crossing, no_row_locks
from preau.foundation import clock
from tests.support.activities import make_activity
from tests.support.bookings import AGENT, FRIDAY, MONDAY, PARENT, Family, make_family, make_service
from tests.support.care import make_care_contract, make_creche
from tests.support.factories import NOON, make_regie

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at_noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def two(at_noon, transactional_db) -> tuple[Enrolment, Enrolment]:
    """Two children of two families in a crèche of one place."""
    creche = make_creche(regie=make_regie(), capacity=1)
    families = [make_family(creche) for _ in range(2)]
    first, second = (Enrolment.objects.get(household=family.household) for family in families)
    return first, second


def test_of_two_contracts_for_the_last_place_one_is_told_its_days_are_full(two, crossing):
    crossing.before(contracts, "create_bookings")
    answers = crossing.run(*(partial(make_care_contract, enrolment) for enrolment in two))
    assert [type(answer) for answer in answers] == [CareContract, ContractFullError]
    assert CareContract.objects.count() == 1
    assert set(PlacesOfDay.objects.values_list("taken", flat=True)) == {1}


def test_control_a_contract_that_takes_nothing_oversells(two, crossing, monkeypatch):
    monkeypatch.setattr(contracts, "take", len)
    crossing.before(contracts, "create_bookings")
    crossing.run(*(partial(make_care_contract, enrolment) for enrolment in two))
    assert Booking.objects.filter(day=MONDAY).count() == 2


def test_a_contract_is_written_once(two, crossing):
    write = partial(make_care_contract, two[0])
    crossing.before(contracts, "create_bookings")
    answers = crossing.run(write, write)
    assert [type(answer) for answer in answers] == [CareContract, ContractRefusedError]
    assert CareContract.objects.count() == 1


@pytest.fixture
def family(at_noon, transactional_db) -> Family:
    family = make_family(make_service(regie=make_regie(), payment_mode="afterwards"))
    family.draft(FRIDAY)
    return family


def _end(family: Family):
    enrolment = Enrolment.objects.get(household=family.household)
    return partial(end_enrolment, enrolment_id=enrolment.public_id, on=MONDAY, reason="Départ.", by=AGENT)


def _save(family: Family):
    return partial(family.save, shown_cents=360, form_key=new_form_key())


def test_a_day_after_the_end_being_written_is_not_saved(family, crossing):
    crossing.before(enrolments, "_tell")
    ended, refusal = crossing.run(_end(family), _save(family))
    assert (ended.last_day, type(refusal)) == (MONDAY, RefusedChangesError)
    assert not Booking.objects.exists()


def test_an_enrolment_does_not_end_under_a_day_being_saved(family, crossing):
    crossing.before(saving, "create_order")
    saved, refusal = crossing.run(_save(family), _end(family))
    assert (type(saved), type(refusal)) == (Saved, EnrolmentRefusedError)
    assert family.states() == {FRIDAY: "confirmed"}


def test_control_without_locks_a_day_is_saved_after_the_end(family, crossing, no_row_locks):
    no_row_locks()
    crossing.before(enrolments, "_tell")
    crossing.run(_end(family), _save(family))
    assert (Enrolment.objects.get().last_day, family.states()) == (MONDAY, {FRIDAY: "confirmed"})


@pytest.fixture
def answers(at_noon, transactional_db):
    """Two agents about to answer one request, each in their way."""
    family = make_family(make_service(regie=make_regie()))
    other = make_activity("Étude", regie=family.activity.regie)
    asked = request_enrolment(
        household=family.household, child_id=family.children[0].public_id, activity_id=other.public_id, by=PARENT
    )
    decide = partial(decide_enrolment, enrolment_id=asked.public_id, by=AGENT)
    return partial(decide, accepted=True), partial(decide, accepted=False, motive="no_place")


def _decided() -> list[str]:
    events = EnrolmentEvent.objects.filter(enrolment__activity__name="Étude").exclude(name="requested")
    return list(events.values_list("name", flat=True))


def test_a_request_is_answered_once(answers, crossing):
    crossing.before(enrolments, "tell_decision")
    _, refusal = crossing.run(*answers)
    assert (type(refusal), _decided()) == (EnrolmentRefusedError, ["accepted"])


def test_control_without_locks_a_request_is_answered_twice(answers, crossing, no_row_locks):
    no_row_locks()
    crossing.before(enrolments, "_move")
    crossing.run(*answers)
    assert sorted(_decided()) == ["accepted", "refused"]
