"""Lists of the day: confirmed places only, meals by lawful words, a constant number of queries (C39)."""

from datetime import date, timedelta

import pytest

from preau.domain.activities.models import UnitMode
from preau.domain.bookings.models import Booking
from preau.domain.bookings.queries.day_lists import DayFilters, activities_on, day_lists
from preau.domain.families.models import Child, ChildDiet, ChildHome
from preau.domain.pricing.models import TariffVersion
from preau.domain.town.queries import the_town
from preau.foundation import clock
from tests.support.activities import make_activity_group, make_site, make_unit
from tests.support.bookings import MONDAY, TUESDAY, make_enrolment, make_family, make_service, price
from tests.support.factories import NOON, make_household, make_regie, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOON):
        yield


def lists(regie, day=MONDAY, *, with_names=False, **filters):
    kept = activities_on([regie.id], day)
    return day_lists(kept, day=day, filters=DayFilters(**filters), with_names=with_names, zone=the_town().zone)


def book(child, activity, day=MONDAY, *, state="confirmed", group=None, unit=None, **values) -> Booking:
    """A booking as it stands, whatever brought it there."""
    household = child.homes.get()
    enrolment = child.enrolments.filter(activity=activity).first() or make_enrolment(child, activity, household)
    return Booking.objects.create(
        **{
            "enrolment": enrolment,
            "child": child,
            "household": household,
            "activity": activity,
            "group": group,
            "unit": unit or activity.units.first(),
            "day": day,
            "state": state,
            "price_cents": 360,
            "tariff_version": TariffVersion.objects.first(),
            "created_at": clock.now(),
            **values,
        }
    )


def make_child(name="Zélie", *, diets=(), **values) -> Child:
    child = Child.objects.create(**{"first_name": name, "last_name": "Marchal", "class_name": "CE1", **values})
    ChildHome.objects.create(child=child, household=make_household(with_login=False, children=0))
    ChildDiet.objects.bulk_create(ChildDiet(child=child, diet=diet) for diet in diets)
    return child


@pytest.fixture
def canteen():
    make_town()
    return make_service(regie=make_regie())


@pytest.mark.row("C39")
def test_a_place_held_and_not_paid_is_named_apart_and_never_counted():
    family = make_family(children=2)
    family.hold(MONDAY, child=0)
    found = lists(family.activity.regie)
    (sheet,) = found.sheets
    assert (sheet.expected, sheet.held, sheet.meals, sheet.present) == (0, 1, 0, ())
    assert [one.name for one in sheet.unconfirmed] == ["Berger Enfant1"]
    assert (found.kitchens, found.week) == ((), ())
    assert family.pay() is not None  # only sent to the bank: still not confirmed
    assert lists(family.activity.regie).expected == 0


def test_released_and_cancelled_places_are_nowhere(canteen):
    for state in ("released", "cancelled"):
        book(make_child(), canteen, state=state)
    (sheet,) = lists(canteen.regie).sheets
    assert (sheet.present, sheet.unconfirmed, sheet.expected, sheet.held) == ((), (), 0, 0)


def test_a_sheet_says_name_class_unit_hours_and_lawful_words(canteen):
    nursery = make_service(
        "Halte-garderie",
        unit="Heures",
        regie=canteen.regie,
        unit_mode=UnitMode.HOURS,
        opens_minute=480,
        closes_minute=1080,
    )
    book(
        make_child(diets=["own_basket", "no_gluten"], class_name="", level="PS"),
        nursery,
        starts_minute=510,
        ends_minute=720,
    )
    (sheet,) = lists(canteen.regie, activity=nursery.public_id).sheets
    (one,) = sheet.present
    assert (one.name, one.class_name, one.unit) == ("Marchal Zélie", "PS", "Heures")
    assert one.hours == "8\u202fh\u202f30 – 12\u202fh\u202f00"
    assert one.diets == ("sans gluten", "panier-repas (PAI)")


def test_names_are_in_alphabetical_order(canteen):
    for first, last in (("Zoé", "Abel"), ("Ana", "Marchal"), ("Léo", "Abel")):
        book(make_child(first, last_name=last), canteen)
    (sheet,) = lists(canteen.regie).sheets
    assert [one.name for one in sheet.present] == ["Abel Léo", "Abel Zoé", "Marchal Ana"]


