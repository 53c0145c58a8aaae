"""The planning as a thumb or a keyboard makes it, in a real browser: on a phone, without network, without script."""

import re
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import OperationalError, transaction

from preau.domain.activities.models import DeadlineKind
from preau.domain.bookings.models import DraftChange
from preau.domain.bookings.services.orders import confirm_order, lock_order
from preau.interfaces.portal.planning.tests.conftest import parent_of
from tests.support.activities import make_deadline, make_unit
from tests.support.bookings import MONDAY, PARENT, THURSDAY, TUESDAY, make_enrolment, make_family, make_service, price
from tests.support.browser import DESK, PHONE
from tests.support.factories import make_regie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST = {"width": 320, "height": 640}
EDIT = "/planning/modifier/?jour=2026-11-16"


@pytest.fixture
def scene(frozen_clock, live_server):
    """A family of two children at the canteen; how to open a page as its parent."""
    parent = parent_of(make_family(children=2))
    cookie = parent.client.cookies[settings.SESSION_COOKIE_NAME].value

    def go(page, address: str):
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + address)
        return page

    go.parent = parent
    return go


@pytest.fixture
def shaky(chromium):
    """A phone whose network comes and goes: the browser itself writes errors about it."""
    context = chromium.new_context(viewport=PHONE, locale="fr-FR", timezone_id="Europe/Paris")
    page = context.new_page()
    yield page
    page.wait_for_load_state("networkidle")  # no answer is on its way when the tables are emptied
    context.close()


def box_of(scene, page, day):
    return page.locator(f'[name="{scene.parent.box(day)}"]')


def flat(locator) -> str:
    return " ".join(locator.inner_text().split())


def wait_count(page, count: int) -> None:
    """Until « Récapitulatif (n) » says it."""
    page.locator("[data-count]", has_text=re.compile(f"^{count}$")).wait_for()


def wait_drafted(page, parent, days: dict, *, child: int = 0) -> None:
    """Until the town has it."""
    for _ in range(100):
        with suppress(OperationalError):  # the server's thread holds the tables of this memory
            if parent.drafted(child) == days:
                return
        page.wait_for_timeout(100)
    assert parent.drafted(child) == days


@pytest.mark.row("C15", "C23", "C29", "C30")
def test_cost_and_count_follow_each_tick(scene, phone):
    page = scene(phone, EDIT)
    box_of(scene, page, MONDAY).check()
    assert flat(page.locator("[data-cost]")) == "3,60 €"
    box_of(scene, page, TUESDAY).check()
    assert flat(page.locator("[data-cost]")) == "7,20 €"
    wait_drafted(page, scene.parent, {MONDAY: "repas", TUESDAY: "repas"})
    wait_count(page, 2)
    assert page.locator("[name=annonce]").input_value() == "720"
    assert page.locator("[data-cost]").evaluate("cost => cost.tagName") == "OUTPUT"


@pytest.mark.row("C30")
def test_the_first_box_ticks_the_month_and_says_how_many(scene, phone):
    make_deadline(scene.parent.activity, DeadlineKind.WORKING_DAYS_BEFORE, number=2)
    page = scene(phone, "/planning/modifier/?jour=2026-10-08")
    whole = page.locator("[data-all]").first
    whole.check()
    assert "12 jours cochés pour Cantine Jules-Ferry." in flat(page.locator("[data-said]"))
    assert "6 jours laissés de côté : 4 passés et 2 trop tard." in flat(page.locator("[data-said]"))
    wait_count(page, 12)
    page.locator(".tick[name]").last.uncheck()
    assert whole.evaluate("box => box.indeterminate")


@pytest.mark.row("C20")
@pytest.mark.parametrize("view", ["mois", "semaine", "quinzaine"])
def test_a_phone_opens_on_the_first_day_that_can_be_changed(scene, phone, view, frozen_clock):
    make_deadline(scene.parent.activity, DeadlineKind.WORKING_DAYS_BEFORE, number=2)
    page = scene(phone, f"/planning/modifier/?vue={view}&jour=2026-10-20")
    first = page.locator(".tick[name]").first.bounding_box()
    bar = page.locator(".pay-bar").bounding_box()
    assert page.evaluate("scrollY") == 0
    assert first["y"] + first["height"] < bar["y"]


