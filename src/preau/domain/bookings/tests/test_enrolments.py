"""Enrolments: asked, acknowledged, decided, ended, asked again for the next year; every refusal (C12, C13, C47)."""

from datetime import date, timedelta

import pytest
from django.db.models import ProtectedError

from preau.domain.activities.models import Activity
from preau.domain.bookings.errors import EnrolmentRefusedError, RefusedChangesError
from preau.domain.bookings.models import Booking, Enrolment, WaitingEntry
from preau.domain.bookings.queries.enrolments import possibilities
from preau.domain.bookings.queries.renewals import renewals_of
from preau.domain.bookings.queries.requests import age_on
from preau.domain.bookings.rules.refusals import Motive, fault_of, lawful_motives
from preau.domain.bookings.services.enrolments import (
    decide_enrolment,
    end_enrolment,
    enrol,
    note_papers,
    request_again,
    request_enrolment,
    withdraw_enrolment,
)
from preau.domain.bookings.services.waiting import join_waiting_list
from preau.domain.families.models import Child, Household
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from tests.support.activities import make_activity, make_activity_group, make_school_year, make_site
from tests.support.bookings import AGENT, FRIDAY, MONDAY, PARENT, make_enrolment, make_family, make_service
from tests.support.factories import make_household, make_regie, make_town
from tests.support.refusals import refused_by, save_again

pytestmark = pytest.mark.django_db

PAPERS = ["Attestation d’assurance", "Fiche sanitaire"]


@pytest.fixture
def household(frozen_clock) -> Household:
    make_town()
    return make_household()


@pytest.fixture
def child(household) -> Child:
    return household.children.get()


@pytest.fixture
def canteen(household) -> Activity:
    return make_activity(required_papers=PAPERS)


def ask(household: Household, activity: Activity, **values) -> Enrolment:
    child = household.children.get()
    return request_enrolment(
        **{
            "household": household,
            "child_id": child.public_id,
            "activity_id": activity.public_id,
            "by": PARENT,
            **values,
        }
    )


def decide(enrolment: Enrolment, *, accepted: bool = False, **values) -> Enrolment:
    return decide_enrolment(enrolment_id=enrolment.public_id, accepted=accepted, by=AGENT, **values)


# Asking


def test_a_request_is_acknowledged_with_its_date_its_service_and_its_delay(household, canteen):
    enrolment = ask(household, canteen, papers=["Fiche sanitaire", "Autre chose"], message="Il commence lundi.")
    assert (enrolment.state, enrolment.papers_given) == ("requested", ["Fiche sanitaire"])
    assert (enrolment.first_day, enrolment.last_day) == (date(2026, 10, 8), date(2027, 8, 31))
    assert enrolment.answer_by == date(2026, 12, 7)
    mail = OutgoingMail.objects.get()
    for said in (
        "le 8\u00a0octobre 2026 à 15\u202fh\u202f35\u202f: Enfant1 – Cantine Jules-Ferry (2026 / 2027).",
        "Caisse des écoles, Restauration et périscolaire, 03\u00a053\u00a001\u00a012\u00a041, regie",
        "Il a jusqu’au 7\u00a0décembre 2026 pour vous répondre.",
        "Il reste à donner\u202f:\n– Attestation d’assurance",
        f"/inscriptions/{enrolment.public_id}/",
    ):
        assert said in mail.text
    assert "Fiche sanitaire" not in mail.text


def test_the_delay_is_the_towns(household, canteen):
    make_town(answer_days=15)
    assert ask(household, canteen).answer_by == date(2026, 10, 23)


@pytest.mark.parametrize("days", [0, 61])
def test_no_town_takes_more_than_two_months(household, days):
    with refused_by("town_answers_within_two_months"):
        make_town(answer_days=days)


