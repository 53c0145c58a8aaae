"""Requests, families and contracts as agents read and decide them (C13, V02, V11)."""

from datetime import date

import pytest

from preau.domain.activities.models import Activity, PlacesOfDay
from preau.domain.bookings.models import Booking, CareContract, Enrolment
from preau.domain.bookings.services.enrolments import request_enrolment
from preau.domain.families.models import Child, ChildDiet, Guardian, Household, QuotientFamilial
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.desk.tests.conftest import Agent, hire
from tests.support.activities import make_activity, make_activity_group, make_school_year
from tests.support.bookings import PARENT, make_enrolment
from tests.support.care import make_care_contract, make_creche
from tests.support.factories import make_household, make_regie, make_town
from tests.support.pages import main_words

pytestmark = pytest.mark.django_db

PAPERS = ["Attestation d’assurance", "Fiche sanitaire"]


@pytest.fixture
def canteen(frozen_clock) -> Activity:
    make_town()
    return make_activity(required_papers=PAPERS, capacity=120)


@pytest.fixture
def household(canteen) -> Household:
    return make_household(file_name="DELATTRE")


@pytest.fixture
def child(household) -> Child:
    return household.children.get()


@pytest.fixture
def agent(canteen) -> Agent:
    return hire(canteen.regie, name="Nadège Vandenbroucke")


def ask(activity: Activity, household: Household | None = None, **values) -> Enrolment:
    household = household or make_household()
    child = household.children.first()
    return request_enrolment(
        household=household, child_id=child.public_id, activity_id=activity.public_id, by=PARENT, **values
    )


def path_of(enrolment: Enrolment, action: str = "") -> str:
    return f"/bureau/inscriptions/{enrolment.public_id}/{action}"


# The list


def test_the_list_begins_with_the_oldest_request(canteen, frozen_clock):
    first = ask(canteen)
    frozen_clock.advance(days=61)
    second = ask(canteen)
    page = hire(canteen.regie, name="Nadège").get("/bureau/inscriptions/")
    said = main_words(page)
    assert said.index(first.household.file_number) < said.index(second.household.file_number)
    assert "2 demandes d’inscription à traiter" in said
    assert "08/10/2026 07/12/2026 En attente de réponse" in said
    assert '<span class="badge badge--late">' in page.content.decode()  # the first one is overdue


def test_the_list_keeps_what_is_asked_of_it(canteen, agent, household, child):
    year = make_school_year("2027 / 2028", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))
    after = make_activity("Cantine, rentrée", school_year=year, regie=canteen.regie)
    ask(canteen, household)
    ask(after, household)
    make_enrolment(child, make_activity("Étude", regie=canteen.regie), household)
    for query, found, missing in (
        ("", {"Cantine Jules-Ferry 2026", "Cantine, rentrée 2027"}, {"Étude 2026"}),
        ("?etat=", {"Cantine Jules-Ferry 2026", "Cantine, rentrée 2027", "Étude 2026"}, set()),
        ("?etat=accepted", {"Étude 2026"}, {"Cantine Jules-Ferry 2026"}),
        (f"?annee={year.pk}", {"Cantine, rentrée 2027"}, {"Cantine Jules-Ferry 2026"}),
        (f"?activite={canteen.public_id}", {"Cantine Jules-Ferry 2026"}, {"Cantine, rentrée 2027"}),
        ("?etat=refused", {"Aucune inscription ici."}, {"Étude 2026"}),
        ("?etat=invented&annee=x&activite=x", {"Cantine Jules-Ferry 2026", "Étude 2026"}, set()),
    ):
        page = main_words(agent.get(f"/bureau/inscriptions/{query}"))
        table = page[page.find("Filtrer") :]
        assert {words for words in found if words not in table} == set(), query
        assert {words for words in missing if words in table} == set(), query


