"""The gallery in a real browser: readable by everyone, at every width, in both lights."""

import gzip

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.urls("preau.ui.tests.urls")]

SIZES = [{"width": 360, "height": 740}, {"width": 1280, "height": 900}]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
@pytest.mark.parametrize("path", ["/galerie/", "/page/cover/", "/page/login/"])
def test_nobody_is_kept_out(portal, windows, path, size, theme):
    page = windows.open(viewport=size, color_scheme=theme, reduced_motion="reduce")
    page.goto(portal + path)
    for closed in page.locator("details:not([open]) > summary").all():
        closed.click()
    answer = Axe().run(page)
    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in answer.response["violations"]] == []


@pytest.mark.parametrize("path", ["/galerie/", "/page/plain/", "/page/cover/", "/page/login/"])
def test_no_page_scrolls_sideways_on_the_narrowest_phone(portal, windows, path):
    page = windows.open(viewport={"width": 320, "height": 640})
    page.goto(portal + path)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_five_entries_are_in_reach_on_a_phone(portal, phone):
    phone.goto(f"{portal}/page/plain/")
    links = phone.get_by_role("navigation", name="Menu principal").get_by_role("link")
    assert [link.inner_text() for link in links.all()] == [
        "Accueil",
        "Dossier",
        "Inscriptions",
        "Planning",
        "Facturation",
    ]
    boxes = [link.bounding_box() for link in links.all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)
    assert all(box["height"] >= 44 and box["width"] >= 44 for box in boxes)


def test_the_situation_comes_before_the_fold(portal, phone):
    """Header, menu, side menu and breadcrumb leave two thirds of a small phone to the amount and the action."""
    phone.goto(f"{portal}/galerie/")
    assert phone.get_by_role("heading", level=1).bounding_box()["y"] < 740 / 3


def test_the_zero_of_an_amount_has_its_own_drawing(portal, phone):
    phone.goto(f"{portal}/galerie/")
    phone.evaluate("document.fonts.ready")
    loaded = phone.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => [f.family, f.unicodeRange])"
    )
    faces = {family.strip('"') for family, characters in loaded if characters == "U+30"}
    assert faces == {"Atkinson Next", "Atkinson Next Reference"}


def test_only_the_receipt_is_printed(portal, desk):
    desk.goto(f"{portal}/galerie/")
    desk.emulate_media(media="print")
    assert desk.locator(".receipt").is_visible()
    assert not desk.locator(".site-header").is_visible()
    assert not desk.locator("#boutons").is_visible()


def test_pages_and_their_dress_stay_light(portal, phone):
    """On the wire: texts are compressed once and for all when they are collected."""
    sizes = {}

    def weigh(answer) -> None:
        sizes[answer.url.removeprefix(portal)] = len(gzip.compress(answer.body()))

    phone.on("response", weigh)
    phone.goto(f"{portal}/page/plain/", wait_until="networkidle")
    assert sizes["/page/plain/"] < 4_000
    assert sum(sizes.values()) < 70_000
