"""What a family reads and asks on « Inscriptions » (C12, C13, C47)."""

from datetime import date

import pytest
from django.test import Client

from preau.domain.activities.models import Activity
from preau.domain.bookings.models import Enrolment
from preau.domain.bookings.services.contracts import end_contract
from preau.domain.bookings.services.enrolments import decide_enrolment, end_enrolment, request_enrolment
from preau.domain.families.models import Child, Household
from preau.foundation.mail.models import OutgoingMail
from tests.support.activities import make_activity, make_activity_group, make_school_year
from tests.support.bookings import AGENT, FRIDAY, PARENT, make_enrolment
from tests.support.care import make_care_contract, make_creche
from tests.support.factories import login_family, make_household, make_town
from tests.support.pages import main_words

pytestmark = pytest.mark.django_db

PAPERS = ["Attestation d’assurance", "Fiche sanitaire"]


@pytest.fixture
def household(frozen_clock) -> Household:
    make_town()
    return make_household(file_name="DELATTRE")


@pytest.fixture
def child(household) -> Child:
    return household.children.get()


@pytest.fixture
def browser(household) -> Client:
    client = Client()
    login_family(client, household)
    return client


@pytest.fixture
def canteen(household) -> Activity:
    return make_activity(required_papers=PAPERS)


def asked(household: Household, activity: Activity, **values) -> Enrolment:
    child = household.children.first()
    return request_enrolment(
        household=household, child_id=child.public_id, activity_id=activity.public_id, by=PARENT, **values
    )


@pytest.mark.row("C12")
def test_each_child_has_its_enrolments_of_now_and_of_before(household, browser, canteen, frozen_clock):
    older = make_school_year("2025 / 2026", first_day=date(2025, 9, 1), last_day=date(2026, 8, 31))
    second = Child.objects.create(first_name="Lina", last_name="Berger", birth_date=date(2019, 1, 1), sex="F")
    household.children.add(second, through_defaults={"position": 2})
    first = household.children.get(first_name="Enfant1")
    make_enrolment(first, make_activity("Étude 2025", school_year=older), household)
    make_enrolment(first, canteen, household)
    group = make_activity_group(canteen, "Premier service")
    make_enrolment(second, canteen, household, group=group)
    page = main_words(browser.get("/inscriptions/"))
    before, _, after = page.partition("Lina")
    assert "Enfant1 Cantine Jules-Ferry 2026 / 2027, École Jules-Ferry Inscrite Inscriptions passées" in before
    assert "retirées (1) de Enfant1 Étude 2025 2025 / 2026, École Jules-Ferry Inscription terminée" in before
    assert "Cantine Jules-Ferry 2026 / 2027, École Jules-Ferry, Premier service Inscrite" in after


def test_every_state_is_said_in_words(household, browser, canteen):
    asked(household, canteen)
    decide_enrolment(
        enrolment_id=asked(household, make_activity("Étude", kind="study")).public_id,
        accepted=False,
        motive="other",
        details="Le groupe est fermé.",
        by=AGENT,
    )
    left = make_enrolment(household.children.get(), make_activity("Soir", kind="evening_care"), household)
    end_enrolment(enrolment_id=left.public_id, on=FRIDAY, reason="Déménagement.", by=AGENT)
    later = make_activity("Été", first_day=date(2027, 7, 5))
    make_enrolment(household.children.get(), later, household)
    page = main_words(browser.get("/inscriptions/"))
    for said in (
        "En attente de réponse Demandée le 8 octobre 2026. Réponse au plus tard le 7 décembre 2026.",
        "Demande refusée Motif : Le groupe est fermé.",
        "Inscrite jusqu’au 20 novembre 2026 Motif : Déménagement.",
        "Inscrite à partir du 5 juillet 2027",
    ):
        assert said in page


