"""« Modification avancée »: seen before it is drafted (C31)."""

from datetime import date

import pytest

from preau.domain.activities.models import Closure, PlacesOfDay
from preau.domain.bookings.services.orders import confirm_order, lock_order
from tests.support.activities import make_unit
from tests.support.bookings import FRIDAY, MONDAY, PARENT, THURSDAY, make_enrolment, make_service, price
from tests.support.factories import make_household, make_regie
from tests.support.pages import main_words


@pytest.fixture
def describe(parent):
    """Send a pattern: both children, the canteen, Mondays and Thursdays of November."""

    def send(faire: str = "apercu", **fields):
        described = {
            "sens": "ajouter",
            "enfants": [parent.child(0), parent.child(1)],
            "unites": [f"{parent.activity.public_id}:repas"],
            "jours": ["0", "3"],
            "du": "2026-11-01",
            "au": "2026-11-30",
        }
        return parent.post("planning_pattern", faire=faire, **{**described, **fields})

    return send


@pytest.mark.row("C31")
def test_the_preview_tells_what_it_would_tick_and_leave(parent, describe):
    Closure.objects.create(first_day=THURSDAY, last_day=THURSDAY, reason="grève")
    confirm_order(lock_order(parent.family.hold(MONDAY).id), by=PARENT)
    page = main_words(describe())
    assert "15 jours changés : 54,00 € 1 jour déjà comme vous le voulez." in page
    assert "Enfant1, Cantine Jules-Ferry 2, 5, 9, 12, 23, 26 et 30 novembre 25,20 €" in page
    assert "2 jours laissés de côté Fermé : grève Cantine Jules-Ferry : 19 novembre" in page
    assert parent.drafted() == {}


@pytest.mark.row("C31")
def test_applying_puts_it_in_the_draft_of_every_child(parent, describe):
    answer = describe("appliquer", jours=["0"])
    assert answer["Location"].startswith("/planning/modifier/?")
    assert "10 jours mis dans vos choix." in main_words(parent.client.get(answer["Location"]))
    mondays = {date(2026, 11, day): "repas" for day in (2, 9, 16, 23, 30)}
    assert (parent.drafted(0), parent.drafted(1)) == (mondays, mondays)


@pytest.mark.row("C31")
def test_several_activities_at_once(parent, describe):
    study = make_service("Étude", cents=100, unit="Soir", regie=make_regie())
    make_enrolment(parent.family.children[0], study, parent.family.household)
    units = [f"{parent.activity.public_id}:repas", f"{study.public_id}:soir"]
    page = main_words(describe(unites=units, du="2026-11-16", au="2026-11-16"))
    assert "3 jours changés : 8,20 €" in page
    assert "Enfant2 n’a pas d’inscription à cette activité : Étude." in page
    assert "Enfant1 n’a pas d’inscription" not in page


def test_what_the_town_hides_is_not_offered(parent, describe):
    study = make_service("Étude", unit="Soir", regie=make_regie())
    make_enrolment(parent.family.children[0], study, parent.family.household)
    assert "Étude" in main_words(parent.get("planning_pattern"))
    study.is_published = False
    study.save()
    assert "Étude" not in main_words(parent.get("planning_pattern"))
    for faire in ("apercu", "appliquer"):
        page = main_words(describe(faire, unites=[f"{study.public_id}:soir"]), status=422)
        assert "Cette activité ne se réserve pas ici." in page


@pytest.mark.row("C31")
def test_removing_takes_booked_days_and_ticked_days_away(parent, describe):
    confirm_order(lock_order(parent.family.hold(MONDAY).id), by=PARENT)
    parent.tick(THURSDAY, FRIDAY)
    assert "2 jours retirés : −3,60 €" in main_words(describe(sens="retirer", enfants=[parent.child()]))
    describe("appliquer", sens="retirer", enfants=[parent.child()])
    assert parent.drafted() == {MONDAY: "", FRIDAY: "repas"}


