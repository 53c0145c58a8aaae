"""The planning as it is: nothing of it can be changed, everything that cannot be booked says why."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from preau.domain.activities.models import Closure, Menu, MenuDish, PaymentMode
from preau.domain.billing.models import CreditNote
from preau.domain.billing.services import record_credit_note
from preau.domain.bookings.models import Booking, Enrolment
from preau.domain.bookings.services.orders import confirm_order, lock_order
from preau.domain.families.models import Child, ChildHome, QuotientFamilial
from preau.domain.pricing.models import PriceLine, TariffVersion
from preau.interfaces.portal.planning.tests.conftest import parent_of
from tests.support.activities import (
    make_armistice,
    make_autumn_holidays,
    make_deadline,
    make_school_year,
    make_unit,
)
from tests.support.bookings import (
    FRIDAY,
    MONDAY,
    PARENT,
    THURSDAY,
    TUESDAY,
    make_enrolment,
    make_family,
    make_service,
    price,
)
from tests.support.factories import NOON, login_family, make_household, make_regie, make_town
from tests.support.pages import main_words


def confirm(family, *days: date, child: int = 0) -> None:
    confirm_order(lock_order(family.hold(*days, child=child).id), by=PARENT)


def november(parent, **query: str) -> str:
    return main_words(parent.get("planning", jour="2026-11-16", **query))


@pytest.mark.row("C14", "C28")
def test_the_planning_shows_what_is_booked_and_holds_no_box(parent):
    confirm(parent.family, MONDAY)
    page = parent.get("planning", jour="2026-11-16")
    assert "Lun. 16lundi 16 novembre Cantine Jules-Ferry réservé" in main_words(page)
    html = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert "<input" not in html
    assert "<select" not in html
    assert 'method="post"' not in html
    assert 'href="/planning/modifier/?enfant=' in html


@pytest.mark.row("C20")
def test_it_opens_on_the_month_of_today(parent):
    html = parent.get("planning").content.decode()
    assert "Enfant1\u202f: octobre</h1>" in html
    assert 'class="today">aujourd’hui' in html
    assert "jour=2026-10-08" in html.partition(">Aujourd’hui")[0].rpartition("href=")[2]


@pytest.mark.row("C20", "C21")
def test_steps_lead_to_the_months_around_and_their_address_keeps_it(parent):
    html = parent.get("planning", jour="2026-11-16").content.decode()
    steps = html.partition('aria-label="Période"')[2].partition("</nav>")[0]
    assert "jour=2026-10-31" in steps
    assert "jour=2026-12-01" in steps
    assert "Mois précédent" in steps
    assert main_words(parent.get("planning", jour="2026-12-01")).count("décembre") >= 2
    january = main_words(parent.get("planning", jour="2027-01-05"))
    assert "Enfant1 : janvier 2027" in january


@pytest.mark.row("C22")
def test_three_views_show_the_same_ticks(parent):
    confirm(parent.family, MONDAY, THURSDAY)
    for view in ("mois", "quinzaine", "semaine"):
        html = parent.get("planning", vue=view, jour="2026-11-16").content.decode()
        assert html.count("slot--yes") == 2, view
        for day in (MONDAY, THURSDAY):
            assert "slot--yes" in html.partition(f'id="j{day:%m%d}"')[2].partition("</div></div>")[0]
        assert f'aria-current="page">{view.capitalize()}</a>' in html


@pytest.mark.row("C23")
def test_the_cost_of_the_period_is_that_of_this_child(parent):
    confirm(parent.family, MONDAY, TUESDAY)
    confirm(parent.family, MONDAY, child=1)
    assert "Coût de novembre Récapitulatif (0) 7,20 €" in november(parent)
    assert "Coût de novembre Récapitulatif (0) 3,60 €" in november(parent, enfant=parent.child(1))
    assert "Coût de la semaine Récapitulatif (0) 0,00 €" in main_words(
        parent.get("planning", vue="semaine", jour="2026-11-02")
    )


@pytest.mark.row("C24")
@pytest.mark.parametrize("mode", PaymentMode.values)
def test_each_activity_tells_its_school_year_and_how_it_is_paid(db, frozen_clock, mode):
    parent = parent_of(make_family(make_service("Cantine Les Lutins", payment_mode=mode, regie=make_regie())))
    words = {
        "immediate": "Paiement immédiat",
        "prepaid": "Prépayé",
        "in_advance": "Facturé d’avance",
        "afterwards": "Facturé après",
    }
    assert f"Cantine Les Lutins 2026 / 2027 {words[mode]}, 3,60 €" in november(parent)


@pytest.mark.row("C25")
def test_days_that_are_not_open_say_why(parent):
    make_autumn_holidays()
    make_armistice()
    Closure.objects.create(first_day=FRIDAY, last_day=FRIDAY, reason="grève")
    page = november(parent)
    assert "Mer. 11mercredi 11 novembre Férié : 11 novembre" in page
    assert "Ven. 20vendredi 20 novembre Fermé : grève" in page
    assert "Mer. 18mercredi 18 novembre Fermé le mercredi" in page
    assert "Samedi 14, dimanche 15 : fermé" in page
    october = main_words(parent.get("planning", jour="2026-10-20"))
    assert "Lun. 19lundi 19 octobre Vacances de la Toussaint" in october


@pytest.mark.row("C25")
@pytest.mark.parametrize("month", [date(2026, 11, 1), date(2027, 2, 1), date(2027, 3, 1), date(2027, 6, 1)])
def test_letters_and_numbers_of_days_are_right(parent, month):
    html = parent.get("planning", jour=month.isoformat()).content.decode()
    day, names = month, ("Lun.", "Mar.", "Mer.", "Jeu.", "Ven.")
    while day.month == month.month:
        if day.weekday() < 5:
            assert f'<span class="wd">{names[day.weekday()]} </span>{day.day}</span>' in html
        day += timedelta(days=1)


@pytest.mark.row("C25")
def test_a_weekend_that_opens_has_its_columns(parent):
    saturday = make_service("Séjour du samedi", weekdays=0b100000, regie=make_regie())
    make_enrolment(parent.family.children[0], saturday, parent.family.household)
    assert "Sam. 14samedi 14 novembre Séjour du samedi" in november(parent)


@pytest.mark.row("C26")
def test_nothing_left_is_said_as_the_guide_says_it(parent):
    assert "Restant dû : 0,00 €" in november(parent)


@pytest.mark.row("C26")
def test_a_credit_is_told_and_will_be_used(parent):
    note = CreditNote(
        regie=parent.activity.regie, household=parent.family.household, number="AV-1", label="Sortie annulée",
        issued_on=NOON.date(), total_cents=500,
    )  # fmt: skip
    record_credit_note(note=note)
    assert "Avoir : 5,00 €, utilisé à votre prochaine réservation" in november(parent)


@pytest.mark.row("C27")
def test_every_child_is_one_touch_away_with_its_changes(parent):
    parent.family.draft(MONDAY, TUESDAY, child=1)
    html = parent.get("planning", jour="2026-11-16").content.decode()
    children = html.partition('aria-label="Enfants"')[2].partition("</nav>")[0]
    assert f"enfant={parent.child(1)}&amp;vue=mois&amp;jour=2026-11-16" in children
    assert "sticker--2" in children
    assert '<span class="count">2</span>' in children
    page = november(parent, enfant=parent.child(1))
    assert "Enfant2 : novembre" in page
    assert "Inscriptions Cantine Jules-Ferry 2026 / 2027" in page


def test_a_strange_address_falls_back(parent):
    for query in ({"vue": "siècle"}, {"jour": "2026-13-40"}, {"jour": "9999-12-31"}, {"enfant": "x"}, {"jour": ""}):
        assert "Enfant1 : octobre" in main_words(parent.get("planning", **query)), query


@pytest.mark.parametrize("name", ["planning", "planning_edit"])
def test_another_familys_child_is_not_found(parent, name):
    theirs = make_household().child_places.get().child
    assert parent.get(name, enfant=theirs.public_id).status_code == 404
    assert parent.get(name, enfant="x" * 22).status_code == 404


@pytest.mark.row("C39")
def test_what_waits_for_a_payment_says_so_with_its_limit(parent):
    parent.family.hold(MONDAY)
    page = november(parent)
    assert "Cantine Jules-Ferry à payer avant 16 h 35, en attente de paiement" in page
    assert "Récapitulatif (1)" in page


@pytest.mark.row("V12")
@pytest.mark.parametrize("name", ["planning", "planning_edit"])
def test_the_menu_of_the_day_is_beside_the_day(parent, name):
    menu = Menu.objects.create(day=MONDAY, published_at=NOON)
    for position, dish in enumerate(("Carottes râpées", "Lasagnes aux légumes")):
        MenuDish.objects.create(menu=menu, name=dish, course=("entrée", "plat principal")[position], position=position)
    html = parent.get(name, jour="2026-11-16").content.decode()
    day = html.partition('id="j1116"')[2].partition('id="j1117"')[0]
    assert '<p class="day__menu"><span class="sr">Menu\u202f: </span>Carottes râpées, Lasagnes aux légumes</p>' in day
    assert "Lasagnes" not in html.replace(day, "")


@pytest.mark.row("V14")
def test_on_the_eleventh_the_month_is_closed_with_its_reason(parent, frozen_clock):
    make_deadline(parent.activity)
    frozen_clock.set(datetime(2026, 10, 10, 21, 59, tzinfo=UTC))  # 23 h 59 in Paris
    login_family(parent.client, parent.family.household)
    assert parent.form(jour="2026-11-16")["montrees"].count("2026-11-16") == 1
    frozen_clock.set(datetime(2026, 10, 10, 22, 0, tzinfo=UTC))
    login_family(parent.client, parent.family.household)
    assert "2026-11" not in parent.form(jour="2026-11-16")["montrees"]
    page = main_words(parent.get("planning_edit", jour="2026-11-16"))
    assert "Cantine Jules-Ferry : trop tard depuis le samedi 10 octobre à minuit." in page
    assert parent.form(jour="2026-12-01")["montrees"].count("2026-12") > 10


@pytest.mark.parametrize(
    ("shown", "words", "leads"),
    [("2026-11-16", "Mois suivant", "2026-12-01"), ("2026-09-14", "Aujourd’hui", "2026-10-11")],
)
def test_when_nothing_can_be_changed_the_page_leads_where_something_may(parent, frozen_clock, shown, words, leads):
    make_deadline(parent.activity)
    frozen_clock.set(datetime(2026, 10, 10, 22, 0, tzinfo=UTC))
    login_family(parent.client, parent.family.household)
    page = parent.get("planning_edit", jour=shown)
    assert f"Aucun de ces jours ne peut être changé. {words}" in main_words(page)
    link = page.content.decode().partition('ne peut être changé. <a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert link.endswith(f"jour={leads}")
    assert "Aucun de ces jours" not in main_words(parent.get("planning_edit", jour="2026-12-01"))


@pytest.mark.row("C46")
def test_two_families_read_two_prices_for_the_same_meal(parent):
    """The dearer line is for families above 800 € of quotient: the price is looked up, never typed."""
    version = TariffVersion.objects.create(
        tariff=parent.family.unit.pricing.tariff, valid_from=date(2026, 9, 2), deliberation="délibération n° 2026-42"
    )
    PriceLine.objects.create(version=version, position=1, price_cents=360, quotient_to_cents=80_000)
    PriceLine.objects.create(version=version, position=2, price_cents=380)
    other = parent_of(make_family(parent.activity))
    for household, cents in ((parent.family.household, 70_000), (other.family.household, 90_000)):
        QuotientFamilial.objects.create(household=household, amount_cents=cents, valid_on=date(2026, 9, 1))
    assert "3,60 €" in november(parent)
    assert "3,80 €" in november(other)


def test_a_child_without_enrolment_reads_where_to_ask(parent):
    child = Child.objects.create(first_name="Enfant3", last_name="Berger")
    ChildHome.objects.create(child=child, household=parent.family.household, position=3)
    assert "Enfant3 n’est inscrit à aucune activité" in november(parent, enfant=child.public_id)


def test_a_family_without_child_reads_where_to_ask(db, frozen_clock):
    make_town()
    household = make_household(children=0)
    client = Client()
    login_family(client, household)
    assert "Aucun enfant dans votre dossier" in main_words(client.get("/planning/"))
    assert "Aucun enfant dans votre dossier" in main_words(client.get("/planning/modifier/"))


def test_the_menu_marks_every_page_of_the_planning(parent):
    parent.family.draft(MONDAY)
    for name in ("planning", "planning_edit", "planning_quit", "planning_pattern", "planning_summary", "planning_drop"):
        html = parent.get(name).content.decode()
        assert 'href="/planning/" aria-current="page"' in html, name


@pytest.mark.parametrize("children", [1, 6])
def test_queries_grow_neither_with_children_nor_with_days(db, frozen_clock, children):
    parent = parent_of(make_family(children=children))
    for child in range(children):
        parent.family.draft(MONDAY, TUESDAY, child=child)
    assert parent.queries("planning", jour="2026-11-16") == 25
    assert parent.queries("planning_edit", jour="2026-11-16") == 38


@pytest.mark.parametrize("months", [1, 36])
def test_queries_do_not_grow_with_the_past(db, frozen_clock, months):
    """Three years of Mondays: each booked the month before, then gone by."""
    make_school_year(first_day=date(2022, 9, 1))
    family = make_family(make_service(regie=make_regie(), first_day=date(2022, 9, 1), capacity=30))
    price(make_unit(family.activity, "Goûter"), 100, valid_from=date(2022, 9, 1))
    parent = parent_of(family)
    _book_the_past(parent, months)
    assert parent.queries("planning", jour="2026-11-16") == 27


def _book_the_past(parent, months: int) -> None:
    enrolment = Enrolment.objects.get()
    last = date(2026, 9, 28)
    Booking.objects.bulk_create(
        Booking(
            enrolment=enrolment, child=enrolment.child, household=enrolment.household, activity=parent.activity,
            unit=parent.activity.units.first(), day=last - timedelta(days=28 * month), state="confirmed",
            price_cents=360, tariff_version=TariffVersion.objects.first(), created_at=NOON,
        )
        for month in range(months)
    )  # fmt: skip
