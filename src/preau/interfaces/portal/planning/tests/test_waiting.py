"""The waiting list of a full day, and the place it offers."""

import pytest

from preau.domain.activities.models import Activity, PlacesOfDay
from preau.domain.bookings.models import Enrolment, WaitingEntry
from preau.domain.bookings.services.waiting import offer_everything
from preau.interfaces.portal.planning.tests.conftest import parent_of
from tests.support.activities import make_activity_group, make_unit
from tests.support.bookings import MONDAY, TUESDAY, make_family, make_service, price
from tests.support.factories import login_family, make_regie
from tests.support.pages import main_words


@pytest.fixture
def full(parent):
    """Monday is full."""
    parent.activity.capacity = 5
    parent.activity.save()
    PlacesOfDay.objects.create(activity=parent.activity, day=MONDAY, part="am", capacity=5, ceiling=5, taken=5)
    return parent


def asked(parent, **fields) -> dict[str, str]:
    wanted = {
        "enfant": parent.child(),
        "activite": parent.activity.public_id,
        "unite": "repas",
        "jour": MONDAY.isoformat(),
    }
    return {**wanted, **fields}


@pytest.fixture
def offered(full):
    """On the list, then a place comes free."""
    full.post("waiting_join", **asked(full))
    PlacesOfDay.objects.update(taken=4)
    assert offer_everything() == 1
    return full


def test_a_full_day_lets_ask_to_be_told(full):
    page = main_words(full.get("planning", jour="2026-11-16"))
    assert "Cantine Jules-Ferry complet Me prévenir" in page
    html = full.get("planning", jour="2026-11-16").content.decode()
    link = html.partition('href="/planning/attente/?')[2].partition('"')[0].replace("&amp;", "&")
    explained = main_words(full.client.get(f"/planning/attente/?{link}"))
    assert "Lundi 16 novembre 2026, pour Enfant1. Personne n’attend encore." in explained
    assert "gardée 48 heures pour vous" in explained


def test_those_who_wait_are_counted_in_the_childs_group_like_its_rank(full):
    group = make_activity_group(full.activity, "Petits")
    Enrolment.objects.filter(child=full.family.children[1]).update(group=group)
    PlacesOfDay.objects.create(
        activity=full.activity, group=group, day=MONDAY, part="am", capacity=1, ceiling=1, taken=1
    )
    full.post("waiting_join", **asked(full))
    assert "Personne n’attend encore." in main_words(full.get("waiting_join", **asked(full, enfant=full.child(1))))
    full.post("waiting_join", **asked(full, enfant=full.child(1)))
    assert "1er sur la liste" in main_words(full.get("planning", jour="2026-11-16", enfant=full.child(1)))


class TestSeveralUnits:
    """A whole day takes the morning and the afternoon."""

    @pytest.fixture
    def wednesday(self, db, frozen_clock):
        activity = make_service("Loisirs", unit="Matin", capacity=1, regie=make_regie())
        price(make_unit(activity, "Journée", code="journee", parts=["am", "pm"], position=1), 1150)
        return parent_of(make_family(activity))

    def fill(self, parent, part: str) -> None:
        PlacesOfDay.objects.create(activity=parent.activity, day=MONDAY, part=part, capacity=1, ceiling=1, taken=1)

    def test_the_family_says_which_it_waits_for(self, wednesday):
        self.fill(wednesday, "am")
        page = wednesday.get("waiting_join", **asked(wednesday, unite="matin"))
        assert "Complet : Loisirs Lundi" in main_words(page)
        assert "Qu’attendez-vous ? Matin Journée Si une place" in main_words(page)
        chosen = page.content.decode().partition('value="matin"')[2].partition(">")[0]
        assert "checked" in chosen
        wednesday.post("waiting_join", **asked(wednesday, unite="journee"))
        assert WaitingEntry.objects.get().unit.name == "Journée"

    def test_the_only_full_one_is_named(self, wednesday):
        self.fill(wednesday, "pm")
        page = wednesday.get("waiting_join", **asked(wednesday, unite="journee"))
        assert "Complet : Loisirs, journée Lundi" in main_words(page)
        assert '<input type="hidden" name="unite" value="journee">' in page.content.decode()

    def test_a_day_with_room_for_a_half_lets_wait_for_the_whole(self, wednesday):
        self.fill(wednesday, "pm")
        page = wednesday.get("planning_edit", jour="2026-11-16")
        assert main_words(page).count("Journée : complet, me prévenir") == 1
        value = page.content.decode().partition('value="attente:')[2].partition('"')[0]
        assert value == f"{wednesday.activity.public_id}:2026-11-16:journee"
        wednesday.post("waiting_join", **asked(wednesday, unite="journee"))
        assert "1er sur la liste" in main_words(wednesday.get("planning_edit", jour="2026-11-16"))

    def test_an_activity_without_list_only_leaves_the_full_unit_out(self, wednesday):
        Activity.objects.update(has_waiting_list=False)
        self.fill(wednesday, "pm")
        assert "me prévenir" not in main_words(wednesday.get("planning_edit", jour="2026-11-16"))

    def test_places_are_those_of_the_childs_group(self, wednesday):
        group = make_activity_group(wednesday.activity, capacity=1)
        Enrolment.objects.update(group=group)
        PlacesOfDay.objects.create(
            activity=wednesday.activity, group=group, day=MONDAY, part="am", capacity=1, ceiling=1, taken=1
        )
        assert "Qu’attendez-vous ?" in main_words(wednesday.get("waiting_join", **asked(wednesday, unite="matin")))


