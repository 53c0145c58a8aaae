"""Booking and cancelling for a family, places, closed days and waiting lists, through the pages of the desk (V11)."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse

from preau.domain.activities.models import Activity, Closure, PaymentMode, PlacesOfDay, UnitMode
from preau.domain.bookings.models import Booking, WaitingEntry
from preau.domain.bookings.services.waiting import join_waiting_list
from preau.domain.families.models import Guardian
from preau.domain.payments.queries.orders import balances_of
from preau.foundation import clock
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.desk.tests.conftest import Agent, hire
from tests.support.activities import make_deadline, make_unit
from tests.support.bookings import FRIDAY, MONDAY, TUESDAY, Family, make_family, make_service, price
from tests.support.factories import NOON, make_regie, make_town
from tests.support.pages import main_words

pytestmark = pytest.mark.django_db

WHY = "la maman a appelé ce matin"
_HIDDEN = re.compile(r'<input type="hidden" name="(form_key|shown_cents|unite)" value="([^"]*)"')


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def family() -> Family:
    make_town()
    return make_family(make_service(capacity=2, regie=make_regie()))


@pytest.fixture
def agent(family) -> Agent:
    return hire(family.activity.regie, name="Nadège Vandenbroucke")


def days_page(family: Family) -> str:
    return f"/bureau/reserver/inscription/{family.children[0].enrolments.get().public_id}/?mois=2026-11"


def asked(agent: Agent, family: Family, *days, **values) -> HttpResponse:
    """Days ticked, and their price asked."""
    return agent.client.post(days_page(family), {"jours": [f"{day}" for day in days], "unite": "repas", **values})


def booked(agent: Agent, family: Family, *days, **values) -> HttpResponse:
    """The same, then confirmed with what the page held."""
    held = dict(_HIDDEN.findall(asked(agent, family, *days).content.decode()))
    return asked(agent, family, *days, confirmer="1", **{**held, **values})


def test_a_family_is_found_by_its_file_its_name_or_a_child(family, agent):
    number = family.household.file_number
    for sought in (number, family.household.file_name.lower()[:5], "enfant1", "berger"):
        assert family.household.file_name in main_words(agent.get(f"/bureau/reserver/?q={sought}")), sought
    assert "Aucune famille trouvée." in main_words(agent.get("/bureau/reserver/?q=Zzz"))
    assert "Aucune famille" not in main_words(agent.get("/bureau/reserver/"))
    stranger = hire(make_regie(label="Petite enfance"), name="Solange")
    assert "Aucune famille trouvée." in main_words(stranger.get(f"/bureau/reserver/?q={number}"))


@pytest.mark.row("V11")
def test_an_agent_books_for_a_family_without_account(family, agent):
    Guardian.objects.update(user=None)
    sheet = agent.get(f"/bureau/reserver/famille/{family.household.public_id}/")
    assert days_page(family).split("?")[0] in sheet.content.decode()
    page = main_words(agent.get(days_page(family)))
    assert "Lundi 16 2 places" in page
    told = main_words(asked(agent, family, MONDAY, TUESDAY))
    assert "Total 7,20 €" in told
    assert "La somme reste due : elle s’ajoutera au prochain paiement de la famille." in told
    assert not Booking.objects.exists()
    answer = booked(agent, family, MONDAY, TUESDAY)
    assert answer["Location"] == f"/bureau/reserver/famille/{family.household.public_id}/"
    assert family.states() == {MONDAY: "confirmed", TUESDAY: "confirmed"}
    assert "2 jours à venir" in main_words(agent.get(answer["Location"]))
    assert AuditEvent.objects.get(action="bookings.made_for_family").actor_key == agent.user.public_id


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("maman@example.org", "La famille est prévenue par e-mail."),
        ("", "La famille n’a pas d’adresse e-mail : téléphonez-lui."),
    ],
)
def test_the_page_says_whether_the_family_hears_of_it(family, agent, email, told):
    Guardian.objects.update(user=None, email=email)
    answer = booked(agent, family, MONDAY)
    assert f"C’est réservé pour Enfant1. {told}" in main_words(agent.get(answer["Location"]))
    assert OutgoingMail.objects.exists() == bool(email)


@pytest.mark.row("C26")
def test_what_an_agent_booked_is_the_familys_amount_due(family, agent):
    booked(agent, family, MONDAY)
    (balance,) = balances_of(family.household, [family.activity.regie])
    assert balance.cents == 360


def test_past_a_rule_the_page_says_which_and_asks_why(family, agent):
    make_deadline(family.activity)
    with clock.frozen(NOON + timedelta(days=30)):
        agent.client.force_login(agent.user)
        assert "délai passé" in main_words(agent.get(days_page(family)))
        told = main_words(asked(agent, family, MONDAY))
        assert "Trop tard depuis" in told
        assert "Pourquoi passer la règle" in told
        refused = booked(agent, family, MONDAY)
        assert "Expliquez en quelques mots" in main_words(refused, status=422)
        assert f'value="{MONDAY}" checked' in refused.content.decode()
        short = booked(agent, family, MONDAY, derogation="oui")
        assert "Expliquez en quelques mots : 5 caractères au moins." in main_words(short, status=422)
        assert "oui</textarea>" in short.content.decode()
        assert not Booking.objects.exists()
        assert booked(agent, family, MONDAY, derogation=WHY).status_code == 302
    assert Booking.objects.get().derogation == WHY
    assert f"dérogation : {WHY}" in main_words(agent.get(f"/bureau/reserver/famille/{family.household.public_id}/"))


def test_a_full_day_is_booked_with_a_reason(family, agent):
    for _ in range(2):
        make_family(family.activity).hold(MONDAY)
    assert "Lundi 16 complet" in main_words(agent.get(days_page(family)))
    assert "Ce jour est complet." in main_words(asked(agent, family, MONDAY))
    assert booked(agent, family, MONDAY, derogation=WHY).status_code == 302
    assert PlacesOfDay.objects.get(day=MONDAY).ceiling == 3


def test_nothing_ticked_a_day_elsewhere_an_unknown_unit_are_refused_beside_the_field(family, agent):
    assert "Cochez un jour au moins." in main_words(asked(agent, family), status=422)
    assert "Cochez un jour au moins." in main_words(agent.client.post(days_page(family)), status=422)
    outside = main_words(asked(agent, family, MONDAY + timedelta(days=60)), status=422)
    assert "Ce jour n’est pas de ce mois." in outside
    assert "Choisissez dans la liste." in main_words(asked(agent, family, MONDAY, unite="autre"), status=422)
    assert not Booking.objects.exists()


def test_a_forged_price_is_refused(family, agent):
    assert "Le prix a changé" in main_words(booked(agent, family, MONDAY, shown_cents="1"), status=422)
    assert not Booking.objects.exists()


def test_hours_are_asked_where_hours_are_booked(agent, family):
    nursery = make_service(
        "Halte-garderie",
        unit="Heures",
        regie=family.activity.regie,
        unit_mode=UnitMode.HOURS,
        opens_minute=480,
        closes_minute=1080,
        site=family.activity.site,
    )
    theirs = make_family(nursery)
    assert "Arrivée" in main_words(agent.get(days_page(theirs)))
    refused = asked(agent, theirs, MONDAY, unite="heures")
    assert "Indiquez l’heure d’arrivée et l’heure de départ." in main_words(refused, status=422)
    late = asked(agent, theirs, MONDAY, unite="heures", arrivee="07:00", depart="09:00")
    assert "en dehors des heures d’ouverture" in main_words(late, status=422)
    good = {"unite": "heures", "arrivee": "08:30", "depart": "12:00"}
    held = dict(_HIDDEN.findall(asked(agent, theirs, MONDAY, **good).content.decode()))
    assert asked(agent, theirs, MONDAY, **{**held, **good}, confirmer="1").status_code == 302
    booking = Booking.objects.get()
    assert (booking.starts_minute, booking.ends_minute, booking.price_cents) == (510, 720, 1260)


def test_a_choice_of_units_is_offered_where_there_are_several(family, agent):
    price(make_unit(family.activity, "Goûter"), 150)
    assert "Choisissez." in main_words(asked(agent, family, MONDAY, unite=""), status=422)
    assert "Total 1,50 €" in main_words(asked(agent, family, MONDAY, unite="goûter"))


def test_a_booking_is_cancelled_with_a_reason_and_its_money_follows(family, agent):
    booked(agent, family, MONDAY)
    path = f"/bureau/reserver/annuler/{Booking.objects.get().public_id}/"
    assert "Annuler le lundi 16 novembre 2026" in main_words(agent.get(path))
    assert "Expliquez en quelques mots" in main_words(agent.client.post(path, {"raison": "non"}), status=422)
    assert "Choisissez." in main_words(agent.client.post(path, {"raison": WHY}), status=422)
    answer = agent.client.post(path, {"raison": WHY, "rendu": "100"}, follow=True)
    assert "C’est annulé. 3,60 € ne lui sont plus demandés. Elle est prévenue par e-mail." in main_words(answer)
    assert agent.get(path).status_code == 404


@pytest.mark.parametrize(("percent", "offered"), [(100, ["100", "0"]), (50, ["100", "50", "0"]), (0, ["100", "0"])])
def test_an_agent_chooses_what_is_given_back(family, agent, percent, offered):
    Activity.objects.filter(id=family.activity.id).update(refund_percent=percent)
    booked(agent, family, MONDAY)
    path = f"/bureau/reserver/annuler/{Booking.objects.get().public_id}/"
    assert re.findall(r'name="rendu" value="(\d+)"', agent.get(path).content.decode()) == offered
    forged = agent.client.post(path, {"raison": WHY, "rendu": "70"})
    assert "Choisissez dans la liste." in main_words(forged, status=422)
    answer = agent.client.post(path, {"raison": WHY, "rendu": "0"}, follow=True)
    assert "C’est annulé. Elle est prévenue par e-mail." in main_words(answer)


def test_what_a_booking_was_paid_under_counts_whatever_its_activity_asks_today(family, agent):
    booked(agent, family, MONDAY)
    Activity.objects.filter(id=family.activity.id).update(payment_mode=PaymentMode.AFTERWARDS)
    path = f"/bureau/reserver/annuler/{Booking.objects.get().public_id}/"
    assert "Prix rendu" in main_words(agent.get(path))
    answer = agent.client.post(path, {"raison": WHY, "rendu": "100"}, follow=True)
    assert "3,60 € ne lui sont plus demandés." in main_words(answer)


def test_a_booking_billed_later_asks_no_share(family, agent):
    Activity.objects.filter(id=family.activity.id).update(payment_mode=PaymentMode.AFTERWARDS)
    booked(agent, family, MONDAY)
    page = agent.get(f"/bureau/reserver/annuler/{Booking.objects.get().public_id}/")
    assert "Ce jour ne sera pas facturé." in main_words(page)
    assert 'name="rendu"' not in page.content.decode()


def test_a_booking_being_paid_is_not_cancelled(family, agent):
    family.hold(MONDAY)
    family.pay()
    path = f"/bureau/reserver/annuler/{Booking.objects.get().public_id}/"
    assert "Un paiement est en cours" in main_words(agent.client.post(path, {"raison": WHY}), status=422)


def capacity(agent: Agent, family: Family, places, **values) -> HttpResponse:
    asked_for = {"places": places, "compte": "0", "du": f"{MONDAY}", "au": f"{FRIDAY}", **values}
    return agent.client.post(f"/bureau/places/{family.activity.public_id}/", asked_for)


def test_a_month_of_places_is_drawn_and_told(family, agent):
    booked(agent, family, MONDAY)
    page = agent.get(f"/bureau/places/{family.activity.public_id}/?mois=2026-11")
    shown = main_words(page)
    assert "Cantine Jules-Ferry, novembre 2026" in shown
    assert "Lundi 16 1 2 2 1 —" in shown
    assert (
        "17 jours dessinés, le plus rempli est le lundi 16 novembre, 1 place prise, 0 jour sans place" in shown.lower()
    )
    assert 'role="img" aria-label="17 jours dessinés' in page.content.decode()


def test_a_lowered_capacity_shows_its_excess(family, agent):
    booked(agent, family, MONDAY)
    answer = capacity(agent, family, "0")
    assert answer["Location"].endswith("?mois=2026-11&compte=0")
    shown = main_words(agent.get(answer["Location"]))
    assert "C’est changé pour 4 jours." in shown
    assert "Plus de réservations que de places voulues" in shown
    assert "Lundi 16 novembre 2026 : 1 prise pour 0" in shown
    assert "1 jour" in main_words(agent.get("/bureau/places/"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"places": "-1"}, "zéro au moins"),
        ({"places": "beaucoup"}, "Indiquez un nombre entier."),
        ({"places": ""}, "Indiquez un nombre de places."),
        ({"du": "2026-01-01"}, "Ce jour est passé."),
        ({"au": "2026-11-01"}, "vient avant le premier"),
        ({"au": "2099-11-01"}, "Un an au plus à la fois."),
        ({"au": "demain"}, "Ce n’est pas une date."),
        ({"du": "2026-11-15", "au": "2026-11-15"}, "n’ouvre aucun jour"),
        ({"compte": "7"}, "Choisissez dans la liste."),
    ],
)
def test_a_capacity_that_cannot_be_is_refused_and_nothing_typed_is_lost(family, agent, typed, sentence):
    answer = capacity(agent, family, **{"places": "5", **typed})
    assert sentence in main_words(answer, status=422)
    assert f'value="{typed.get("places", "5")}"' in answer.content.decode() or not typed["places"]
    assert not PlacesOfDay.objects.exists()


def test_an_activity_without_limit_shows_what_is_taken(agent, family):
    free = make_family(make_service("Étude", regie=family.activity.regie))
    free.hold(MONDAY)
    shown = main_words(agent.get(f"/bureau/places/{free.activity.public_id}/?mois=2026-11"))
    assert "pas de limite de places" in shown
    assert "Lundi 16 1 —" in shown
    assert "Changer le nombre de places" not in shown


def test_a_closed_day_lists_its_families_and_empties_in_one_click(family, agent):
    booked(agent, family, MONDAY)
    Closure.objects.create(activity=family.activity, first_day=MONDAY, last_day=MONDAY, reason="grève")
    assert "1 jour fermé encore réservé" in main_words(agent.get("/bureau/places/"))
    path = f"/bureau/places/{family.activity.public_id}/fermeture/?jour={MONDAY}"
    shown = main_words(agent.get(path))
    assert "Lundi 16 novembre 2026 : 1 famille à prévenir" in shown
    assert family.household.file_name in shown
    assert "Annuler ces réservations et prévenir les familles" in shown
    assert "Expliquez en quelques mots" in main_words(agent.client.post(path, {"raison": ""}), status=422)
    answer = agent.client.post(path, {"raison": "Grève du personnel"}, follow=True)
    assert "1 famille : réservations annulées." in main_words(answer)
    assert "Grève du personnel" in OutgoingMail.objects.get(kind="bookings.cancelled").text
    assert "Personne n’a réservé ce jour." in main_words(agent.get(path))


def test_a_family_that_no_mail_reaches_is_named(family, agent):
    booked(agent, family, MONDAY)
    other = make_family(family.activity)
    booked(agent, other, MONDAY)
    Guardian.objects.filter(household=other.household).update(email="", user=None)
    Closure.objects.create(activity=family.activity, first_day=MONDAY, last_day=MONDAY, reason="grève")
    path = f"/bureau/places/{family.activity.public_id}/fermeture/?jour={MONDAY}"
    shown = main_words(agent.client.post(path, {"raison": "Grève du personnel"}, follow=True))
    assert f"{other.household.file_name} n’a pas d’adresse e-mail : téléphonez-lui." in shown


def test_an_open_day_is_not_emptied(family, agent):
    booked(agent, family, MONDAY)
    path = f"/bureau/places/{family.activity.public_id}/fermeture/?jour={MONDAY}"
    assert "Ce jour est ouvert" in main_words(agent.get(path))
    assert "Ce jour est ouvert" in main_words(agent.client.post(path, {"raison": WHY}), status=422)
    assert family.states() == {MONDAY: "confirmed"}
    for odd in ("", "?jour=demain", "?jour=0001-01-01"):
        assert "Jeudi 8 octobre 2026" in main_words(agent.get(path.split("?", maxsplit=1)[0] + odd))


def waits(family: Family) -> WaitingEntry:
    return join_waiting_list(
        household=family.household,
        child_id=family.children[0].public_id,
        activity_id=family.activity.public_id,
        unit_code="repas",
        day=MONDAY,
    )


@pytest.fixture
def queue(family, agent) -> list[WaitingEntry]:
    """Two children before a full day."""
    for _ in range(2):
        booked(agent, make_family(family.activity), MONDAY)
    return [waits(family), waits(make_family(family.activity))]


def test_a_waiting_list_is_in_order_and_says_its_states(family, agent, queue):
    shown = main_words(agent.get("/bureau/attente/"))
    assert "Lundi 16 novembre 2026, Cantine Jules-Ferry" in shown
    assert shown.index("1. Enfant1") < shown.index("2. Enfant1")
    agent.client.post(f"/bureau/reserver/annuler/{Booking.objects.first().public_id}/", {"raison": WHY, "rendu": "100"})
    shown = main_words(agent.get(f"/bureau/attente/?activite={family.activity.public_id}"))
    assert "Place proposée jusqu’au" in shown
    assert "1. Enfant1" in shown


def test_an_agent_takes_a_child_off_with_a_reason(agent, queue):
    path = f"/bureau/attente/{queue[0].public_id}/retirer/"
    assert "Retirer Enfant1 de la liste d’attente" in main_words(agent.get(path))
    assert "Expliquez en quelques mots" in main_words(agent.client.post(path, {"raison": ""}), status=422)
    shown = main_words(agent.client.post(path, {"raison": WHY}, follow=True))
    assert "Enfant1 n’est plus sur la liste." in shown
    assert "1. Enfant1" in shown
    assert "2. Enfant1" not in shown
    assert "n’attend plus" in main_words(agent.client.post(path, {"raison": WHY}), status=422)
    assert "Retirée" in main_words(agent.get("/bureau/attente/?tout=1"))


def test_nobody_waiting_is_said(agent):
    assert "Personne n’attend." in main_words(agent.get("/bureau/attente/"))


@pytest.mark.parametrize("count", [1, 6])
def test_the_pages_ask_no_more_for_six(family, agent, count, django_assert_num_queries):
    PlacesOfDay.objects.all().delete()
    type(family.activity).objects.update(capacity=count)
    for _ in range(count):
        booked(agent, make_family(family.activity), MONDAY)
    for _ in range(count):
        waits(make_family(family.activity))
    Closure.objects.create(activity=family.activity, first_day=MONDAY, last_day=MONDAY, reason="grève")
    place = f"/bureau/places/{family.activity.public_id}/"
    pages = {
        "/bureau/places/": 15,
        f"{place}?mois=2026-11": 16,
        f"{place}fermeture/?jour={MONDAY}": 16,
        "/bureau/attente/": 9,
        "/bureau/reserver/?q=berger": 7,
        f"/bureau/reserver/famille/{family.household.public_id}/": 8,
        days_page(family): 15,
    }
    for path, queries in pages.items():
        agent.get(path)
        with django_assert_num_queries(queries, info=path):
            agent.get(path)