def test_what_nobody_decides_is_accepted_at_once_in_the_group_that_fits(household):
    activity = make_activity("Étude", needs_decision=False)
    make_activity_group(activity, "Maternelles", max_age_months=71)
    group = make_activity_group(activity, "Primaires", min_age_months=72)
    enrolment = ask(household, activity)
    assert (enrolment.state, enrolment.group) == ("accepted", group)
    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["enrolment.accepted"]
    assert [(event.name, event.actor) for event in enrolment.events.all()] == [
        ("requested", "family:parent"),
        ("accepted", "system:preau"),
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"min_age_months": 120}, "Il faut avoir 10 ans"),
        ({"levels": ["CP"]}, "Réservé aux classes de CP"),
        ({"schools": ["École Pasteur"]}, "Réservé aux enfants du secteur .École Pasteur."),
        ({"last_day": date(2026, 10, 1)}, "Cette activité est terminée"),
    ],
)
def test_a_child_who_does_not_fit_is_refused_with_the_reason(household, values, said):
    with pytest.raises(EnrolmentRefusedError, match=said):
        ask(household, make_activity(**values))
    assert not Enrolment.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_child_who_fits_no_group_is_refused(household):
    activity = make_activity()
    make_activity_group(activity, "Maternelles", max_age_months=71)
    with pytest.raises(EnrolmentRefusedError, match="Il faut avoir moins de 6 ans"):
        ask(household, activity)


def test_a_child_is_asked_for_once(household, canteen):
    ask(household, canteen)
    with pytest.raises(EnrolmentRefusedError, match="existe déjà"):
        ask(household, canteen)
    with pytest.raises(EnrolmentRefusedError, match="existe déjà"):
        make_enrolment(household.children.get(), canteen, household)


def test_another_familys_child_and_an_activity_kept_back_do_not_exist(household, canteen):
    with pytest.raises(Child.DoesNotExist):
        ask(household, canteen, child_id=make_household().children.get().public_id)
    with pytest.raises(Activity.DoesNotExist):
        ask(household, make_activity("Cachée", is_published=False))


def test_a_request_is_withdrawn_by_its_family_alone(household, canteen):
    enrolment = ask(household, canteen)
    with pytest.raises(Enrolment.DoesNotExist):
        withdraw_enrolment(household=make_household(), enrolment_id=enrolment.public_id, by=PARENT)
    withdraw_enrolment(household=household, enrolment_id=enrolment.public_id, by=PARENT)
    with pytest.raises(EnrolmentRefusedError, match="déjà retirée par la famille"):
        withdraw_enrolment(household=household, enrolment_id=enrolment.public_id, by=PARENT)
    with pytest.raises(EnrolmentRefusedError, match="déjà retirée par la famille"):
        decide(enrolment, accepted=True)
    assert ask(household, canteen).state == "requested"


# Deciding


def test_a_refusal_says_why_and_how_to_contest_it(household, canteen):
    enrolment = decide(ask(household, canteen), motive="no_place", details="Une place se libère en janvier.")
    assert (enrolment.state, enrolment.reason) == (
        "refused",
        "Toutes les places sont prises. Une place se libère en janvier.",
    )
    mail = OutgoingMail.objects.get(kind="enrolment.refused")
    assert "Motif\u202f: Toutes les places sont prises. Une place se libère en janvier." in mail.text
    assert "tribunal administratif" in mail.text
    assert AuditEvent.objects.filter(action="enrolment.refused").count() == 1


@pytest.mark.parametrize("motive", ["", "age_or_class", "priority", "other", "invented"])
def test_a_canteen_is_refused_for_lawful_reasons_only(household, canteen, motive):
    """Rule 18: a right of every pupil."""
    enrolment = ask(household, canteen)
    with pytest.raises(EnrolmentRefusedError) as refused:
        decide(enrolment, motive=motive, details="Parce que.")
    assert refused.value.field == "motive"
    enrolment.refresh_from_db()
    assert enrolment.state == "requested"


@pytest.mark.parametrize(
    "details",
    ["La mère ne travaille pas.", "Père au chômage", "Deux factures impayées", "Parents séparés", "des DETTES", "RSA"],
)
def test_nor_for_the_parents_situation_in_other_words(household, canteen, details):
    with pytest.raises(EnrolmentRefusedError, match="La cantine est un droit") as refused:
        decide(ask(household, canteen), motive="no_place", details=details)
    assert refused.value.field == "details"


@pytest.mark.parametrize("details", ["Travaux jusqu’en mai.", "La famille n’a pas répondu à nos deux messages.", ""])
def test_other_words_may_be_added(details):
    assert fault_of("canteen", Motive.MISSING_PAPER, details) == ("", "")


def test_a_leisure_centre_may_have_priorities(household):
    assert list(lawful_motives("alsh")) == list(Motive)
    assert fault_of("alsh", Motive.PRIORITY, "Les parents qui travaillent passent avant.") == ("", "")
    assert fault_of("alsh", Motive.OTHER, " ")[0] == "details"
    enrolment = ask(household, make_activity("Mercredis", kind="alsh"))
    assert decide(enrolment, motive="other", details="Le centre ferme.").reason == "Le centre ferme."