def test_an_agent_sees_their_regies_only(canteen, agent):
    theirs = ask(canteen)
    creche = make_creche(regie=make_regie(label="Petite enfance"))
    other = make_household()
    elsewhere = make_enrolment(other.children.get(), creche, other)
    contract = make_care_contract(elsewhere)
    assert "1 demande d’inscription" in main_words(agent.get("/bureau/inscriptions/"))
    assert agent.get(path_of(theirs)).status_code == 200
    assert agent.get(path_of(elsewhere)).status_code == 404
    for action in ("accepter/", "refuser/", "pieces/", "terminer/", "contrat/"):
        assert agent.client.post(path_of(elsewhere, action), {}).status_code == 404
    for action in ("", "changer/"):
        assert agent.get(f"/bureau/contrats/{contract.public_id}/{action}").status_code == 404
    assert agent.client.post(f"/bureau/contrats/{contract.public_id}/terminer/", {}).status_code == 404
    page = main_words(agent.get(f"/bureau/familles/{other.public_id}/"))
    assert "Aucune inscription." in page


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_of_the_list_does_not_grow(canteen, agent, django_assert_num_queries, count):
    for _ in range(count):
        ask(canteen)
    agent.get("/bureau/inscriptions/")
    with django_assert_num_queries(9):
        assert f"{count} demande" in main_words(agent.get("/bureau/inscriptions/"))


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_of_a_request_does_not_grow(canteen, agent, household, django_assert_num_queries, count):
    for number in range(count):
        make_activity_group(canteen, f"Groupe {number}")
        ask(canteen)
    enrolment = ask(canteen, household)
    agent.get(path_of(enrolment))
    with django_assert_num_queries(12):
        assert agent.get(path_of(enrolment)).status_code == 200


# One request


def test_a_request_tells_all_that_decides_it(canteen, agent, household, child):
    Child.objects.filter(id=child.id).update(level="CE1")
    make_activity_group(canteen, "Maternelles", levels=["PS", "MS", "GS"], capacity=40)
    make_activity_group(canteen, "Élémentaires", levels=["CE1"], capacity=80)
    make_enrolment(make_household().children.get(), canteen, Household.objects.last())
    enrolment = ask(canteen, household, papers=PAPERS[:1], message="Il commence lundi.")
    page = main_words(agent.get(path_of(enrolment)))
    for said in (
        "DELATTRE, dossier n°",
        "Responsables Amélie Berger, 06 39 98 01 01",
        "Âge le 8 octobre 2026 8 ans et 7 mois",
        "Classe CE1, École des Tilleuls",
        "Places 1 inscrit pour 120 places par jour",
        "Message Il commence lundi.",
        "Convient L’école, l’âge et la classe sont ceux de l’activité.",
        "Attestation d’assuranceLa famille dit l’apporter. Fiche sanitaire",
        "Maternelles (0 inscrit pour 40 places par jour). Réservé aux classes de PS, MS, GS : l’enfant est en CE1.",
        "Élémentaires (0 inscrit pour 80 places par jour)",
        "Demandée par la famille 8 octobre 2026, 15 h 35",
    ):
        assert said in page


def test_what_the_rules_say_against_it_is_told(canteen, agent, household):
    enrolment = ask(canteen, household)
    Activity.objects.filter(id=canteen.id).update(min_age_months=120)
    page = main_words(agent.get(path_of(enrolment)))
    assert "Ne convient pas Il faut avoir 10 ans le jour de l’accueil." in page


def test_an_agent_accepts_in_a_group(canteen, agent, household):
    group = make_activity_group(canteen, "Premier service")
    enrolment = ask(canteen, household)
    answer = agent.client.post(path_of(enrolment, "accepter/"), {"group": str(group.pk)})
    assert answer["Location"] == path_of(enrolment)
    page = main_words(agent.get(path_of(enrolment)))
    assert "L’inscription est acceptée. La famille est prévenue par e-mail." in page
    assert "Inscrite Premier service" in page
    assert "Acceptée par un agent" in page
    assert OutgoingMail.objects.filter(kind="enrolment.accepted").count() == 1


@pytest.mark.parametrize("group", ["", "999", "x"])
def test_a_group_is_one_of_the_activitys(canteen, agent, household, group):
    make_activity_group(canteen, "Premier service")
    enrolment = ask(canteen, household)
    answer = agent.client.post(path_of(enrolment, "accepter/"), {"group": group})
    assert "Choisissez" in main_words(answer, status=422)
    enrolment.refresh_from_db()
    assert enrolment.state == "requested"


