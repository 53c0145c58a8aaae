"""The door of the waiting room, through the pages that families ask for."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from preau.foundation import clock
from preau.foundation.admission import room as room_module
from preau.foundation.admission.capacity import Capacity
from preau.foundation.admission.gate import Gate, Rank
from preau.foundation.admission.rules import Queue
from preau.foundation.admission.services import move_line, read_line
from preau.interfaces.portal.waiting_room import middleware, page
from tests.support import factories
from tests.support.pages import main_words

pytestmark = pytest.mark.django_db

HOME, COOKIE = "/accueil/", "preau_place"
NOW = datetime(2026, 9, 5, 6, 30, tzinfo=UTC)
OUTSIDE, INSIDE = 503, 200


@pytest.fixture(autouse=True)
def _at_half_past_eight():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def room(monkeypatch):
    """A process of two threads that meets the others at each request; every browser of the test asks it."""
    monkeypatch.setattr(room_module, "_BEAT_SECONDS", 0)
    monkeypatch.setattr(page, "sheets", page.Sheets())
    monkeypatch.setattr(middleware, "announced", lambda: Capacity(2))
    made = room_module.Room(Capacity(2), wait_limit=0.25)
    made.gate = Gate(2, clock=count().__next__)  # a second goes by at each look at the clock
    monkeypatch.setattr(middleware, "Room", lambda *_, **__: made)
    factories.make_town()
    return made


@pytest.fixture
def new_family(room):
    def make() -> Client:
        browser = Client()
        factories.login_family(browser, factories.make_household())
        return browser

    return make


@pytest.fixture
def full(room):
    """All threads work, as many requests as can wait already: the meetings of the process let nobody in."""
    room._meet()
    room._due_at = float("inf")
    move_line(arrivals={_ms(NOW) - 60_000: 100}, invite=0)
    room._queue = read_line()


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def test_without_a_rush_nobody_waits(new_family):
    assert new_family().get(HOME).status_code == INSIDE


def test_past_what_the_machine_can_serve_a_newcomer_waits_and_reads_their_place(new_family, full):
    answer = new_family().get(HOME)
    assert answer.status_code == OUTSIDE
    assert answer["Retry-After"] == "28"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Frame-Options"] == "DENY"
    seen = main_words(answer, status=OUTSIDE)
    assert "100 familles sont avant vous" in seen
    assert "Arrivée à 8 h 30" in seen
    assert "Le temps d’attente s’affichera dans un instant." in seen


def test_the_time_told_is_measured(new_family, full, room):
    room._speed.note(0.0, 0)
    room._speed.note(20.0, 10)
    assert "Temps d’attente : environ 4 minutes." in main_words(new_family().get(HOME), status=OUTSIDE)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""), (0, "moins d’une minute"), (59, "moins d’une minute"), (60, "environ 1 minute"),
        (61, "environ 2 minutes"), (3541, "environ 1\u202fh\u202f00"), (4000, "environ 1\u202fh\u202f07"),
    ],
)  # fmt: skip
def test_time_in_words(seconds, words):
    assert page.in_words(seconds) == words


def test_people_come_in_in_the_order_in_which_they_arrived(new_family, full, room):
    browsers = []
    for number in range(3):
        with clock.frozen(NOW + timedelta(seconds=number)):
            browsers.append(new_family())
            assert browsers[-1].get(HOME).status_code == OUTSIDE
    _let_in(room, 100)
    assert [browser.get(HOME).status_code for browser in browsers] == [OUTSIDE] * 3
    for number in range(3):
        _let_in(room, 1)
        inside = [browser.get(HOME).status_code for browser in browsers]
        assert inside == [INSIDE] * (number + 1) + [OUTSIDE] * (2 - number)


def _let_in(room, people: int) -> None:
    room._queue, _ = move_line(arrivals=room._arrivals, invite=people)
    room._arrivals.clear()


def test_a_place_is_counted_once_however_often_it_is_looked_at(new_family, full, room):
    browser = new_family()
    for _ in range(5):
        browser.get(HOME)
    assert room._arrivals.total() == 1


def test_whoever_is_inside_stays_while_they_are_active(new_family, full, room):
    browser = _inside(new_family, room)
    for minutes in (9, 18, 27):
        with clock.frozen(NOW + timedelta(minutes=minutes)):
            assert browser.get(HOME).status_code == INSIDE
    with clock.frozen(NOW + timedelta(minutes=38)):
        assert browser.get(HOME).status_code == OUTSIDE


def _inside(new_family, room) -> Client:
    browser = new_family()
    queue, room._queue = room._queue, Queue()
    assert browser.get(HOME).status_code == INSIDE
    room._queue = queue
    return browser


def test_a_form_that_took_a_long_time_to_fill_is_never_refused(new_family, full, room):
    browser = _inside(new_family, room)
    with clock.frozen(NOW + timedelta(minutes=25)):
        assert browser.post(reverse("portal:basket_add"), {"facture": []}).status_code != OUTSIDE
        assert browser.get(HOME).status_code == INSIDE


def test_a_form_from_outside_waits_and_says_that_nothing_was_kept(new_family, full):
    answer = new_family().post(reverse("portal:basket_add"), {"facture": []})
    assert answer.status_code == OUTSIDE
    assert "n’a pas été enregistré" in main_words(answer, status=OUTSIDE)
    assert f"url={HOME}" in answer.content.decode()


@pytest.mark.parametrize("change", ["another session", "forged", "nonsense"])
def test_a_place_is_of_one_session_and_cannot_be_forged(new_family, full, room, change):
    holder, other = _inside(new_family, room), new_family()
    said, _, signature = holder.cookies[COOKIE].value.partition(".")
    other.cookies[COOKIE] = {
        "another session": f"{said}.{signature}",
        "forged": f"i{_ms(NOW)}.{'A' * 43}",
        "nonsense": "é\x00.",
    }[change]
    assert other.get(HOME).status_code == OUTSIDE


def test_a_session_that_changes_inside_stays_inside(new_family, full, room):
    browser = _inside(new_family, room)
    before = browser.cookies["preau_session"].value
    chosen = "une autre phrase bien longue"
    form = {"current_password": factories.PASSWORD, "new_password": chosen, "again": chosen}
    browser.post(reverse("portal:password_change"), form)
    assert browser.cookies["preau_session"].value != before
    assert browser.get(HOME).status_code == INSIDE


def test_the_cookie_is_out_of_reach_of_scripts(new_family, full):
    browser = new_family()
    browser.get(HOME)
    assert browser.cookies[COOKIE]["httponly"] is True
    assert browser.cookies[COOKIE]["samesite"] == "Lax"


@pytest.mark.parametrize(
    "name", ["public_home", "login", "help", "first_access", "identifiers", "healthz", "town_css", "contact"]
)
def test_what_anybody_may_read_never_waits(new_family, full, name):
    assert new_family().get(reverse(f"portal:{name}")).status_code != OUTSIDE


@pytest.mark.parametrize(
    "path",
    ["/paiement/retour/inconnu/", "/paiement/resultat/inconnu/", "/paiement/inconnu/", "/notifications/payfip/x/"],
)
def test_a_payment_under_way_never_waits(new_family, full, path):
    assert new_family().get(path).status_code != OUTSIDE


def test_the_desk_and_static_files_never_wait(new_family, full):
    browser = new_family()
    assert [browser.get(path).status_code for path in ("/bureau/", "/static/rien.css")] == [404, 404]


def test_somebody_who_has_not_logged_in_goes_to_the_login_page(room, full):
    assert Client().get(HOME).status_code == 302


def test_a_script_is_told_that_its_turn_has_come_without_drawing_the_page(new_family, full, room):
    browser = new_family()
    assert browser.get(HOME, headers={"X-Preau-Look": "1"}).status_code == OUTSIDE
    room._queue = Queue()
    room._arrivals.clear()
    answer = browser.get(HOME, headers={"X-Preau-Look": "1"})
    assert (answer.status_code, answer.content) == (205, b"")
    room._queue = Queue(slices=((0, 5),))
    assert browser.get(HOME).status_code == INSIDE


def test_the_page_refreshes_by_itself_and_can_be_told_not_to(new_family, full):
    browser = new_family()
    itself, by_hand = browser.get(HOME).content.decode(), browser.get(HOME, {"actualiser": "non"}).content.decode()
    assert f'<noscript><meta http-equiv="refresh" content="28;url={HOME}"></noscript>' in itself
    assert "data-look-in" in itself
    assert "http-equiv" not in by_hand
    assert "data-look-in" not in by_hand
    assert f'href="{HOME}?actualiser=non"' in itself
    assert f'href="{HOME}">Reprendre' in by_hand


def test_the_address_asked_for_is_written_as_it_is_and_no_more(new_family, full):
    """What is typed in an address is not taken for a blank to fill, nor for markup."""
    path = '/accueil/?x=[[heading]]"><b>&y=1'
    page_seen = new_family().get(path).content.decode()
    assert "<b>" not in page_seen
    assert page_seen.count("100 familles sont avant vous") == 1


def test_too_many_requests_of_those_inside_are_asked_again_in_two_seconds(new_family, full, room, monkeypatch):
    browser = _inside(new_family, room)
    monkeypatch.setattr(room.gate, "enter", lambda *_, most=None: most is None)
    answer = browser.get(HOME)
    assert (answer.status_code, answer["Retry-After"]) == (OUTSIDE, "2")
    assert "Un instant, s’il vous plaît" in main_words(answer, status=OUTSIDE)
    assert browser.get("/notifications/payfip/x/").status_code != OUTSIDE


def test_newcomers_wait_when_every_thread_is_taken_and_many_wait_for_one(new_family, room, monkeypatch):
    monkeypatch.setattr(type(room.gate), "waiting", property(lambda _: room.capacity.most_outside))
    assert new_family().get(HOME).status_code == OUTSIDE


def test_a_crowd_that_weighs_little_yet_waits_all_the_same(new_family, room):
    """Machines are idle when a crowd comes: its first pages are light, and all the others follow at once."""
    room._due_at = float("inf")
    room._pace.entries = 3
    assert [new_family().get(HOME).status_code for _ in range(5)] == [INSIDE] * 3 + [OUTSIDE] * 2


def test_who_joined_a_line_that_nobody_remembers_comes_in(new_family, full, room):
    """Their process died before it told the others, and nobody waits any more."""
    browser = new_family()
    browser.get(HOME)
    room._arrivals.clear()
    room._queue = Queue()
    assert browser.get(HOME).status_code == INSIDE


def test_the_line_costs_one_query_when_nobody_waits(new_family, room, django_assert_num_queries):
    browser = new_family()
    browser.get(HOME)
    room._due_at = float("inf")
    with django_assert_num_queries(_queries(browser)):
        browser.get(HOME)
    room._due_at = 0
    with django_assert_num_queries(_queries(browser) + 1):
        browser.get(HOME)


def _queries(browser) -> int:
    with CaptureQueriesContext(connection) as seen:
        browser.get(HOME)
    return sum(1 for query in seen if "admission_line" not in query["sql"])


def test_the_line_moves_with_the_meetings_of_the_process(new_family, room):
    """Nothing is forced here: two arrive while every thread is taken, then threads are free again."""
    first, second = new_family(), new_family()
    room.gate.enter(Rank.INSIDE)
    room.gate.enter(Rank.INSIDE)
    room._is_crowded = True
    assert [browser.get(HOME).status_code for browser in (first, second)] == [OUTSIDE, OUTSIDE]
    room.gate.leave()
    room.gate.leave()
    statuses = {browser.get(HOME).status_code for _ in range(4) for browser in (first, second)}
    assert statuses >= {INSIDE}
    assert [browser.get(HOME).status_code for browser in (first, second)] == [INSIDE, INSIDE]


def test_another_server_holds_nobody_back(monkeypatch):
    monkeypatch.setattr(middleware, "announced", lambda: Capacity(0))
    with pytest.raises(MiddlewareNotUsed):
        middleware.WaitingRoomMiddleware(HttpResponse)