def test_a_request_is_accepted_in_a_group_of_its_activity(household, canteen):
    other = make_activity_group(make_activity("Étude"), "Grands")
    enrolment = ask(household, canteen)
    with pytest.raises(EnrolmentRefusedError, match="autre activité"):
        decide(enrolment, accepted=True, group=other)
    group = make_activity_group(canteen, "Premier service")
    assert decide(enrolment, accepted=True, group=group).group == group
    assert "Vous pouvez réserver des jours" in OutgoingMail.objects.get(kind="enrolment.accepted").text
    with pytest.raises(EnrolmentRefusedError, match="déjà acceptée"):
        decide(enrolment, motive="no_place")


def test_papers_in_hand_are_noted_among_those_asked(household, canteen):
    enrolment = ask(household, canteen, papers=PAPERS)
    note_papers(enrolment_id=enrolment.public_id, received=["Fiche sanitaire", "Passeport"], by=AGENT)
    enrolment.refresh_from_db()
    assert (enrolment.papers_given, enrolment.papers_received) == (PAPERS, ["Fiche sanitaire"])
    assert AuditEvent.objects.get(action="enrolment.papers").details == {"received": 1, "asked": 2}


def test_an_agent_enrols_whatever_the_age(household, child):
    """V11: nothing is asked of the family, and the agent answers for it."""
    activity = make_activity(min_age_months=200, is_published=False)
    assert make_enrolment(child, activity, household).state == "accepted"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"first_day": date(2026, 8, 31)}, "first_day"),
        ({"last_day": date(2027, 9, 1)}, "last_day"),
        ({"first_day": FRIDAY, "last_day": MONDAY}, "last_day"),
    ],
)
def test_days_out_of_the_activity_are_refused(household, child, canteen, values, field):
    with pytest.raises(EnrolmentRefusedError) as refused:
        make_enrolment(child, canteen, household, **values)
    assert refused.value.field == field


def test_an_agent_enrols_a_child_of_the_family_only(household, canteen):
    with pytest.raises(EnrolmentRefusedError, match="n’est pas de cette famille"):
        make_enrolment(make_household().children.get(), canteen, household)


# Ending


def test_an_end_to_come_shortens_the_enrolment_and_what_is_before_it_stays(frozen_clock):
    family = make_family(make_service(regie=make_regie(), payment_mode="afterwards"))
    family.hold(MONDAY)
    enrolment = Enrolment.objects.get()
    end_enrolment(enrolment_id=enrolment.public_id, on=MONDAY, reason="Déménagement.", by=AGENT)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.last_day, enrolment.reason) == ("accepted", MONDAY, "Déménagement.")
    assert [event.name for event in enrolment.events.all()] == ["requested", "accepted", "shortened"]
    family.draft(FRIDAY)
    with pytest.raises(RefusedChangesError):
        family.save()


def test_confirmed_days_after_the_end_are_named(frozen_clock):
    family = make_family(make_service(regie=make_regie(), payment_mode="afterwards"))
    family.hold(MONDAY, FRIDAY)
    enrolment = Enrolment.objects.get()
    with pytest.raises(EnrolmentRefusedError, match="les 16 et 20\u00a0novembre 2026") as refused:
        end_enrolment(enrolment_id=enrolment.public_id, on=date(2026, 11, 2), reason="Départ.", by=AGENT)
    assert refused.value.field == "on"


def test_an_end_gone_by_ends_it_at_once_and_makes_room_for_another(household, child, canteen):
    enrolment = make_enrolment(child, canteen, household)
    end_enrolment(enrolment_id=enrolment.public_id, on=date(2026, 10, 2), reason="Erreur.", by=AGENT)
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.last_day) == ("ended", date(2026, 10, 2))
    assert ask(household, canteen).state == "requested"


def test_an_enrolment_whose_last_day_has_passed_makes_room_for_another(household, child, canteen, frozen_clock):
    enrolment = make_enrolment(child, canteen, household)
    end_enrolment(enrolment_id=enrolment.public_id, on=date(2026, 10, 30), reason="Départ.", by=AGENT)
    assert canteen.id not in {one.activity.id for one in possibilities(child, today=date(2026, 10, 30))}
    frozen_clock.advance(days=30)
    assert [one.activity for one in possibilities(child, today=date(2026, 11, 7))] == [canteen]
    assert ask(household, canteen).state == "requested"
    enrolment.refresh_from_db()
    assert enrolment.state == "ended"