def test_the_kitchen_counts_meals_by_words_and_adds_up(canteen):
    small = make_activity_group(canteen, "Maternelles")
    for diets, group in (
        ((), None),
        ((), small),
        (["no_pork"], None),
        (["no_pork", "own_basket"], small),
        (["no_pork"], small),
    ):
        book(make_child(diets=diets), canteen, group=group)
    (kitchen,) = lists(canteen.regie).kitchens
    assert kitchen.site == canteen.site
    assert [(row.title, row.meals) for row in kitchen.rows] == [
        ("Cantine Jules-Ferry", 2),
        ("Cantine Jules-Ferry, Maternelles", 3),
    ]
    assert kitchen.total.by_diets == {"": 2, "sans porc": 2, "sans porc, panier-repas (PAI)": 1}
    assert (kitchen.total.meals, kitchen.baskets, kitchen.to_cook) == (5, 1, 4)


def test_only_units_with_a_meal_feed_the_kitchen(canteen):
    leisure = make_service("Mercredi", unit="Matin", regie=canteen.regie)
    price(lunch := make_unit(leisure, "Journée", has_meal=True), 900)
    book(make_child(), leisure, unit=leisure.units.get(name="Matin"))
    book(make_child(), leisure, unit=lunch)
    found = lists(canteen.regie)
    assert [(sheet.title, sheet.expected, sheet.meals) for sheet in found.sheets] == [
        ("Cantine Jules-Ferry", 0, 0),
        ("Mercredi", 2, 1),
    ]
    assert [kitchen.total.meals for kitchen in found.kitchens] == [1]


def test_the_week_ahead_counts_seven_days_site_by_site(canteen):
    other = make_service("Cantine Prévert", regie=canteen.regie, site=make_site("École Prévert"))
    for activity, day in (
        (canteen, MONDAY),
        (canteen, TUESDAY),
        (other, TUESDAY),
        (canteen, MONDAY + timedelta(days=7)),
    ):
        book(make_child(), activity, day)
    book(make_child(), canteen, TUESDAY, state="held")
    found = lists(canteen.regie)
    assert [site.name for site in found.week_sites] == ["École Jules-Ferry", "École Prévert"]
    told = [(one.day, [meals for _, meals in one.by_site], one.total) for one in found.week]
    assert told == [(MONDAY, [1, 0], 1), (TUESDAY, [1, 1], 2)]


def test_filters_keep_a_site_an_activity_a_group(canteen):
    other = make_service("Cantine Prévert", regie=canteen.regie, site=make_site("École Prévert"))
    small = make_activity_group(canteen, "Maternelles")
    book(make_child(), canteen)
    book(make_child(), canteen, group=small)
    book(make_child(), other)
    assert lists(canteen.regie).expected == 3
    assert lists(canteen.regie, site=other.site.public_id).expected == 1
    assert lists(canteen.regie, activity=canteen.public_id).expected == 2
    narrowed = lists(canteen.regie, activity=canteen.public_id, group="Maternelles")
    assert [sheet.title for sheet in narrowed.sheets] == ["Cantine Jules-Ferry, Maternelles"]
    assert [kitchen.total.meals for kitchen in narrowed.kitchens] == [1]


def test_a_closed_day_still_booked_shows_why(canteen):
    sunday = date(2026, 11, 15)
    assert lists(canteen.regie, sunday).sheets == ()
    book(make_child(), canteen, sunday)
    (sheet,) = lists(canteen.regie, sunday).sheets
    assert (sheet.closed, sheet.expected) == ("Fermé le dimanche", 1)


def test_names_of_a_whole_town_wait_to_be_asked_for(canteen, monkeypatch):
    monkeypatch.setattr("preau.domain.bookings.queries.day_lists.MOST_NAMES", 1)
    for _ in range(2):
        book(make_child(), canteen)
    assert lists(canteen.regie).has_names is False
    assert lists(canteen.regie).sheets[0].present == ()
    assert len(lists(canteen.regie, with_names=True).sheets[0].present) == 2
    assert len(lists(canteen.regie, site=canteen.site.public_id).sheets[0].present) == 2


def test_other_regies_are_not_seen(canteen):
    book(make_child(), canteen)
    assert lists(make_regie()).sheets == ()


@pytest.mark.parametrize("children", [1, 200])
def test_the_number_of_queries_does_not_grow(canteen, children, django_assert_num_queries):
    groups = [None, make_activity_group(canteen, "Maternelles"), make_activity_group(canteen, "Élémentaires")]
    for number in range(children):
        child = make_child(f"Enfant{number}", diets=["no_pork"] if number % 3 else [])
        book(child, canteen, group=groups[number % 3], state="held" if number % 7 == 6 else "confirmed")
    zone = the_town().zone
    with django_assert_num_queries(12):
        kept = activities_on([canteen.regie_id], MONDAY)
        found = day_lists(kept, day=MONDAY, filters=DayFilters(), with_names=True, zone=zone)
    assert found.expected + found.held == children