@pytest.mark.row("C13")
def test_a_child_is_asked_for_and_the_request_acknowledged(household, child, browser, canteen):
    """From the list to the acknowledgement, and its mail; then taken back."""
    make_activity("Grands", min_age_months=144)
    make_activity("CP", levels=["CP"])
    make_activity("Étude", schools=["École Pasteur"])
    answer = browser.get("/inscriptions/demander/")
    assert answer["Location"] == f"/inscriptions/demander/{child.public_id}/"
    page = main_words(browser.get(answer["Location"]))
    assert "Possible Cantine Jules-Ferry 2026 / 2027, École Jules-Ferry Pas possible" in page
    assert "Grands 2026 / 2027, École Jules-Ferry Il faut avoir 12 ans le jour de l’accueil." in page
    assert "Réservé aux classes de CP : la classe de l’enfant n’est pas connue de la mairie." in page
    assert "Réservé aux enfants du secteur (École Pasteur) : l’école de l’enfant est École des Tilleuls." in page

    form = main_words(browser.get(f"{answer['Location']}?activite={canteen.public_id}"))
    assert "Les pièces que vous avez" in form
    assert all(paper in form for paper in PAPERS)
    typed = {"activite": canteen.public_id, "papers": PAPERS[:1], "message": "Il commence lundi."}
    sent = browser.post(answer["Location"], typed)
    enrolment = Enrolment.objects.get()
    assert sent["Location"] == f"/inscriptions/{enrolment.public_id}/"
    page = main_words(browser.get(sent["Location"]))
    for said in (
        "Votre demande est bien reçue",
        "Demandée le 8 octobre 2026, 15 h 35",
        "Réponse au plus tard le 7 décembre 2026",
        "Caisse des écoles, Restauration et périscolaire, 03 53 01 12 41",
        "Attestation d’assurance vous l’apportez Fiche sanitaire à prévoir",
        "Votre message Il commence lundi.",
    ):
        assert said in page
    assert OutgoingMail.objects.get().recipient == household.guardians.get().email

    browser.post(f"/inscriptions/{enrolment.public_id}/retirer/")
    assert "Votre demande est retirée" in main_words(browser.get(sent["Location"]))
    assert "Cantine Jules-Ferry" in main_words(browser.get(answer["Location"]))


def test_what_no_agent_decides_is_enrolled_at_once(household, child, browser):
    activity = make_activity(needs_decision=False)
    page = main_words(browser.get(f"/inscriptions/demander/{child.public_id}/"))
    assert "accepté tout de suite" in page
    browser.post(f"/inscriptions/demander/{child.public_id}/", {"activite": activity.public_id, "message": ""})
    assert "Inscrite" in main_words(browser.get("/inscriptions/"))


def test_with_several_children_one_is_chosen_first(browser, household):
    other = Child.objects.create(first_name="Lina", last_name="Berger")
    household.children.add(other, through_defaults={"position": 2})
    page = browser.get("/inscriptions/demander/")
    assert "Pour quel enfant ? Enfant1 Lina" in main_words(page)
    assert f"/inscriptions/demander/{other.public_id}/" in page.content.decode()


def test_a_family_without_child_is_told_whom_to_call(frozen_clock):
    make_town()
    client = Client()
    login_family(client, make_household(children=0))
    assert "Aucun enfant dans votre dossier." in main_words(client.get("/inscriptions/"))
    assert "Aucun enfant dans votre dossier." in main_words(client.get("/inscriptions/demander/"))


def test_what_is_typed_wrong_is_told_and_kept(child, browser, canteen):
    path = f"/inscriptions/demander/{child.public_id}/"
    typed = {"activite": canteen.public_id, "papers": PAPERS[1:], "message": "a" * 1001}
    answer = browser.post(path, typed)
    assert "1000 caractères au plus." in main_words(answer, status=422)
    assert "a" * 1001 in answer.content.decode()
    forged = browser.post(path, {**typed, "papers": ["Passeport"], "message": ""})
    assert "Choisissez dans la liste." in main_words(forged, status=422)
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("values", [{"is_published": False}, {"min_age_months": 200}, {"last_day": date(2026, 10, 1)}])
def test_what_cannot_be_asked_is_not_written(household, child, browser, values):
    activity = make_activity(**values)
    path = f"/inscriptions/demander/{child.public_id}/"
    assert browser.post(path, {"activite": activity.public_id})["Location"] == "/inscriptions/"
    assert "Cette inscription ne peut plus être demandée" in main_words(browser.get("/inscriptions/"))
    assert "Inscrire Enfant1 : à quelle activité ?" in main_words(browser.get(f"{path}?activite={activity.public_id}"))
    assert not Enrolment.objects.exists()


def test_the_same_click_asks_once(child, browser, canteen):
    path, typed = f"/inscriptions/demander/{child.public_id}/", {"activite": canteen.public_id, "message": ""}
    browser.post(path, typed)
    assert browser.post(path, typed)["Location"] == "/inscriptions/"
    assert Enrolment.objects.count() == 1