def test_by_the_hour_a_full_day_has_no_list(full):
    Activity.objects.update(unit_mode="hours", opens_minute=480, closes_minute=540)
    PlacesOfDay.objects.update(part="h08")
    for name in ("planning", "planning_edit"):
        page = main_words(full.get(name, jour="2026-11-16"))
        assert "Cantine Jules-Ferry complet" in page
        assert "Me prévenir" not in page


def test_from_the_edit_mode_ticks_are_kept_first(full):
    answer = full.tick(TUESDAY, faire=f"attente:{full.activity.public_id}:2026-11-16:repas")
    assert answer["Location"].startswith("/planning/attente/?")
    assert full.client.get(answer["Location"]).status_code == 200
    assert full.drafted() == {TUESDAY: "repas"}


def test_joining_shows_the_rank_and_can_be_undone(full):
    answer = full.post("waiting_join", **asked(full))
    assert "C’est noté" in main_words(full.client.get(answer["Location"]))
    page = main_words(full.get("planning", jour="2026-11-16"))
    assert "Cantine Jules-Ferry 1er sur la liste, en liste d’attente Ne plus attendre" in page
    full.post("waiting_join", **asked(full, enfant=full.child(1)))
    second = main_words(full.get("planning", jour="2026-11-16", enfant=full.child(1)))
    assert "2e sur la liste" in second
    full.post("waiting_leave", WaitingEntry.objects.first().public_id)
    assert "complet Me prévenir" in main_words(full.get("planning", jour="2026-11-16"))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"jour": TUESDAY.isoformat()}, "Il reste de la place ce jour-là"),
        ({"jour": "2026-11-18"}, "Fermé le mercredi"),
    ],
)
def test_what_cannot_be_waited_for_says_why(full, fields, why):
    answer = full.post("waiting_join", **asked(full, **fields))
    assert why in main_words(full.client.get(answer["Location"]))
    assert not WaitingEntry.objects.exists()


@pytest.mark.parametrize("fields", [{"jour": "hier"}, {"jour": "9999-01-01"}, {"enfant": ""}, {"unite": "<b>"}])
def test_a_form_without_meaning_leads_back(full, fields):
    for ask in (full.get, full.post):
        answer = ask("waiting_join", **asked(full, **fields))
        assert "Choisissez d’abord un jour complet" in main_words(full.client.get(answer["Location"]))


@pytest.mark.parametrize("fields", [{"activite": "x" * 22}, {"unite": "festin"}])
def test_what_does_not_exist_is_not_found(full, fields):
    assert full.get("waiting_join", **asked(full, **fields)).status_code == 404
    assert full.post("waiting_join", **asked(full, **fields)).status_code == 404


def test_an_offer_is_seen_everywhere_it_matters(offered):
    assert "place proposée Répondre" in main_words(offered.get("planning", jour="2026-11-16"))
    assert "1 place proposée de la liste d’attente" in main_words(offered.get("home"))
    page = main_words(offered.get("planning_summary"))
    assert "Enfant1, lundi 16 novembre 2026 Cantine Jules-Ferry – repas : 3,60 €" in page
    assert "Prendre la place" in page
    assert "Laisser" in page


def test_taken_it_is_to_be_paid(offered):
    answer = offered.post("offer_answer", offered.order.public_id, reponse="prendre")
    page = main_words(offered.client.get(answer["Location"]))
    assert "La place est à vous dès que vous l’aurez payée." in page
    assert "À payer : 3,60 €" in page


def test_left_it_is_no_longer_held(offered):
    answer = offered.post("offer_answer", offered.order.public_id, reponse="laisser")
    assert "La place est laissée à la famille suivante." in main_words(offered.client.get(answer["Location"]))
    assert offered.states() == {MONDAY: "released"}


def test_an_offer_whose_time_is_over_says_so(offered, frozen_clock):
    frozen_clock.advance(hours=49)
    login_family(offered.client, offered.family.household)
    answer = offered.post("offer_answer", offered.order.public_id, reponse="prendre")
    assert "Cette place n’est plus gardée pour vous." in main_words(offered.client.get(answer["Location"]))


def test_an_offer_whose_child_is_no_longer_enrolled_says_so(offered):
    Enrolment.objects.update(state="ended")
    answer = offered.post("offer_answer", offered.order.public_id, reponse="prendre")
    page = main_words(offered.client.get(answer["Location"]))
    assert "Cette place ne peut plus être prise : Enfant1 n’a plus d’inscription à cette date." in page
    assert "La place est réservée" not in page
    assert offered.states() == {MONDAY: "held"}


def test_another_family_finds_neither_entry_nor_offer(offered):
    other = parent_of(make_family(offered.activity))
    assert other.post("offer_answer", offered.order.public_id, reponse="prendre").status_code == 404
    offered.post("waiting_join", **asked(offered, enfant=offered.child(1)))
    for entry in WaitingEntry.objects.all():
        assert other.post("waiting_leave", entry.public_id).status_code == 404