def test_a_canteen_offers_lawful_motives_only(canteen, agent, household):
    page = main_words(agent.get(path_of(ask(canteen, household))))
    assert "Toutes les places sont prises" in page
    for unlawful in ("Les priorités du règlement", "Autre motif", "L’âge ou la classe"):
        assert unlawful not in page
    other = ask(make_activity("Mercredis", kind="alsh", regie=canteen.regie), household)
    assert "Les priorités du règlement" in main_words(agent.get(path_of(other)))


def test_a_refusal_is_sent_with_its_motive(canteen, agent, household):
    enrolment = ask(canteen, household)
    agent.client.post(path_of(enrolment, "refuser/"), {"motive": "no_place", "details": "Rappelez en janvier."})
    page = main_words(agent.get(path_of(enrolment)))
    assert "Demande refusée Motif : Toutes les places sont prises. Rappelez en janvier." in page
    assert "La famille est prévenue par e-mail, avec le motif." in page


def test_a_family_that_no_mail_reaches_is_to_be_telephoned(canteen, agent, household):
    enrolment = ask(canteen, household)
    Guardian.objects.update(user=None, email="")
    answer = agent.client.post(path_of(enrolment, "refuser/"), {"motive": "no_place"}, follow=True)
    assert "La demande est refusée. La famille n’a pas d’adresse e-mail : téléphonez-lui." in main_words(answer)
    assert not OutgoingMail.objects.filter(kind="enrolment.refused").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choisissez."),
        ({"motive": "priority"}, "Choisissez dans la liste."),
        (
            {"motive": "no_place", "details": "La mère ne travaille pas."},
            "La cantine est un droit pour tous les élèves",
        ),
        ({"motive": "no_place", "details": "a" * 201}, "200 caractères au plus."),
    ],
)
def test_a_refusal_that_cannot_be_sent_is_told_beside_its_field(canteen, agent, household, typed, said):
    enrolment = ask(canteen, household)
    answer = agent.client.post(path_of(enrolment, "refuser/"), typed)
    assert said in main_words(answer, status=422)
    assert typed.get("details", "") in answer.content.decode()
    enrolment.refresh_from_db()
    assert enrolment.state == "requested"


def test_papers_are_ticked_as_they_come(canteen, agent, household):
    enrolment = ask(canteen, household)
    agent.client.post(path_of(enrolment, "pieces/"), {"paper": [PAPERS[1], "Passeport"]})
    page = agent.get(path_of(enrolment))
    assert f'value="{PAPERS[1]}" checked' in page.content.decode()
    assert "C’est noté." in main_words(page)
    enrolment.refresh_from_db()
    assert enrolment.papers_received == PAPERS[1:]


def test_what_was_answered_meanwhile_is_told(canteen, agent, household):
    enrolment = ask(canteen, household)
    agent.client.post(path_of(enrolment, "accepter/"))
    answer = agent.client.post(path_of(enrolment, "refuser/"), {"motive": "no_place"})
    assert answer.status_code == 422
    enrolment.refresh_from_db()
    assert enrolment.state == "accepted"


def test_an_enrolment_is_ended_with_its_reason(canteen, agent, household, child):
    enrolment = make_enrolment(child, canteen, household)
    agent.client.post(path_of(enrolment, "terminer/"), {"on": "2026-11-20", "reason": "Déménagement."})
    page = main_words(agent.get(path_of(enrolment)))
    assert "Inscrite jusqu’au 20 novembre 2026 Motif : Déménagement." in page
    assert "Fin avancée par un agent : Déménagement." in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"on": "2026-11-20"}, "Dites pourquoi."),
        ({"on": "2027-08-31", "reason": "Départ."}, "Elle se termine déjà le 31 août 2027."),
        ({"on": "demain", "reason": "Départ."}, "Ce n’est pas une date."),
        ({"on": "1026-11-20", "reason": "Départ."}, "Vérifiez l’année."),
    ],
)
def test_an_end_that_cannot_be_is_told_beside_its_field(canteen, agent, household, child, typed, said):
    enrolment = make_enrolment(child, canteen, household)
    answer = agent.client.post(path_of(enrolment, "terminer/"), typed)
    assert said in main_words(answer, status=422)
    enrolment.refresh_from_db()
    assert enrolment.last_day == date(2027, 8, 31)


# Families


