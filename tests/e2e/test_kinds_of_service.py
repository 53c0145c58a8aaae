"""The kinds of service that the guides name: each set up by an agent, asked by a family, booked (V01, V02).

Everything goes through the pages, by Django's client: activity, unit and tariff, request, answer, contract, planning.
"""

from datetime import date

import pytest
from django.test import Client

from preau.domain.activities.models import Activity, Unit
from preau.domain.bookings.models import Booking, CareContract, Enrolment
from preau.domain.families.models import Child
from preau.domain.pricing.models import Tariff
from preau.interfaces.desk.tests.conftest import hire
from preau.interfaces.portal.planning.tests.conftest import Parent
from tests.support.activities import make_school_year, make_site
from tests.support.bookings import MONDAY, Family
from tests.support.factories import login_family, make_household, make_regie, make_town, user_of
from tests.support.pages import main_words

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 11, 18)
NINE, NOON = 9 * 60, 12 * 60
MORNING = {"d": "9:00", "f": "12:00"}
ACTIVITY = {
    "position": "1", "is_published": "on", "first_day": "2026-09-01", "last_day": "2027-07-02", "drawn_from": "term",
    "weekdays": ["0", "1", "2", "3", "4"], "capacity": "20", "max_held": "60", "offer_hours": "48", "unit_mode": "days",
    "needs_decision": "on", "payment_mode": "afterwards", "hold_minutes": "20", "refund_percent": "100",
}  # fmt: skip
BY_THE_HOUR = {"opens_minute": "7:30", "closes_minute": "18:30", "drawn_from": "both"}
#: Kind, what its page asks beyond the usual, the day booked, its hours, cents asked, cents expected.
SERVICES = {
    "canteen": ({"weekdays": ["0", "1", "3", "4"]}, MONDAY, None, "3,60", 360),
    "morning_care": ({}, MONDAY, None, "1,20", 120),
    "evening_care": ({}, MONDAY, None, "2,00", 200),
    "study": ({"weekdays": ["0", "1", "3", "4"]}, MONDAY, None, "1,50", 150),
    "alsh": ({"weekdays": ["2"]}, WEDNESDAY, None, "12,00", 1200),
    "discovery_class": ({"unit_mode": "stay", "first_day": "2026-11-16", "last_day": "2026-11-20"}, MONDAY, None,
                        "180,00", 18000),
    "drop_in_nursery": ({"unit_mode": "hours", **BY_THE_HOUR}, MONDAY, MORNING, "1,80", 540),
}  # fmt: skip
CONTRACTS = ["collective_creche", "family_creche", "kindergarten"]


@pytest.fixture
def agent(frozen_clock):
    make_town()
    make_school_year()
    return hire(make_regie(), name="Nadège Vandenbroucke")


@pytest.fixture
def parent(agent) -> Parent:
    household, client = make_household(), Client()
    Child.objects.update(birth_date=date(2023, 3, 1))
    login_family(client, household)
    return Parent(Family(household, user_of(household), None, list(household.children.all())), client, None)


def set_up(agent, kind: str, *, euros: str, **values) -> Unit:
    """An activity, its unit and its tariff, as an agent types them."""
    regie = agent.user.regie_posts.get().regie
    said = {
        "kind": kind, "name": f"Service {kind}", "short_name": kind[:24], "site": make_site().public_id,
        "school_year": str(make_school_year().pk), "regie": regie.public_id,
    }  # fmt: skip
    assert agent.client.post("/bureau/activites/nouvelle/", {**ACTIVITY, **said, **values}).status_code == 302
    activity = Activity.objects.get(kind=kind)
    typed = {"name": "Accueil", "parts": ["am"], "position": "0"}
    agent.client.post(f"/bureau/activites/{activity.public_id}/unites/nouvelle/", typed)
    unit = activity.units.get()
    typed = {"regie": regie.public_id, "name": f"Tarif {kind}", "unit_label": "à l’unité"}
    agent.client.post("/bureau/tarifs/nouveau/", typed)
    tariff = f"/bureau/tarifs/{Tariff.objects.get(name=typed['name']).public_id}/"
    grid = {"ligne-TOTAL_FORMS": 1, "ligne-INITIAL_FORMS": 0, "ligne-0-position": 1, "ligne-0-price_cents": euros}
    version = {"valid_from": "2026-10-09", "deliberation": "délibération n° 2026-41", "rounding": "cent"}
    answer = agent.client.post(f"{tariff}nouvelle-version/", {**version, **grid, "action": "enregistrer"})
    assert answer.status_code == 302
    agent.client.post(f"{tariff}unites/", {"unite": unit.id})
    return unit


def enrol(agent, parent: Parent, activity: Activity) -> Enrolment:
    """Asked by the family, accepted by the agent."""
    path = f"/inscriptions/demander/{parent.child()}/"
    assert activity.name in main_words(parent.client.get(path))
    parent.client.post(path, {"activite": activity.public_id, "message": ""})
    enrolment = Enrolment.objects.get(activity=activity)
    agent.client.post(f"/bureau/inscriptions/{enrolment.public_id}/accepter/")
    enrolment.refresh_from_db()
    assert enrolment.state == "accepted"
    return enrolment


@pytest.mark.row("V01")
@pytest.mark.row("V02")
@pytest.mark.parametrize("kind", SERVICES)
def test_a_service_is_set_up_asked_and_booked(agent, parent, kind):
    values, day, hours, euros, cents = SERVICES[kind]
    activity = set_up(agent, kind, euros=euros, **values).activity
    enrol(agent, parent, activity)
    ticked = {parent.box(day, activity): activity.units.get().code}
    if hours:
        ticked |= {f"{name}-{activity.public_id}-{day}": value for name, value in hours.items()}
    form = {**parent.form(jour=day.isoformat()), **ticked, "faire": "recalculer"}
    assert parent.client.post("/planning/modifier/", form).status_code == 302
    parent.save()
    booking = Booking.objects.get()
    assert (booking.state, booking.day, booking.price_cents) == ("confirmed", day, cents)
    assert (booking.starts_minute, booking.ends_minute) == ((NINE, NOON) if hours else (None, None))


@pytest.mark.row("V02")
@pytest.mark.parametrize("kind", CONTRACTS)
def test_a_service_by_contract_is_set_up_asked_signed_and_read(agent, parent, kind):
    unit = set_up(agent, kind, euros="1,80", unit_mode="contract", **BY_THE_HOUR)
    enrolment = enrol(agent, parent, unit.activity)
    typed = {"first_day": "2026-11-16", "last_day": "2026-12-04", "weeks": "3", "months": "1"}
    typed |= {"from_0": "9:00", "to_0": "12:00"}
    agent.client.post(f"/bureau/inscriptions/{enrolment.public_id}/contrat/", typed)
    contract = CareContract.objects.get()
    assert (contract.monthly_minutes, contract.monthly_cents) == (9 * 60, 1620)
    assert [booking.state for booking in Booking.objects.filter(unit=unit)] == ["confirmed"] * 3
    assert "16,20 € par mois" in main_words(parent.client.get("/inscriptions/"))
    page = main_words(parent.get("planning", jour="2026-11-16"))
    assert "9 h" in page
    form = parent.get("planning_edit", jour="2026-11-16").content.decode()
    assert parent.box(MONDAY, unit.activity) not in form  # read only