def test_what_was_decided_meanwhile_is_not_withdrawn(household, browser, canteen):
    enrolment = asked(household, canteen)
    decide_enrolment(enrolment_id=enrolment.public_id, accepted=True, by=AGENT)
    browser.post(f"/inscriptions/{enrolment.public_id}/retirer/")
    assert "Cette demande est déjà acceptée." in main_words(browser.get(f"/inscriptions/{enrolment.public_id}/"))


def test_a_refusal_is_read_with_its_reason_and_how_to_contest_it(household, browser, canteen):
    enrolment = asked(household, canteen)
    decide_enrolment(enrolment_id=enrolment.public_id, accepted=False, motive="no_place", by=AGENT)
    page = main_words(browser.get(f"/inscriptions/{enrolment.public_id}/"))
    assert "Votre demande est refusée" in page
    assert "Motif Toutes les places sont prises." in page
    assert "tribunal administratif" in page


@pytest.mark.row("C47")
def test_a_new_school_year_is_asked_for_in_one_touch_and_the_old_one_kept(household, child, browser, canteen):
    make_enrolment(child, canteen, household)
    evening = make_activity("Accueil du soir", kind="evening_care")
    make_enrolment(child, evening, household)
    year = make_school_year("2027 / 2028", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))
    after = make_activity("Cantine Jules-Ferry", school_year=year, regie=canteen.regie)
    make_activity("Accueil du soir", kind="evening_care", school_year=year, levels=["CP"])
    page = browser.get("/inscriptions/")
    assert "Réinscrire Enfant1 pour 2027 / 2028" in main_words(page)
    assert "Accueil du soir : Réservé aux classes de CP" in main_words(page)
    assert f'value="{after.public_id}" checked' in page.content.decode()

    browser.post(f"/inscriptions/reinscrire/{child.public_id}/", {"activite": [after.public_id]})
    page = main_words(browser.get("/inscriptions/"))
    assert "Votre demande est envoyée : Cantine Jules-Ferry." in page
    assert "Cantine Jules-Ferry 2027 / 2028, École Jules-Ferry En attente de réponse" in page
    assert "Cantine Jules-Ferry 2026 / 2027, École Jules-Ferry Inscrite" in page
    assert Enrolment.objects.filter(child=child).count() == 3


def test_asking_again_for_nothing_is_told(child, browser):
    browser.post(f"/inscriptions/reinscrire/{child.public_id}/")
    assert "Cochez une activité au moins." in main_words(browser.get("/inscriptions/"))


@pytest.mark.row("V02")
def test_a_family_reads_its_contract(household, child, browser):
    enrolment = make_enrolment(child, make_creche(), household)
    contract = make_care_contract(enrolment)
    page = main_words(browser.get("/inscriptions/"))
    assert "Contrat d’accueil À venir 75,60 € par mois : 42 h × 1,80 € l’heure." in page
    assert "lundi, de 9 h 00 à 12 h 00 mardi, de 9 h 00 à 12 h 00 jeudi, de 9 h 00 à 17 h 00" in page
    assert "Du 16 novembre 2026 au 4 décembre 2026, 3 semaines d’accueil réparties sur 1 mois." in page
    end_contract(contract_id=contract.public_id, on=date(2026, 10, 9), reason="Autre garde.", by=AGENT)
    assert "Contrat d’accueil" not in main_words(browser.get("/inscriptions/"))


@pytest.mark.parametrize("count", [1, 5])
def test_the_number_of_queries_of_the_list_does_not_grow(frozen_clock, django_assert_num_queries, count):
    make_town()
    household, client = make_household(children=count), Client()
    creche = make_creche()
    for place in household.child_places.select_related("child"):
        make_care_contract(make_enrolment(place.child, creche, household))
        for number in range(count):
            activity = Activity.objects.filter(name=f"Étude {number}").first() or make_activity(f"Étude {number}")
            make_enrolment(place.child, activity, household)
    login_family(client, household)
    client.get("/inscriptions/")
    with django_assert_num_queries(12):
        assert client.get("/inscriptions/").status_code == 200


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_of_the_choice_does_not_grow(child, browser, django_assert_num_queries, count):
    for number in range(count):
        make_activity_group(make_activity(f"Étude {number}"), "Grands")
    path = f"/inscriptions/demander/{child.public_id}/"
    browser.get(path)
    with django_assert_num_queries(9):
        assert main_words(browser.get(path)).count("Étude") == count