@pytest.mark.row("V11")
def test_an_agent_finds_a_family_notes_its_facts_and_enrols_its_child(canteen, agent, household, child):
    """Nothing of this needs the family's account."""
    page = agent.get("/bureau/familles/?q=delattre")
    assert "DELATTRE n°" in main_words(page)
    home = f"/bureau/familles/{household.public_id}/"
    assert home in page.content.decode()
    agent.client.post(
        f"/bureau/familles/enfants/{child.public_id}/", {"level": "CE1", "diets": ["no_pork", "no_gluten"]}
    )
    agent.client.post(f"{home}lien/", {"town_link": "schooled"})
    answer = agent.client.post(f"{home}quotient/", {"amount": "642,50", "valid_on": "2026-09-01"})
    assert answer["Location"] == home
    page = main_words(agent.get(home))
    for said in (
        "Classe : CE1. Repas : sans gluten, sans porc.",
        "Lien avec la commune scolarisé dans la commune",
        "642,50 € à partir du 1er septembre 2026",
    ):
        assert said in page
    assert QuotientFamilial.objects.get().amount_cents == 64250

    group = make_activity_group(canteen, "Premier service")
    made = agent.client.post(f"{home}inscrire/", {"child": child.public_id, "place": f"{canteen.public_id}/{group.pk}"})
    enrolment = Enrolment.objects.get()
    assert made["Location"] == path_of(enrolment)
    assert (enrolment.state, enrolment.group, enrolment.first_day) == ("accepted", group, date(2026, 10, 8))
    assert "Enfant1 : Cantine Jules-Ferry" in main_words(agent.get(home))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choisissez."),
        ({"place": "x"}, "Choisissez dans la liste."),
        ({"first_day": "2026-08-01"}, "L’activité va du 1er septembre 2026 au 31 août 2027."),
        ({"first_day": "2026-12-01", "last_day": "2026-11-01"}, "Le dernier jour vient avant le premier."),
        ({"child": "x" * 22}, "Choisissez dans la liste."),
    ],
)
def test_an_enrolment_that_cannot_be_is_told_beside_its_field(canteen, agent, household, child, typed, said):
    usual = {"child": child.public_id, "place": canteen.public_id} if typed else {}
    answer = agent.client.post(f"/bureau/familles/{household.public_id}/inscrire/", {**usual, **typed})
    assert said in main_words(answer, status=422)
    assert not Enrolment.objects.exists()


def test_a_child_is_enrolled_once(canteen, agent, household, child):
    make_enrolment(child, canteen, household)
    typed = {"child": child.public_id, "place": canteen.public_id}
    answer = agent.client.post(f"/bureau/familles/{household.public_id}/inscrire/", typed)
    assert "existe déjà" in main_words(answer, status=422)


def test_an_activity_of_another_regie_is_no_choice(canteen, agent, household, child):
    other = make_activity("Crèche", regie=make_regie(label="Petite enfance"))
    path = f"/bureau/familles/{household.public_id}/inscrire/"
    assert "Crèche" not in main_words(agent.get(path))
    answer = agent.client.post(path, {"child": child.public_id, "place": other.public_id})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("page", "typed", "said"),
    [
        ("quotient/", {"amount": "douze", "valid_on": "2026-09-01"}, "Écrivez un montant comme 12,50."),
        ("quotient/", {"amount": "", "valid_on": "2026-09-01"}, "Indiquez un montant, comme 12,50."),
        ("quotient/", {"amount": "100000000", "valid_on": "2026-09-01"}, "Vérifiez ce montant."),
        ("quotient/", {"amount": "-12", "valid_on": "2026-09-01"}, "Vérifiez ce montant."),
        ("quotient/", {"amount": "642", "valid_on": ""}, "Donnez un jour."),
        ("lien/", {"town_link": "friend"}, "Choisissez dans la liste."),
        ("lien/", {}, "Choisissez."),
        ("enfant/", {"level": "6e"}, "Choisissez dans la liste."),
        ("enfant/", {"level": "CE1", "diets": ["halal"]}, "Choisissez dans la liste."),
    ],
)
def test_a_fact_that_cannot_be_is_told_beside_its_field(agent, household, child, page, typed, said):
    owner = f"enfants/{child.public_id}/" if page == "enfant/" else f"{household.public_id}/{page}"
    path = f"/bureau/familles/{owner}"
    assert said in main_words(agent.client.post(path, typed), status=422)
    assert not QuotientFamilial.objects.exists()
    assert not ChildDiet.objects.exists()
    household.refresh_from_db()
    assert household.town_link == "resident"