@pytest.mark.parametrize(
    ("on", "reason", "field"),
    [(FRIDAY, "  ", "reason"), (date(2027, 8, 31), "Départ.", "on"), (date(2027, 9, 30), "Départ.", "on")],
)
def test_an_end_without_reason_or_that_changes_nothing_is_refused(household, child, canteen, on, reason, field):
    enrolment = make_enrolment(child, canteen, household)
    with pytest.raises(EnrolmentRefusedError) as refused:
        end_enrolment(enrolment_id=enrolment.public_id, on=on, reason=reason, by=AGENT)
    assert refused.value.field == field


def test_a_request_is_not_ended(household, canteen):
    with pytest.raises(EnrolmentRefusedError, match="n’est pas en cours"):
        end_enrolment(enrolment_id=ask(household, canteen).public_id, on=FRIDAY, reason="Départ.", by=AGENT)


def test_a_child_whose_enrolment_ends_waits_for_no_day_after_it(frozen_clock):
    activity = make_service(regie=make_regie(), capacity=1, payment_mode="afterwards")
    family, other = make_family(activity), make_family(activity)
    other.hold(MONDAY, FRIDAY)
    for day in (MONDAY, FRIDAY):
        join_waiting_list(
            household=family.household,
            child_id=family.children[0].public_id,
            activity_id=activity.public_id,
            unit_code=family.unit.code,
            day=day,
        )
    enrolment = Enrolment.objects.get(household=family.household)
    end_enrolment(enrolment_id=enrolment.public_id, on=MONDAY, reason="Départ.", by=AGENT)
    assert dict(WaitingEntry.objects.values_list("day", "state")) == {MONDAY: "waiting", FRIDAY: "left"}


def test_a_child_or_a_family_with_a_history_is_never_deleted(frozen_clock):
    family = make_family(make_service(regie=make_regie(), payment_mode="afterwards"))
    family.hold(MONDAY)
    for row in (family.children[0], family.household, Booking.objects.get().enrolment, family.activity):
        with pytest.raises(ProtectedError):
            row.delete()


# The next school year


@pytest.fixture
def next_year(household):
    return make_school_year("2027 / 2028", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))


def _follow(activity: Activity, year, **values) -> Activity:
    """The same offer, a year later."""
    return make_activity(
        **{
            "name": activity.name,
            "kind": activity.kind,
            "site": activity.site,
            "regie": activity.regie,
            "school_year": year,
            **values,
        }
    )


def _proposed(household: Household, today=date(2027, 6, 1)) -> list[tuple[str, str, str]]:
    return [
        (renewal.previous.activity.name, renewal.activity.name, renewal.refusal)
        for child in renewals_of(household, today=today)
        for renewal in child.renewals
    ]


def test_last_years_activities_are_proposed_again_and_asked_at_once(household, child, canteen, next_year):
    evening = make_activity("Accueil du soir", kind="evening_care")
    for activity in (canteen, evening):
        make_enrolment(child, activity, household)
    after = [_follow(canteen, next_year, name="Cantine, rentrée 2027"), _follow(evening, next_year)]
    assert _proposed(household) == [
        ("Cantine Jules-Ferry", "Cantine, rentrée 2027", ""),
        ("Accueil du soir", "Accueil du soir", ""),
    ]
    asked = request_again(
        household=household, child_id=child.public_id, activity_ids=[one.public_id for one in after], by=PARENT
    )
    assert {one.activity.school_year for one in asked} == {next_year}
    assert {one.first_day for one in asked} == {date(2027, 9, 1)}
    assert _proposed(household) == []
    assert Enrolment.objects.filter(child=child).count() == 4


def test_of_several_the_one_that_looks_most_like_it_follows(household, child, next_year):
    wednesdays = make_activity("Mercredis", kind="alsh")
    summer = make_activity("Été", kind="alsh", drawn_from="holidays")
    for activity in (wednesdays, summer):
        make_enrolment(child, activity, household)
    _follow(summer, next_year, name="Vacances", drawn_from="holidays")
    _follow(wednesdays, next_year)
    assert _proposed(household) == [("Mercredis", "Mercredis", ""), ("Été", "Vacances", "")]


