"""The lists of a day, through their pages: on screen, for the printer, in a spreadsheet (C39)."""

import csv
import io
from datetime import timedelta

import pytest

from preau.domain.bookings.models import Booking
from preau.domain.bookings.tests.test_day_lists import book, make_child
from preau.foundation import clock
from preau.interfaces.desk.tests.conftest import Agent, hire
from tests.support.activities import make_activity_group, make_site
from tests.support.bookings import MONDAY, make_family, make_service
from tests.support.factories import NOON, make_regie, make_town
from tests.support.pages import main_words

pytestmark = pytest.mark.django_db

PAGE = f"/bureau/journee/?jour={MONDAY}"


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def canteen():
    make_town()
    return make_service(regie=make_regie())


@pytest.fixture
def agent(canteen) -> Agent:
    return hire(canteen.regie, name="Nadège Vandenbroucke")


def table(answer) -> list[list[str]]:
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_a_day_says_who_comes_and_what_they_eat(canteen, agent):
    book(make_child("Zélie", diets=["no_pork"]), canteen)
    book(make_child("Noé"), canteen)
    shown = main_words(agent.get(PAGE))
    assert "Lundi 16 novembre 2026 : 2 enfants attendus" in shown
    assert "Marchal Noé CE1" in shown
    assert "Marchal Zélie CE1 sans porc" in shown
    assert "École Jules-Ferry : 2 repas" in shown
    assert "Les sept jours" in shown


@pytest.mark.row("C39")
def test_a_place_not_paid_is_shown_apart_and_counted_nowhere(canteen, agent):
    family = make_family(canteen)
    family.hold(MONDAY)
    shown = main_words(agent.get(PAGE))
    assert "aucun enfant attendu" in shown
    assert "1 place pas encore confirmée, non comptée" in shown
    assert "Pas encore confirmés : 1 Places gardées, à payer. Ces enfants ne sont pas comptés. Berger Enfant1" in shown
    assert "repas" not in shown.split("En bref")[1].split("Pas encore")[0]
    for path in ("presences.csv", "cuisine.csv"):
        assert len(table(agent.get(f"/bureau/journee/{path}?jour={MONDAY}"))) == 1


def test_the_day_before_and_the_day_after_are_one_tap_away(canteen, agent):
    page = agent.get(f"{PAGE}&site={canteen.site.public_id}").content.decode()
    for day in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)):
        assert f"/bureau/journee/?jour={day}&amp;site={canteen.site.public_id}" in page
    assert "Jeudi 8 octobre 2026" in main_words(agent.get("/bureau/journee/"))


def test_filters_narrow_what_is_shown(canteen, agent):
    other = make_service("Cantine Prévert", regie=canteen.regie, site=make_site("École Prévert"))
    group = make_activity_group(other, "Maternelles")
    book(make_child("Zélie"), canteen)
    book(make_child("Noé"), other, group=group)
    shown = main_words(agent.get(f"{PAGE}&activite={other.public_id}&groupe=Maternelles"))
    assert "1 enfant attendu" in shown
    assert "Noé" in shown
    assert "Zélie" not in shown
    assert "Zélie" not in main_words(agent.get(f"{PAGE}&site={other.site.public_id}"))


def test_a_town_too_large_asks_where_first(canteen, agent, monkeypatch):
    monkeypatch.setattr("preau.domain.bookings.queries.day_lists.MOST_NAMES", 0)
    book(make_child("Zélie"), canteen)
    shown = main_words(agent.get(PAGE))
    assert "Choisissez un lieu ou une activité pour lire les noms." in shown
    assert "Zélie" not in shown
    assert "Zélie" in main_words(agent.get(f"{PAGE}&tout=1"))


def test_a_spreadsheet_takes_the_list_and_runs_nothing(canteen, agent):
    book(make_child("=cmd|' /C calc'!A0", last_name="@SUM(1+1)", class_name="+33", diets=["no_meat"]), canteen)
    answer = agent.get(f"/bureau/journee/presences.csv?jour={MONDAY}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="presences-{MONDAY}.csv"' in answer["Content-Disposition"]
    headings, row = table(answer)
    assert headings == ["Jour", "Lieu", "Activité", "Groupe", "Enfant", "Classe", "Réservation", "Heures", "Régimes"]
    assert row[3:] == ["", "'@SUM(1+1) =cmd|' /C calc'!A0", "'+33", "Repas", "", "sans viande"]


def test_the_kitchen_has_its_spreadsheet(canteen, agent):
    for diets in ([], [], ["no_pork"]):
        book(make_child(diets=diets), canteen)
    assert table(agent.get(f"/bureau/journee/cuisine.csv?jour={MONDAY}")) == [
        ["Jour", "Lieu", "Groupe", "Régime", "Repas"],
        ["16/11/2026", "École Jules-Ferry", "Cantine Jules-Ferry", "sans régime particulier", "2"],
        ["16/11/2026", "École Jules-Ferry", "Cantine Jules-Ferry", "sans porc", "1"],
    ]


def test_each_group_has_its_page_on_paper(canteen, agent):
    small = make_activity_group(canteen, "Maternelles")
    book(make_child("Zélie"), canteen)
    book(make_child("Noé"), canteen, group=small)
    page = agent.get(PAGE).content.decode()
    assert page.count('class="row sheet"') == 2
    assert page.count('class="print-only tick-here"') == 2


def test_a_closed_day_still_booked_leads_to_its_families(canteen, agent):
    sunday = MONDAY - timedelta(days=1)
    book(make_child(), canteen, sunday)
    page = agent.get(f"/bureau/journee/?jour={sunday}")
    assert "Fermé le dimanche" in main_words(page)
    assert f"/bureau/places/{canteen.public_id}/fermeture/?jour={sunday}" in page.content.decode()


def test_a_day_without_anything_says_so(canteen, agent):
    assert "Rien n’ouvre ce jour-là." in main_words(agent.get("/bureau/journee/?jour=2026-11-15"))


def test_another_regie_sees_nothing_of_it(canteen):
    book(make_child("Zélie"), canteen)
    stranger = hire(make_regie(label="Petite enfance"), name="Solange")
    for query in ("", f"&activite={canteen.public_id}", f"&site={canteen.site.public_id}"):
        assert "Rien n’ouvre ce jour-là." in main_words(stranger.get(PAGE + query))
        assert len(table(stranger.get(f"/bureau/journee/presences.csv?jour={MONDAY}{query}"))) == 1


@pytest.mark.parametrize("children", [1, 200])
def test_the_page_asks_no_more_for_two_hundred(canteen, agent, children, django_assert_num_queries):
    for number in range(children):
        book(make_child(f"Enfant{number}", diets=["no_pork"] if number % 2 else []), canteen)
    agent.get(f"{PAGE}&tout=1")
    with django_assert_num_queries(17):
        shown = main_words(agent.get(f"{PAGE}&tout=1"))
    assert f"{children} enfant" in shown
    assert Booking.objects.count() == children