def test_a_child_of_two_homes_leads_back_to_the_one_it_was_opened_from(agent, household, child):
    other = make_household(children=0)
    other.children.add(child, through_defaults={"position": 1})
    path = f"/bureau/familles/enfants/{child.public_id}/?famille={other.public_id}"
    assert other.file_name in main_words(agent.get(path))
    assert agent.client.post(path, {"level": "CP"})["Location"] == f"/bureau/familles/{other.public_id}/"
    assert agent.get("/bureau/familles/enfants/inconnu/").status_code == 404


def test_nothing_is_listed_before_a_family_is_sought(agent, household):
    assert "DELATTRE" not in main_words(agent.get("/bureau/familles/"))
    assert "Aucune famille trouvée." in main_words(agent.get("/bureau/familles/?q=introuvable"))


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_of_the_search_does_not_grow(agent, household, django_assert_num_queries, count):
    for _ in range(count - 1):
        make_household(file_name="DELATTRE")
    agent.get("/bureau/familles/?q=DELATTRE")
    with django_assert_num_queries(7):
        assert f"{count} famille" in main_words(agent.get("/bureau/familles/?q=DELATTRE"))


@pytest.mark.parametrize("count", [1, 6])
def test_the_number_of_queries_of_a_family_does_not_grow(canteen, agent, django_assert_num_queries, count):
    household = make_household(children=count)
    for place in household.child_places.select_related("child"):
        make_enrolment(place.child, canteen, household)
        ChildDiet.objects.create(child=place.child, diet="no_pork")
        QuotientFamilial.objects.create(household=household, amount_cents=1, valid_on=date(2026, 1, place.position))
    path = f"/bureau/familles/{household.public_id}/"
    agent.get(path)
    with django_assert_num_queries(11):
        assert agent.get(path).status_code == 200


# Contracts


@pytest.fixture
def care(canteen, household, child) -> Enrolment:
    return make_enrolment(child, make_creche(regie=canteen.regie, capacity=10), household)


TYPED = {
    "first_day": "2026-11-16", "last_day": "2026-12-04", "weeks": "3", "months": "1",
    "from_0": "9:00", "to_0": "12:00", "from_1": "9 h", "to_1": "12h00", "from_3": "09:00", "to_3": "17:00",
}  # fmt: skip


@pytest.mark.row("V02")
def test_a_contract_is_computed_then_written(agent, care):
    assert "Écrire un contrat" in main_words(agent.get(path_of(care)))
    page = main_words(agent.client.post(path_of(care, "contrat/"), {**TYPED, "action": "calculer"}))
    for said in (
        "75,60 € par mois",
        "Heures par semaine 14 h",
        "Heures du contrat 42 h",
        "Heures par mois 42 h, à la minute la plus proche",
        "Prix de l’heure 1,80 €",
        "Jours réservés 9",
        "Enregistrer le contrat",
    ):
        assert said in page
    assert not CareContract.objects.exists()
    answer = agent.client.post(path_of(care, "contrat/"), {**TYPED, "action": "enregistrer"})
    contract = CareContract.objects.get()
    assert answer["Location"] == f"/bureau/contrats/{contract.public_id}/"
    page = main_words(agent.get(answer["Location"]))
    assert "À venir 75,60 € par mois" in page
    assert "lundi, de 9 h 00 à 12 h 00 mardi, de 9 h 00 à 12 h 00 jeudi, de 9 h 00 à 17 h 00" in page
    assert "Du 16 novembre 2026 au 4 décembre 2026 42 h par mois, 75,60 €" in main_words(agent.get(path_of(care)))
    assert Booking.objects.filter(state="confirmed").count() == 9