@pytest.mark.row("C14", "C20")
def test_a_phone_reads_a_whole_week_at_once(scene, phone):
    scene.parent.family.draft(MONDAY)
    page = scene(phone, "/planning/?vue=semaine&jour=2026-11-16")
    friday = page.locator("#j1120").bounding_box()
    assert friday["y"] + friday["height"] < page.locator(".pay-bar").bounding_box()["y"]


@pytest.mark.parametrize("size", [NARROWEST, PHONE, DESK])
def test_nothing_scrolls_sideways(scene, windows, size):
    care = make_service("Garderie du soir de l’école Jules-Ferry", short_name="Garderie du soir", regie=make_regie())
    hours = make_service("Halte", unit_mode="hours", opens_minute=450, closes_minute=1110, regie=make_regie())
    price(make_unit(care, "Demi-heure", position=2), 50)
    for activity in (care, hours):
        make_enrolment(scene.parent.family.children[0], activity, scene.parent.family.household)
    page = windows.open(viewport=size)
    for path in (
        EDIT,
        f"{EDIT}&vue=semaine",
        "/planning/?jour=2026-11-16",
        "/planning/avance/",
        "/planning/recapitulatif/",
    ):
        scene(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path


@pytest.mark.row("C33")
def test_ticks_made_without_network_are_kept_then_sent(scene, shaky):
    page = scene(shaky, EDIT)
    page.context.set_offline(True)
    box_of(scene, page, MONDAY).check()
    page.get_by_text("Hors ligne : vos choix sont gardés sur cet appareil.").wait_for()
    page.wait_for_timeout(1000)
    assert scene.parent.drafted() == {}
    page.context.set_offline(False)
    wait_drafted(page, scene.parent, {MONDAY: "repas"})
    page.get_by_text("De nouveau en ligne").wait_for()
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.row("C33")
def test_ticks_kept_on_the_device_come_back_after_a_reload(scene, shaky):
    page = scene(shaky, EDIT)
    page.route("**/planning/brouillon/", lambda route: route.abort())
    box_of(scene, page, TUESDAY).check()
    page.get_by_text("Hors ligne").wait_for()
    page.unroute("**/planning/brouillon/")
    page.reload()
    assert box_of(scene, page, TUESDAY).is_checked()
    wait_drafted(page, scene.parent, {TUESDAY: "repas"})
    wait_count(page, 1)


OCTOBER = "/planning/modifier/?jour=2026-10-12"


@pytest.fixture
def ticked_offline(scene, shaky):
    """A phone that ticked a Monday and a Tuesday of November without network, then left the page."""
    page = scene(shaky, EDIT)
    page.route("**/planning/brouillon/", lambda route: route.abort())
    box_of(scene, page, MONDAY).check()
    box_of(scene, page, TUESDAY).check()
    page.get_by_text("Hors ligne").wait_for()
    scene(page, "/planning/")
    page.unroute("**/planning/brouillon/")
    return page


@pytest.mark.row("C33")
def test_ticks_kept_on_the_device_are_sent_from_another_month(scene, ticked_offline):
    page = scene(ticked_offline, "/planning/modifier/?jour=2028-01-10")
    page.get_by_text("Rien à réserver sur ces jours").wait_for()
    scene(page, OCTOBER)
    wait_drafted(page, scene.parent, {MONDAY: "repas", TUESDAY: "repas"})
    wait_count(page, 2)
    assert flat(page.locator("[data-cost]")) == "0,00 €"
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.row("C33")
def test_a_day_of_another_month_refused_is_named(scene, ticked_offline):
    scene.parent.activity.closures.create(first_day=MONDAY, last_day=MONDAY, reason="grève")
    page = scene(ticked_offline, OCTOBER)
    page.get_by_text("Non gardé (Cantine Jules-Ferry, lundi 16 novembre) : Fermé : grève.").wait_for()
    wait_drafted(page, scene.parent, {TUESDAY: "repas"})


@pytest.mark.row("C33")
@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_town_that_does_not_answer_is_no_lost_network(scene, shaky, status):
    page = scene(shaky, EDIT)
    page.route("**/planning/brouillon/", lambda route: route.fulfill(status=status, body="<h1>Panne</h1>"))
    box_of(scene, page, MONDAY).check()
    page.get_by_text("La mairie ne répond pas pour le moment : vos choix sont gardés sur cet appareil.").wait_for()
    page.unroute("**/planning/brouillon/")
    page.get_by_role("button", name="Valider et terminer").click()
    page.wait_for_url("**/planning/recapitulatif/**")
    assert flat(page.locator("h1")) == "À payer : 3,60 €"


@pytest.mark.row("C33")
def test_a_button_waits_for_what_is_not_sent(scene, shaky):
    page = scene(shaky, EDIT)
    page.context.set_offline(True)
    box_of(scene, page, MONDAY).check()
    page.get_by_role("button", name="Valider et terminer").click()
    page.wait_for_timeout(500)
    assert page.url.endswith(EDIT)
    page.context.set_offline(False)
    wait_drafted(page, scene.parent, {MONDAY: "repas"})
    wait_count(page, 1)
    page.get_by_role("button", name="Valider et terminer").click()
    page.wait_for_url("**/planning/recapitulatif/**")
    assert flat(page.locator("h1")) == "À payer : 3,60 €"


@pytest.mark.row("C33")
def test_two_pages_of_the_same_month_keep_the_ticks_of_both(scene, phone):
    page = scene(phone, EDIT)
    other = scene(page.context.new_page(), EDIT)
    box_of(scene, page, MONDAY).check()
    box_of(scene, page, THURSDAY).check()
    wait_count(page, 2)
    other.reload()
    box_of(scene, other, MONDAY).uncheck()
    box_of(scene, other, TUESDAY).check()
    wait_drafted(other, scene.parent, {TUESDAY: "repas", THURSDAY: "repas"})
    page.get_by_role("button", name="Récapitulatif").click()
    page.wait_for_url("**/planning/recapitulatif/**")
    wait_drafted(page, scene.parent, {TUESDAY: "repas", THURSDAY: "repas"})


@pytest.mark.row("C33")
def test_a_box_changed_and_changed_back_is_left_to_the_other_page(scene, phone):
    page = scene(phone, EDIT)
    other = scene(page.context.new_page(), EDIT)
    box_of(scene, page, MONDAY).check()
    wait_count(page, 1)
    box_of(scene, page, MONDAY).uncheck()
    wait_count(page, 0)
    box_of(scene, other, MONDAY).check()
    wait_drafted(other, scene.parent, {MONDAY: "repas"})
    page.get_by_role("button", name="Récapitulatif").click()
    page.wait_for_url("**/planning/recapitulatif/**")
    wait_drafted(page, scene.parent, {MONDAY: "repas"})


@pytest.mark.row("C33")
@pytest.mark.parametrize("javascript", [True, False])
def test_going_back_shows_what_is_drafted_not_what_was_ticked_then(scene, windows, javascript):
    page = scene(windows.open(javascript=javascript), EDIT)
    box_of(scene, page, MONDAY).check()
    page.get_by_role("button", name="Récapitulatif").click()
    page.wait_for_url("**/planning/recapitulatif/**")
    page.wait_for_load_state("networkidle")
    scene.parent.untick(MONDAY)
    page.go_back()
    page.wait_for_load_state("networkidle")
    assert not box_of(scene, page, MONDAY).is_checked()
    box_of(scene, page, TUESDAY).check()
    page.get_by_role("button", name="Récapitulatif").click()
    page.wait_for_url("**/planning/recapitulatif/**")
    wait_drafted(page, scene.parent, {TUESDAY: "repas"})


@pytest.mark.parametrize(("begins", "ends", "why"), [("08:30", "", "Indiquez"), ("11:30", "08:30", "vient après")])
def test_hours_that_cannot_be_kept_hold_the_button_back(scene, phone, begins, ends, why):
    activity = make_service("Halte", unit_mode="hours", opens_minute=450, closes_minute=1110, regie=make_regie())
    make_enrolment(scene.parent.family.children[0], activity, scene.parent.family.household)
    page, ending = scene(phone, EDIT), f"{activity.public_id}-2026-11-16"
    page.locator(f'[name="d-{ending}"]').fill(begins)
    page.locator(f'[name="f-{ending}"]').fill(ends)
    box_of(scene, page, TUESDAY).check()
    wait_drafted(page, scene.parent, {TUESDAY: "repas"})
    page.get_by_role("button", name="Récapitulatif").click()
    page.get_by_text("Ces jours ne sont pas gardés").wait_for()
    assert why in flat(page.locator(".slot--hours .slot__why").first)
    assert page.locator(f'[name="d-{ending}"]').input_value() == begins


@pytest.mark.row("C34")
def test_terminer_right_after_a_tick_announces_the_new_cost(scene, phone):
    page = scene(phone, EDIT)
    box_of(scene, page, MONDAY).check()
    page.get_by_role("button", name="Valider et terminer").click()
    page.wait_for_url("**/planning/recapitulatif/**")
    assert flat(page.locator("h1")) == "À payer : 3,60 €"


def test_a_day_refused_by_the_town_is_unticked_with_its_reason(scene, phone):
    page = scene(phone, EDIT)
    scene.parent.activity.closures.create(first_day=MONDAY, last_day=MONDAY, reason="grève")
    box_of(scene, page, MONDAY).check()
    page.get_by_text("Fermé : grève").first.wait_for()
    assert not box_of(scene, page, MONDAY).is_checked()
    assert flat(page.locator("[data-cost]")) == "0,00 €"


def test_a_choice_of_units_and_hours_follow_too(scene, phone):
    wednesday = make_service("Mercredi", cents=1150, unit="Jour", weekdays=0b100, regie=make_regie())
    price(make_unit(wednesday, "Matin", position=2), 700)
    hours = make_service(
        "Halte", cents=250, unit="Accueil", unit_mode="hours", opens_minute=450, closes_minute=1110, weekdays=0b100,
        regie=make_regie(),
    )  # fmt: skip
    for activity in (wednesday, hours):
        make_enrolment(scene.parent.family.children[0], activity, scene.parent.family.household)
    page, day = scene(phone, EDIT), "2026-11-18"
    page.locator(f'[name="j-{wednesday.public_id}-{day}"]').select_option("matin")
    assert flat(page.locator("[data-cost]")) == "7,00 €"
    page.locator(f'[name="d-{hours.public_id}-{day}"]').fill("08:30")
    page.locator(f'[name="f-{hours.public_id}-{day}"]').fill("11:30")
    page.locator("h1").click()
    page.locator("[data-cost]", has_text="14,50").wait_for()
    wait_count(page, 2)
    assert DraftChange.objects.count() == 2


def test_the_keyboard_alone_ticks_and_saves(scene, desk):
    page = scene(desk, EDIT)
    name = scene.parent.box(MONDAY)
    for _ in range(80):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            " || document.activeElement.closest('.slot, .service') !== null"
        )
        if page.evaluate("document.activeElement.name") == name:
            break
    page.keyboard.press("Space")
    assert box_of(scene, page, MONDAY).is_checked()
    for _ in range(80):
        page.keyboard.press("Tab")
        if "Valider et terminer" in page.evaluate("document.activeElement.innerText || ''"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/planning/recapitulatif/**")
    assert flat(page.locator("h1")) == "À payer : 3,60 €"


@pytest.mark.row("C14", "C28")
def test_folded_days_open_at_a_touch(scene, phone, frozen_clock):
    with transaction.atomic():
        confirm_order(lock_order(scene.parent.family.hold(MONDAY).id), by=PARENT)
    page = scene(phone, "/planning/")
    past = page.locator("#j1005")
    assert not past.is_visible()
    page.get_by_role("link", name="Voir les 5 jours d’avant").click()
    assert past.is_visible()


@pytest.mark.row("C33", "C34")
def test_everything_works_without_script(scene, windows):
    page = scene(windows.open(javascript=False), EDIT)
    box_of(scene, page, MONDAY).check()
    page.get_by_role("button", name="Recalculer").last.click()
    assert flat(page.locator("[data-cost]")) == "3,60 €"
    page.get_by_role("button", name="Tout cocher").first.click()
    assert "16 jours cochés" in flat(page.locator("main"))
    page.get_by_role("button", name="Valider et terminer").click()
    assert flat(page.locator("h1")) == "À payer : 61,20 €"
