"""Care contracts: signed, held hour by hour, changed, ended; every refusal (V02)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from preau.domain.activities.models import PlacesOfDay, UnitMode
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.errors import (
    ContractFullError,
    ContractRefusedError,
    EnrolmentRefusedError,
    RefusedChangesError,
    WaitingRefusedError,
)
from preau.domain.bookings.models import Booking, BookingEvent, CareContract, ContractDay, Enrolment
from preau.domain.bookings.queries.agents import agent_proposal
from preau.domain.bookings.queries.contracts import contract_proposal
from preau.domain.bookings.queries.planning.boxes import BoxState
from preau.domain.bookings.rules.contracts import Hours
from preau.domain.bookings.rules.periods import View
from preau.domain.bookings.services.contracts import change_contract, end_contract, write_contract
from preau.domain.bookings.services.enrolments import end_enrolment
from preau.domain.bookings.services.waiting import join_waiting_list
from preau.domain.pricing.models import PriceLine, TariffVersion
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.models import AuditEvent
from preau.foundation.invariants import violations
from preau.foundation.mail.models import OutgoingMail
from tests.support.activities import make_activity, make_activity_group, make_armistice, make_unit
from tests.support.bookings import AGENT, Family, make_family, make_service
from tests.support.care import FIRST, FIVE, LAST, NINE, NOON, WEEK, make_care_contract, make_creche, terms
from tests.support.factories import make_household, make_regie
from tests.support.refusals import refused_by, refused_frozen, refused_whole, save_again

pytestmark = pytest.mark.django_db

#: Mondays, Tuesdays and Thursdays of the contract.
DAYS = [date(2026, 11, n) for n in (16, 17, 19, 23, 24, 26, 30)] + [date(2026, 12, n) for n in (1, 3)]


@pytest.fixture(autouse=True)
def the_books_are_right(db, frozen_clock) -> Iterator[None]:  # `db`: asked before the rows are rolled back
    yield
    assert [violation for violation in violations() if violation.code != "I26"] == []  # no worker sends mail here


@pytest.fixture
def family(frozen_clock) -> Family:
    return make_family(make_creche(regie=make_regie(), capacity=10))


@pytest.fixture
def enrolment(family) -> Enrolment:
    return Enrolment.objects.get()


def _taken(day: date) -> dict[str, int]:
    return dict(PlacesOfDay.objects.filter(day=day, taken__gt=0).values_list("part", "taken"))


def test_a_contract_holds_each_open_day_hour_by_hour_for_one_sum_a_month(family, enrolment):
    contract = make_care_contract(enrolment)
    assert (contract.monthly_minutes, contract.hourly_cents, contract.monthly_cents) == (14 * 60 * 3, 180, 7560)
    booked = Booking.objects.order_by("day")
    assert [(b.day, b.starts_minute, b.ends_minute) for b in booked[:3]] == [
        (date(2026, 11, 16), NINE, NOON),
        (date(2026, 11, 17), NINE, NOON),
        (date(2026, 11, 19), NINE, FIVE),
    ]
    assert [b.day for b in booked] == DAYS
    assert {(b.state, b.price_cents) for b in booked} == {("confirmed", 0)}
    assert BookingEvent.objects.filter(to_state="confirmed", name="confirmed").count() == len(DAYS)
    assert _taken(date(2026, 11, 16)) == {"h09": 1, "h10": 1, "h11": 1}
    assert len(_taken(date(2026, 11, 19))) == 8
    assert AuditEvent.objects.filter(action="contract.signed", subject=contract.public_id).count() == 1


def test_the_family_is_sent_its_contract(family, enrolment):
    make_care_contract(enrolment)
    mail = OutgoingMail.objects.get(kind="contract.signed")
    assert mail.recipient == family.user.email
    for said in (
        "Enfant1 – Crèche Les Lutins, du 16\u00a0novembre 2026 au 4\u00a0décembre 2026.",
        "– jeudi, de 9\u202fh\u202f00 à 17\u202fh\u202f00",
        "3 semaines d’accueil, réparties sur 1 mois.",
        "Chaque mois\u202f: 42\u202fh × 1,80\u202f€ l’heure, soit 75,60\u202f€.",
    ):
        assert said in mail.text


def test_closed_days_are_neither_held_nor_counted_twice(family, enrolment):
    make_armistice()
    contract = make_care_contract(enrolment, first_day=date(2026, 11, 9), hours=(Hours(2, NINE, NOON),))
    assert [b.day for b in Booking.objects.all()] == [date(2026, 11, 18), date(2026, 11, 25), date(2026, 12, 2)]
    assert contract.monthly_minutes == 9 * 60  # the weeks of the contract say how many, not the calendar


def test_a_group_has_places_of_its_own(family, enrolment):
    group = make_activity_group(family.activity, "Bébés", capacity=1)
    Enrolment.objects.update(group=group)
    make_care_contract(enrolment)
    assert PlacesOfDay.objects.filter(group=group, taken=1).count() == PlacesOfDay.objects.filter(group=None).count()


def _fill(family: Family, *days: date) -> None:
    """Leave no place on some mornings at ten."""
    for day in days:
        PlacesOfDay.objects.create(activity=family.activity, day=day, part="h10", capacity=0, ceiling=0)


def test_full_days_are_named_and_nothing_is_held(family, enrolment):
    _fill(family, date(2026, 11, 19), date(2026, 12, 1))
    proposal = contract_proposal(enrolment, terms(), now=clock.now(), zone=the_town().zone)
    assert proposal.full == (date(2026, 11, 19), date(2026, 12, 1))
    with pytest.raises(ContractFullError) as refused:
        make_care_contract(enrolment)
    assert refused.value.days == (date(2026, 11, 19), date(2026, 12, 1))
    assert "plus de place les 19\u00a0novembre 2026\u202f; 1er\u00a0décembre 2026" in refused.value.message
    assert not CareContract.objects.exists()
    assert not Booking.objects.exists()
    assert _taken(date(2026, 11, 16)) == {}


def test_the_last_place_of_an_hour_is_given_once(family):
    family.activity.capacity = 1
    family.activity.save()
    other = make_family(family.activity)
    make_care_contract(Enrolment.objects.get(household=family.household))
    afternoons = (Hours(0, NOON, FIVE), Hours(1, NOON, FIVE))
    theirs = Enrolment.objects.get(household=other.household)
    make_care_contract(theirs, hours=afternoons)
    with pytest.raises(ContractRefusedError):
        make_care_contract(theirs)
    assert max(PlacesOfDay.objects.values_list("taken", flat=True)) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"hours": ()}, "hours"),
        ({"hours": (Hours(6, NINE, NOON),)}, "day_6"),
        ({"hours": (Hours(0, NINE, 19 * 60),)}, "day_0"),
        ({"last_day": FIRST - timedelta(days=1)}, "last_day"),
        ({"weeks": 9}, "weeks"),
        ({"months": 9}, "months"),
        ({"first_day": date(2026, 8, 31)}, "first_day"),
        ({"last_day": date(2027, 9, 1)}, "last_day"),
        ({"first_day": date(2026, 11, 21), "last_day": date(2026, 11, 22), "weeks": 1}, "first_day"),
    ],
)
def test_terms_that_cannot_be_signed_are_refused(enrolment, values, field):
    with pytest.raises(ContractRefusedError) as refused:
        make_care_contract(enrolment, **values)
    assert refused.value.field == field
    assert not Booking.objects.exists()


def test_contracts_of_a_child_never_overlap(enrolment):
    make_care_contract(enrolment)
    with pytest.raises(ContractRefusedError, match="Un contrat court déjà du 16"):
        make_care_contract(enrolment, first_day=LAST, last_day=date(2026, 12, 18))
    make_care_contract(enrolment, first_day=LAST + timedelta(days=1), last_day=date(2026, 12, 18), weeks=2)
    assert CareContract.objects.count() == 2


def test_only_an_activity_by_contract_has_contracts(frozen_clock):
    family = make_family()
    with pytest.raises(ContractRefusedError, match="ne se réserve pas par contrat"):
        make_care_contract(Enrolment.objects.get(household=family.household))


def test_a_request_has_no_contract_yet(family):
    Enrolment.objects.update(state="requested", decided_at=None)
    with pytest.raises(ContractRefusedError, match="n’est pas acceptée"):
        make_care_contract(Enrolment.objects.get())


def test_no_price_is_guessed(frozen_clock):
    activity = make_activity(
        "Crèche sans tarif", unit_mode=UnitMode.CONTRACT, weekdays=31, opens_minute=450, closes_minute=1110
    )
    family = make_family(activity)
    enrolment = Enrolment.objects.get(household=family.household)
    with pytest.raises(ContractRefusedError, match="n’a pas d’unité"):
        make_care_contract(enrolment)
    make_unit(activity, "Heure")
    with pytest.raises(ContractRefusedError, match="n’a pas de tarif"):
        make_care_contract(enrolment)


def test_a_day_already_booked_is_not_held_twice(family, enrolment):
    contract = make_care_contract(enrolment)
    booked = save_again(Booking.objects.get(day=DAYS[0]), day=date(2026, 12, 7))
    for event in BookingEvent.objects.filter(booking__day=DAYS[0]):
        save_again(event, booking_id=booked.id)
    with pytest.raises(ContractRefusedError, match="Des jours sont déjà réservés"):
        make_care_contract(enrolment, first_day=date(2026, 12, 5), last_day=date(2026, 12, 18), weeks=2)
    assert CareContract.objects.get() == contract


def test_a_change_replaces_the_contract_from_a_day_on_with_its_own_places(family, enrolment):
    family.activity.capacity = 1
    family.activity.save()
    old = make_care_contract(enrolment)
    longer = (Hours(0, NINE, FIVE),)
    new = change_contract(
        contract_id=old.public_id, terms=terms(first_day=date(2026, 11, 23), hours=longer, weeks=2), by=AGENT
    )
    old.refresh_from_db()
    assert (old.state, old.last_day, old.end_reason) == (
        "ended",
        date(2026, 11, 22),
        "Remplacé par un nouveau contrat.",
    )
    assert (new.replaces, new.monthly_minutes, new.monthly_cents) == (old, 16 * 60, 2880)
    live = Booking.objects.filter(state="confirmed").order_by("day").values_list("day", "ends_minute")
    assert list(live) == [
        (date(2026, 11, 16), NOON), (date(2026, 11, 17), NOON), (date(2026, 11, 19), FIVE),
        (date(2026, 11, 23), FIVE), (date(2026, 11, 30), FIVE),
    ]  # fmt: skip
    assert _taken(date(2026, 11, 24)) == {}
    assert len(_taken(date(2026, 11, 23))) == 8
    assert [event.name for event in old.events.all()] == ["signed", "ended"]


def test_a_change_without_places_leaves_the_contract_as_it_was(family, enrolment):
    old = make_care_contract(enrolment)
    PlacesOfDay.objects.create(activity=family.activity, day=date(2026, 11, 23), part="h16", capacity=0, ceiling=0)
    with pytest.raises(ContractFullError) as refused:
        change_contract(
            contract_id=old.public_id,
            terms=terms(first_day=date(2026, 11, 23), hours=(Hours(0, NINE, FIVE),), weeks=2),
            by=AGENT,
        )
    assert refused.value.days == (date(2026, 11, 23),)
    old.refresh_from_db()
    assert (old.state, old.last_day) == ("signed", LAST)
    assert Booking.objects.filter(state="confirmed").count() == len(DAYS)


def test_a_contract_replaced_before_its_first_day_never_took_effect(enrolment):
    old = make_care_contract(enrolment)
    change_contract(contract_id=old.public_id, terms=terms(hours=WEEK[:1]), by=AGENT)
    old.refresh_from_db()
    assert (old.state, old.last_day) == ("void", LAST)
    assert Booking.objects.filter(state="cancelled").count() == len(DAYS)
    assert Booking.objects.filter(state="confirmed").count() == 3


@pytest.mark.parametrize(
    ("first_day", "said"),
    [(date(2026, 11, 19), "Les jours passés ne changent pas"), (date(2026, 12, 5), "Ce contrat se termine le 4")],
)
def test_a_change_begins_today_at_the_earliest_and_within_the_contract(frozen_clock, enrolment, first_day, said):
    contract = make_care_contract(enrolment)
    frozen_clock.advance(days=43)  # Friday 20 November
    with pytest.raises(ContractRefusedError, match=said):
        change_contract(
            contract_id=contract.public_id,
            terms=terms(first_day=first_day, last_day=date(2026, 12, 18)),
            by=AGENT,
        )


def test_the_end_of_a_contract_gives_its_days_back(family, enrolment):
    contract = make_care_contract(enrolment)
    end_contract(contract_id=contract.public_id, on=date(2026, 11, 24), reason="Déménagement.", by=AGENT)
    contract.refresh_from_db()
    assert (contract.state, contract.last_day, contract.end_reason) == ("ended", date(2026, 11, 24), "Déménagement.")
    assert [b.day for b in Booking.objects.filter(state="confirmed")] == DAYS[:5]
    assert _taken(date(2026, 11, 26)) == {}
    mail = OutgoingMail.objects.get(kind="contract.ended")
    assert "est terminé le 24\u00a0novembre 2026" in mail.text
    assert "Motif\u202f: Déménagement." in mail.text


def test_a_contract_ended_before_its_first_day_is_void(family, enrolment):
    contract = make_care_contract(enrolment)
    end_contract(contract_id=contract.public_id, on=date(2026, 11, 2), reason="Autre mode de garde.", by=AGENT)
    contract.refresh_from_db()
    assert (contract.state, contract.last_day) == ("void", LAST)
    assert not Booking.objects.filter(state="confirmed").exists()
    assert "annulé avant son premier jour" in OutgoingMail.objects.get(kind="contract.void").text
    assert make_care_contract(enrolment).state == "signed"


@pytest.mark.parametrize(
    ("on", "reason", "field"),
    [
        (date(2026, 11, 24), "  ", "reason"),
        (date(2026, 10, 7), "Déménagement.", "on"),
        (LAST, "Déménagement.", "on"),
    ],
)
def test_an_end_is_refused_without_reason_in_the_past_or_where_it_changes_nothing(enrolment, on, reason, field):
    contract = make_care_contract(enrolment)
    with pytest.raises(ContractRefusedError) as refused:
        end_contract(contract_id=contract.public_id, on=on, reason=reason, by=AGENT)
    assert refused.value.field == field
    assert Booking.objects.filter(state="confirmed").count() == len(DAYS)


def test_a_contract_that_is_over_is_neither_changed_nor_ended(frozen_clock, enrolment):
    contract = make_care_contract(enrolment)
    frozen_clock.advance(days=60)
    with pytest.raises(ContractRefusedError, match="Ce contrat est terminé"):
        change_contract(contract_id=contract.public_id, terms=terms(), by=AGENT)
    with pytest.raises(ContractRefusedError, match="Ce contrat est terminé"):
        end_contract(contract_id=contract.public_id, on=date(2026, 12, 31), reason="Fin.", by=AGENT)


def test_an_enrolment_does_not_end_under_its_contract(enrolment):
    contract = make_care_contract(enrolment)
    with pytest.raises(EnrolmentRefusedError, match="Un contrat d’accueil court jusqu’au 4"):
        end_enrolment(enrolment_id=enrolment.public_id, on=date(2026, 11, 24), reason="Départ.", by=AGENT)
    end_contract(contract_id=contract.public_id, on=date(2026, 11, 24), reason="Départ.", by=AGENT)
    end_enrolment(enrolment_id=enrolment.public_id, on=date(2026, 11, 24), reason="Départ.", by=AGENT)
    enrolment.refresh_from_db()
    assert enrolment.last_day == date(2026, 11, 24)


def test_a_family_reads_its_days_in_the_planning_and_changes_none(family, enrolment):
    make_care_contract(enrolment)
    planning = family.planning(View.WEEK, FIRST)
    boxes = [box for day in planning.days for box in day.boxes]
    assert [(box.day, box.state) for box in boxes] == [(day, BoxState.LOCKED) for day in DAYS[:3]]
    assert {box.note for box in boxes} == {
        "Les jours sont ceux du contrat d’accueil\u202f: pour en changer, appelez le service."
    }


@pytest.mark.parametrize("hours", [(None, None), (NINE, NOON)])
def test_a_family_neither_adds_nor_removes_a_day_of_a_contract(family, enrolment, hours):
    make_care_contract(enrolment)
    family.undraft(DAYS[0])
    family.wish({(family.activity.public_id, date(2026, 11, 20)): Wanted(family.unit, *hours)})
    with pytest.raises(RefusedChangesError) as refused:
        family.save()
    assert {change.refusal for change in refused.value.proposal.refused} == {
        "Les jours sont ceux du contrat d’accueil\u202f: pour en changer, appelez le service."
    }
    assert Booking.objects.count() == len(DAYS)


def test_nobody_waits_for_a_day_of_a_contract(family, enrolment):
    with pytest.raises(WaitingRefusedError, match="n’a pas de liste d’attente"):
        join_waiting_list(
            household=family.household,
            child_id=family.children[0].public_id,
            activity_id=family.activity.public_id,
            unit_code=family.unit.code,
            day=DAYS[0],
        )


def test_a_whole_year_is_signed_in_few_queries(family, enrolment, django_assert_max_num_queries):
    year = {"first_day": date(2026, 10, 8), "last_day": date(2027, 8, 31), "weeks": 40, "months": 11}
    with django_assert_max_num_queries(60):
        make_care_contract(enrolment, **year)
    assert Booking.objects.count() == 141
    assert PlacesOfDay.objects.filter(taken=1).count() > 600


def test_days_that_no_family_could_book_any_more_say_so(family, enrolment, frozen_clock):
    """A contract signed late holds the days gone by too, as a derogation (I19)."""
    frozen_clock.advance(days=41)  # Wednesday 18 November
    contract = make_care_contract(enrolment)
    late = Booking.objects.exclude(derogation="")
    assert [booking.day for booking in late] == [date(2026, 11, 16), date(2026, 11, 17)]
    assert {booking.derogation for booking in late} == {"Contrat d’accueil signé après le délai"}
    end_contract(contract_id=contract.public_id, on=date(2026, 11, 24), reason="Départ.", by=AGENT)
    assert Booking.objects.filter(state="confirmed").count() == 5


def test_each_day_keeps_the_version_of_the_tariff_in_force_then(family, enrolment):
    """The hour is priced on the first day; a version already written for December prices nothing here (I20)."""
    first = TariffVersion.objects.get()
    after = TariffVersion.objects.create(tariff=first.tariff, valid_from=date(2026, 12, 1), deliberation="n° 77")
    PriceLine.objects.create(version=after, position=1, price_cents=250)
    contract = make_care_contract(enrolment)
    assert (contract.hourly_cents, contract.tariff_version) == (180, first)
    versions = dict(Booking.objects.values_list("day", "tariff_version"))
    assert {version for day, version in versions.items() if day.month == 11} == {first.id}
    assert {version for day, version in versions.items() if day.month == 12} == {after.id}


def test_an_agent_neither_adds_a_day_to_a_contract(family, enrolment):
    proposal = agent_proposal(
        enrolment, Wanted(family.unit, NINE, NOON), [date(2026, 11, 20)], now=clock.now(), zone=the_town().zone
    )
    assert [change.refusal for change in proposal.refused] == [
        "Les jours sont ceux du contrat d’accueil\u202f: pour en changer, appelez le service."
    ]


# What the database refuses by itself


def test_two_contracts_of_an_enrolment_never_begin_together(enrolment):
    contract = make_care_contract(enrolment)
    with refused_by("contracts_of_an_enrolment_begin_on_different_days"):
        save_again(contract)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"last_day": FIRST - timedelta(days=1)}, "contract_ends_after_it_begins"),
        ({"weeks": 0}, "contract_has_weeks_of_one_year"),
        ({"weeks": 54}, "contract_has_weeks_of_one_year"),
        ({"months": 0}, "contract_is_spread_over_a_year"),
        ({"months": 13}, "contract_is_spread_over_a_year"),
        ({"monthly_minutes": 0}, "contract_counts_some_minutes"),
        ({"end_reason": "Pourquoi"}, "only_a_contract_cut_short_says_when_and_why"),
        ({"state": "ended"}, "only_a_contract_cut_short_says_when_and_why"),
        ({"state": "void", "end_reason": "Départ"}, "only_a_contract_cut_short_says_when_and_why"),
    ],
)
def test_the_database_refuses_a_contract_that_cannot_be(enrolment, changes, name):
    contract = make_care_contract(enrolment)
    with refused_by(name):
        save_again(contract, **{"first_day": FIRST, "signed_at": clock.now(), **changes})


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "a_contract_has_one_span_a_weekday"),
        ({"weekday": 7}, "contract_weekday_exists"),
        ({"weekday": 4, "starts_minute": 600, "ends_minute": 600}, "contract_hours_end_after_they_begin"),
        ({"weekday": 4, "ends_minute": 1441}, "contract_hours_end_after_they_begin"),
    ],
)
def test_the_database_refuses_hours_that_cannot_be(enrolment, changes, name):
    make_care_contract(enrolment)
    with refused_by(name):
        save_again(ContractDay.objects.first(), **changes)


def test_what_was_signed_never_changes(enrolment):
    contract = make_care_contract(enrolment)
    refused_whole(contract.days.first())
    refused_whole(contract.events.first())
    refused_frozen(contract, {"weeks": 2, "months": 2, "hourly_cents": 1, "monthly_minutes": 1, "monthly_cents": 1})


def test_a_contract_of_another_family_says_nothing(enrolment):
    other = make_household()
    assert not CareContract.objects.filter(enrolment__household=other).exists()
    with pytest.raises(Enrolment.DoesNotExist):
        write_contract(enrolment_id="x" * 22, terms=terms(), by=AGENT)
    with pytest.raises(CareContract.DoesNotExist):
        end_contract(contract_id="x" * 22, on=LAST, reason="Fin.", by=AGENT)


def test_drop_in_hours_are_another_matter(frozen_clock):
    """Held by nobody's contract: a family books them hour by hour."""
    family = make_family(
        make_service("Halte-garderie", unit="Heure", kind="drop_in_nursery", unit_mode="hours", opens_minute=480,
                     closes_minute=1080, capacity=2, payment_mode="afterwards"),
    )  # fmt: skip
    family.wish({(family.activity.public_id, DAYS[0]): Wanted(family.unit, NINE, NINE + 90)})
    assert family.proposal.cost_cents == 540
    family.save()
    assert Booking.objects.get().state == "confirmed"
    assert _taken(DAYS[0]) == {"h09": 1, "h10": 1}