def test_full_days_are_told_before_and_at_the_writing(agent, care):
    PlacesOfDay.objects.create(
        activity=care.activity, day=date(2026, 11, 17), part="h10", capacity=10, ceiling=10, taken=10
    )
    page = main_words(agent.client.post(path_of(care, "contrat/"), {**TYPED, "action": "calculer"}))
    assert "Le contrat ne peut pas être enregistré ainsi : 17 novembre 2026." in page
    assert "Enregistrer le contrat" not in page
    page = main_words(agent.client.post(path_of(care, "contrat/"), TYPED), status=422)
    assert "Il n’y a plus de place le mardi 17 novembre 2026. Rien n’a été enregistré." in page
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"from_0": "neuf"}, "Écrivez une heure comme 7:30."),
        ({"to_0": ""}, "Donnez l’arrivée et le départ."),
        ({"to_0": "8:00"}, "Le départ vient avant l’arrivée."),
        ({"to_3": "19:00"}, "Ouvert de 7 h 30 à 18 h 30."),
        ({"last_day": "2026-11-01"}, "Le dernier jour vient avant le premier."),
        ({"first_day": ""}, "Donnez un jour."),
        ({"weeks": "9"}, "De 1 à 3 semaines, du premier au dernier jour."),
        ({"weeks": "99"}, "53 au plus."),
        ({"months": "x"}, "Donnez un nombre entier."),
        (dict.fromkeys(["from_0", "to_0", "from_1", "to_1", "from_3", "to_3"], ""), "Donnez les heures d’un jour"),
    ],
)
def test_terms_that_cannot_be_are_told_beside_their_field(agent, care, changes, said):
    for action in ("calculer", "enregistrer"):
        answer = agent.client.post(path_of(care, "contrat/"), {**TYPED, **changes, "action": action})
        assert said in main_words(answer, status=422)
    assert not CareContract.objects.exists()


def test_only_an_activity_by_contract_has_a_page_for_one(canteen, agent, household, child):
    enrolment = make_enrolment(child, canteen, household)
    assert agent.get(path_of(enrolment, "contrat/")).status_code == 404
    assert "Écrire un contrat" not in main_words(agent.get(path_of(enrolment)))


def test_a_contract_is_changed_from_a_day_on(agent, care):
    old = make_care_contract(care)
    path = f"/bureau/contrats/{old.public_id}/changer/"
    shown = agent.get(path).content.decode()
    assert 'value="9:00"' in shown
    assert 'value="2026-11-16"' in shown
    typed = {**TYPED, "first_day": "2026-11-23", "weeks": "2", "to_0": "17:00"}
    assert "Enregistrer le contrat" in main_words(agent.client.post(path, {**typed, "action": "calculer"}))
    answer = agent.client.post(path, typed)
    new = CareContract.objects.get(replaces=old)
    assert answer["Location"] == f"/bureau/contrats/{new.public_id}/"
    assert "Remplace le contrat du 16 novembre 2026" in main_words(agent.get(answer["Location"]))
    page = main_words(agent.get(f"/bureau/contrats/{old.public_id}/"))
    assert "Fin avancée au 22 novembre 2026 : Remplacé par un nouveau contrat." in page
    assert "Terminer ce contrat" not in page


def test_a_contract_is_ended(agent, care):
    contract = make_care_contract(care)
    path = f"/bureau/contrats/{contract.public_id}/"
    for typed, said in (
        ({"on": "2026-11-24"}, "Dites pourquoi."),
        ({"on": "2026-10-01", "reason": "Départ."}, "Les jours passés ne changent pas"),
    ):
        assert said in main_words(agent.client.post(f"{path}terminer/", typed), status=422)
    agent.client.post(f"{path}terminer/", {"on": "2026-11-24", "reason": "Départ."})
    page = main_words(agent.get(path))
    assert "Le contrat est terminé. Les jours suivants sont rendus." in page
    assert "Motif : Départ." in page
    assert Booking.objects.filter(state="confirmed").count() == 5
    again = agent.client.post(f"{path}terminer/", {"on": "2026-11-20", "reason": "Départ."})
    assert again.status_code == 422


@pytest.mark.parametrize("weeks", [1, 3])
def test_the_number_of_queries_of_a_contract_does_not_grow(agent, care, django_assert_num_queries, weeks):
    contract = make_care_contract(care, last_day=date(2026, 11, 15 + 7 * weeks if weeks == 1 else 30), weeks=weeks)
    path = f"/bureau/contrats/{contract.public_id}/"
    agent.get(path)
    with django_assert_num_queries(8):
        assert agent.get(path).status_code == 200