def test_what_does_not_fit_any_more_is_said(household, child, canteen, next_year):
    make_enrolment(child, canteen, household)
    _follow(canteen, next_year, max_age_months=96)
    assert _proposed(household) == [
        ("Cantine Jules-Ferry", "Cantine Jules-Ferry", "Il faut avoir moins de 8 ans et 1 mois le jour de l’accueil.")
    ]


@pytest.mark.parametrize(
    "values",
    [{"is_published": False}, {"kind": "study"}, {"site": "Ailleurs"}],
    ids=["not published", "another kind", "another site"],
)
def test_only_the_same_kind_at_the_same_site_follows(household, child, canteen, next_year, values):
    make_enrolment(child, canteen, household)
    if "site" in values:
        values = {"site": make_site("Ailleurs")}
    _follow(canteen, next_year, **values)
    assert _proposed(household) == []


def test_who_left_or_was_refused_is_not_proposed(household, child, canteen, next_year):
    evening = make_activity("Accueil du soir", kind="evening_care")
    for activity in (canteen, evening):
        _follow(activity, next_year)
    left = make_enrolment(child, canteen, household)
    end_enrolment(enrolment_id=left.public_id, on=FRIDAY, reason="Départ.", by=AGENT)
    decide(ask(household, evening), motive="no_place")
    assert _proposed(household) == []


def test_asking_again_is_all_or_nothing(household, child, canteen, next_year):
    make_enrolment(child, canteen, household)
    after, closed = _follow(canteen, next_year), _follow(canteen, next_year, name="Grands", min_age_months=200)
    with pytest.raises(EnrolmentRefusedError):
        request_again(
            household=household,
            child_id=child.public_id,
            activity_ids=[after.public_id, closed.public_id],
            by=PARENT,
        )
    with pytest.raises(EnrolmentRefusedError, match="Cochez une activité"):
        request_again(household=household, child_id=child.public_id, activity_ids=[], by=PARENT)
    assert Enrolment.objects.count() == 1
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("count", [1, 4])
def test_proposals_take_a_number_of_queries_that_does_not_grow(
    frozen_clock, django_assert_num_queries, count, next_year
):
    household = make_household(children=count)
    for place in household.child_places.all():
        for number in range(count):
            activity = Activity.objects.filter(name=f"Cantine {number}", school_year__label="2026 / 2027").first()
            activity = activity or make_activity(f"Cantine {number}", site=make_site(f"École {number}"))
            make_enrolment(place.child, activity, household)
    for activity in Activity.objects.filter(school_year__label="2026 / 2027"):
        _follow(activity, next_year)
    with django_assert_num_queries(5):
        assert len(_proposed(household)) == count * count


# What the database refuses by itself


def test_the_database_keeps_one_live_enrolment_a_child_and_activity(household, child, canteen):
    enrolment = make_enrolment(child, canteen, household)
    with refused_by("a_child_has_one_live_enrolment_in_an_activity"):
        save_again(enrolment)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"last_day": date(2026, 1, 1)}, "enrolment_ends_after_it_begins"),
        ({"decided_at": None}, "only_a_request_is_undecided"),
        ({"state": "requested"}, "only_a_request_is_undecided"),
        ({"state": "refused"}, "a_refusal_says_why"),
    ],
)
def test_the_database_refuses_an_enrolment_that_cannot_be(household, child, canteen, changes, name):
    enrolment = make_enrolment(child, canteen, household)
    Enrolment.objects.filter(id=enrolment.id).update(state="withdrawn")
    with refused_by(name):
        save_again(enrolment, **changes)


@pytest.mark.parametrize(
    ("birth", "on", "said"),
    [
        (date(2018, 3, 1), date(2026, 10, 8), "8 ans et 7 mois"),
        (None, date(2026, 10, 8), ""),
        (date(2026, 10, 9), date(2026, 10, 8), ""),
        (date(2026, 9, 8), date(2026, 10, 8), "1 mois"),
    ],
)
def test_an_age_is_told_when_it_is_known(birth, on, said):
    assert age_on(birth, on) == said


def test_asking_from_an_agents_hand_leaves_its_trace(household, child, canteen):
    enrolment = enrol(
        household=household,
        child=child,
        activity=canteen,
        group=None,
        first_day=MONDAY,
        last_day=MONDAY + timedelta(days=30),
        by=AGENT,
    )
    assert [(event.name, event.actor) for event in enrolment.events.all()] == [
        ("requested", "agent:agent"),
        ("accepted", "agent:agent"),
    ]
    assert AuditEvent.objects.get(action="enrolment.made").subject == enrolment.public_id
