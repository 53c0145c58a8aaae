"""What every page carries, read in the markup the way a test of the portal would read it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.utils import timezone

from preau.ui.samples import page

pytestmark = pytest.mark.urls("preau.ui.tests.urls")

SITE = (
    '{% extends "ui/layouts/site.html" %}{% block title %}Payer{% endblock %}{% block heading %}Bonjour{% endblock %}'
)
MINIMAL = SITE.replace("site", "minimal")
MARTINIQUE = ZoneInfo("America/Martinique")
VISITOR = {"household": None, "nav": []}


def test_a_family_sees_its_name_its_basket_and_the_way_out(render):
    html = render(SITE, **page(1))
    assert "<title>Payer — Saint-Éloi-sur-Lys</title>" in html
    assert '<span class="label-tag__sub">Famille DELATTRE-KOUASSI</span>' in html
    assert "Mon compte\u202f: </span>[DELATTRE-KOUASSI]</a>" in html
    assert '<span class="tool__count">2</span><span class="sr"> factures</span>' in html
    assert '<form action="/logout/" method="post">' in html
    assert "/login/" not in html


def test_a_visitor_sees_the_way_in(render):
    html = render(SITE, **page(1) | VISITOR)
    for entry in ("Connexion", "Accessibilité", "Aide", "Site de la ville"):
        assert entry in html
    assert "Déconnexion" not in html
    assert "Menu principal" not in html


def test_the_header_tells_the_day_and_hour_of_the_town(render):
    at = datetime(2009, 10, 7, 15, 35, tzinfo=MARTINIQUE)
    with timezone.override(MARTINIQUE):
        html = render(SITE, **page(1) | {"town_now": at})
    assert ">Mercredi 7\u00a0octobre 2009, 15\u202fh\u202f35</time>" in html


def test_the_menu_has_its_five_entries_in_order_and_marks_the_current_one(render):
    menu = render(SITE, **page(1)).split('aria-label="Menu principal"')[1].split("</nav>")[0]
    labels = ["Accueil", "Dossier", "Inscriptions", "Planning", "Facturation"]
    assert sorted(labels, key=menu.index) == labels
    assert menu.count("aria-current") == 1
    assert menu.index('aria-current="page"') > menu.index("Planning")


def test_every_page_ends_on_the_rights_of_families(render):
    for layout in (SITE, MINIMAL):
        html = render(layout, **page(1))
        assert "Vos données servent à gérer les services aux familles." in html
        assert '<a href="/terms/">Conditions générales d’utilisation</a>' in html
        assert "Accessibilité\u202f: partiellement conforme" in html


def test_the_short_page_keeps_the_account_and_drops_the_menu(render):
    html = render(MINIMAL, **page(1))
    assert "[DELATTRE-KOUASSI]" in html
    assert "Menu principal" not in html


def test_a_page_without_a_town_still_stands(render):
    assert "<h1>Bonjour</h1>" in render(MINIMAL)


def test_messages_are_shown_with_their_weight(render):
    html = render(
        SITE, **page(1), messages=[Message(constants.SUCCESS, "Ajoutée"), Message(constants.ERROR, "Refusé <b>")]
    )
    assert '<p class="toast" role="status">' in html
    assert '<div class="notice notice--late" role="alert">' in html
    assert "Refusé &lt;b&gt;" in html


def test_the_warning_of_the_end_of_the_session_is_for_families(render):
    assert 'data-session-ends-in="1800"' in render(SITE, **page(1) | {"session_ends_in": 1800})
    assert "data-session-ends-in" not in render(SITE, **page(1))
    assert "data-session-ends-in" not in render(SITE, **page(1) | VISITOR | {"session_ends_in": 1800})