def test_full_days_are_left_aside(parent, describe):
    parent.activity.capacity = 1
    parent.activity.save()
    PlacesOfDay.objects.create(activity=parent.activity, day=MONDAY, part="am", capacity=1, ceiling=1, taken=1)
    page = main_words(describe(du="2026-11-16", au="2026-11-17"))
    assert "2 jours laissés de côté Ce jour est complet. Cantine Jules-Ferry : 16 novembre" in page


def test_hours_are_asked_for_what_is_booked_by_the_hour(parent, describe):
    nursery = make_service(
        "Halte-garderie", cents=250, unit="Accueil", unit_mode="hours", opens_minute=450, closes_minute=1110,
        regie=make_regie(),
    )  # fmt: skip
    make_enrolment(parent.family.children[0], nursery, parent.family.household)
    chosen = {"enfants": [parent.child()], "unites": [f"{nursery.public_id}:accueil"]}
    assert "Indiquez l’heure d’arrivée" in main_words(describe(**chosen), status=422)
    assert "L’heure de départ vient après" in main_words(describe(**chosen, debut="9:00", fin="8:00"), status=422)
    page = main_words(describe(**chosen, debut="9:00", fin="10:30"))
    assert "9 jours changés : 33,75 €" in page


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"sens": ""}, "Choisissez de réserver ou de retirer."),
        ({"enfants": []}, "Choisissez au moins un enfant."),
        ({"enfants": ["x" * 22]}, "Cet enfant n’est pas le vôtre."),
        ({"unites": []}, "Choisissez au moins une activité."),
        ({"unites": ["x"]}, "Cette activité ne se réserve pas ici."),
        ({"jours": []}, "Choisissez au moins un jour."),
        ({"jours": ["8"]}, "Ce jour n’existe pas."),
        ({"du": ""}, "Indiquez le premier jour."),
        ({"au": "hier"}, "Cette date n’existe pas."),
        ({"du": "2026-11-20", "au": "2026-11-10"}, "Le dernier jour vient après le premier."),
        ({"au": "2036-11-10"}, "Choisissez une période d’un an au plus."),
        ({"du": "0001-01-01", "au": "0001-02-01"}, "Choisissez une période d’un an au plus."),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(parent, describe, fields, why):
    answer = describe(**fields)
    assert why in main_words(answer, status=422)
    assert "checked" in answer.content.decode()


def test_another_familys_child_is_refused(parent, describe):
    theirs = make_household().child_places.get().child
    assert "Cet enfant n’est pas le vôtre." in main_words(describe(enfants=[theirs.public_id]), status=422)


def test_one_unit_of_an_activity_at_a_time(parent, describe):
    price(make_unit(parent.activity, "Pique-nique", position=2), 200)
    units = [f"{parent.activity.public_id}:{code}" for code in ("repas", "pique-nique")]
    assert "une seule formule par activité" in main_words(describe(unites=units), status=422)


@pytest.mark.parametrize("faire", ["apercu", "appliquer"])
def test_too_many_days_are_refused(parent, describe, monkeypatch, faire):
    monkeypatch.setattr("preau.domain.bookings.queries.patterns.MOST_CELLS", 10)
    assert "Cela fait trop de jours à la fois" in main_words(describe(faire), status=422)
    assert parent.drafted() == {}


def test_the_form_begins_with_what_the_planning_showed(parent):
    html = parent.get("planning_pattern", enfant=parent.child(1), jour="2026-11-16").content.decode()
    assert 'value="2026-11-01"' in html
    assert 'value="2026-11-30"' in html
    assert "checked" in html.partition(f'value="{parent.child(1)}"')[2].partition(">")[0]
    assert "checked" not in html.partition(f'value="{parent.child(0)}"')[2].partition(">")[0]


def test_queries_do_not_grow_with_days(parent, describe, django_assert_num_queries):
    describe()
    for last in ("2026-11-02", "2027-06-30"):
        with django_assert_num_queries(23):
            describe(au=last)
