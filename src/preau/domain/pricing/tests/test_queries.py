"""The price of a unit for a family on a day, asked in a constant number of queries."""

from datetime import date, timedelta

import pytest

from preau.domain.families.models import Child, QuotientFamilial
from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.queries import prices_of
from preau.domain.pricing.rules import Line
from preau.domain.pricing.tests.tariffs import SEPTEMBER, make_tariff, make_unit, make_version, plain
from tests.support.factories import make_household

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 8)
BRACKETS = (
    Line(price_cents=360, quotient_to_cents=80_000),
    Line(price_cents=380),
)


@pytest.fixture
def household():
    return make_household(with_login=False, children=2)


def first_child(household) -> Child:
    return household.children.order_by("birth_date").first()


def quote(household, unit, *, day=DAY, child=None, **asked):
    asked = {"day_kind": "school", "is_late": False, **asked}
    return prices_of([unit], household=household).quote(unit, child or first_child(household), day, **asked)


def test_two_families_see_two_prices_for_one_meal(unit, tariff, household):
    version = make_version(tariff, *BRACKETS)
    QuotientFamilial.objects.create(household=household, amount_cents=71_200, valid_on=date(2026, 1, 1))
    other = make_household(with_login=False)
    known, unknown = quote(household, unit), quote(other, unit)
    assert (known.cents, known.version_id, known.unit_label) == (360, version.id, "à l’unité")
    assert plain(*known.reasons) == (
        "Tarif « Restauration », délibération n° 2026-41, en vigueur depuis le 1er septembre 2026.",
        "Quotient familial de 712,00 €, valable depuis le 1er janvier 2026.",
        "Quotient en dessous de 800,00 € : 3,60 €.",
    )
    assert (unknown.cents, plain(*unknown.reasons[1:])) == (
        380,
        (
            "Quotient familial inconnu : le prix le plus élevé s’applique, jusqu’à ce que le quotient soit donné.",
            "Pour tous : 3,80 €.",
        ),
    )


def test_the_quotient_is_the_last_known_on_the_day(unit, tariff, household):
    make_version(tariff, *BRACKETS)
    for cents, day in ((90_000, date(2026, 1, 1)), (70_000, DAY), (95_000, DAY + timedelta(days=1))):
        QuotientFamilial.objects.create(household=household, amount_cents=cents, valid_on=day)
    days = (date(2025, 12, 31), DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))
    make_version(tariff, *BRACKETS, valid_from=date(2025, 9, 1))
    assert [quote(household, unit, day=day).cents for day in days] == [380, 380, 360, 380]


def test_a_version_begins_at_midnight_of_its_day(unit, tariff, household):
    old = make_version(tariff, Line(price_cents=300))
    new = make_version(tariff, Line(price_cents=310), valid_from=date(2027, 1, 1))
    prices = prices_of([unit], household=household)
    made = [
        prices.quote(unit, first_child(household), day, day_kind="school", is_late=False).version_id
        for day in (SEPTEMBER, date(2026, 12, 31), date(2027, 1, 1), date(2027, 6, 30))
    ]
    assert made == [old.id, old.id, new.id, new.id]


def test_before_the_first_version_no_price_is_guessed(unit, tariff, household):
    make_version(tariff, Line(price_cents=300))
    with pytest.raises(NoTariffError) as refusal:
        quote(household, unit, day=SEPTEMBER - timedelta(days=1))
    told = ("« Repas » n’a pas de tarif le 31 août 2026. Appelez la mairie : aucun prix n’est deviné.",)
    assert plain(refusal.value.message) == told


def test_a_unit_without_tariff_has_no_price(unit, household):
    with pytest.raises(NoTariffError, match="n’a pas de tarif"):
        quote(household, unit)


def test_a_grid_that_forgets_a_family_gives_no_price(unit, tariff, household):
    make_version(tariff, Line(price_cents=300, town_links=("working",)))
    with pytest.raises(NoTariffError, match="mais qui ne prévoit pas ce cas"):
        quote(household, unit)


def test_a_child_of_another_file_has_no_price_here(unit, tariff, household):
    make_version(tariff, Line(price_cents=300))
    stranger = first_child(make_household(with_login=False))
    with pytest.raises(NoTariffError, match="un enfant d’un autre dossier"):
        quote(household, unit, child=stranger)


def test_ranks_follow_birth_dates_and_an_unknown_one_is_last(unit, tariff, household):
    make_version(tariff, Line(price_cents=200, rank_from=3), Line(price_cents=250, rank_from=2), Line(price_cents=300))
    elder, second = household.children.order_by("birth_date")
    third = first_child(make_household(with_login=False))
    household.child_places.create(child=third, position=3)
    Child.objects.filter(pk=second.pk).update(birth_date=None)
    asked = {child: quote(household, unit, child=child).cents for child in (elder, second, third)}
    assert asked == {elder: 300, third: 250, second: 200}


def test_twins_keep_the_order_of_their_file(unit, tariff, household):
    make_version(tariff, Line(price_cents=250, rank_from=2), Line(price_cents=300))
    Child.objects.update(birth_date=date(2018, 3, 1))
    one, two = (place.child for place in household.child_places.order_by("position"))
    assert [quote(household, unit, child=child).cents for child in (one, two)] == [300, 250]


@pytest.mark.parametrize(("units", "versions"), [(1, 1), (6, 4)])
def test_prices_of_many_units_cost_as_many_queries(regie, household, django_assert_num_queries, units, versions):
    made = [make_unit(regie) for _ in range(units)]
    for unit in made:
        tariff = make_tariff(regie, unit)
        for year in range(versions):
            make_version(tariff, *BRACKETS, valid_from=date(2020 + year, 9, 1))
    child = first_child(household)
    with django_assert_num_queries(5):
        prices = prices_of(made, household=household)
        quotes = [prices.quote(unit, child, DAY, day_kind="school", is_late=True) for unit in made]
    assert {one.cents for one in quotes} == {380}
