"""What the database refuses about tariffs."""

from datetime import date
from decimal import Decimal

import pytest

from preau.domain.pricing.models import PriceLine, Tariff, TariffVersion, UnitTariff
from preau.domain.pricing.rules import Basis, Line
from preau.domain.pricing.tests.tariffs import make_tariff, make_version
from tests.support.refusals import refused_by, refused_with, save_again


@pytest.fixture
def version(tariff) -> TariffVersion:
    return make_version(tariff, Line(price_cents=100, rank_from=2), Line(price_cents=300))


def write(version, **values):
    PriceLine.objects.create(version=version, **{"position": 9, "price_cents": 300, **values})


def test_two_tariffs_of_a_regie_do_not_share_a_name(tariff):
    with refused_by("tariff_names_differ_within_a_regie"):
        make_tariff(tariff.regie, name=tariff.name)


def test_two_versions_do_not_begin_on_one_day(version):
    with refused_by("one_version_of_a_tariff_begins_on_a_day"):
        save_again(version)


def test_a_version_without_deliberation_is_refused(tariff):
    with refused_by("tariff_version_names_its_deliberation"):
        make_version(tariff, deliberation="")


def test_two_lines_do_not_share_a_rank(version):
    with refused_by("lines_of_a_tariff_version_have_ranks"):
        write(version, position=2)


def test_no_line_slips_in_before_the_first(version):
    with refused_by("price_lines_count_from_one"):
        write(version, position=0)


@pytest.mark.parametrize(
    "values",
    [
        {"price_cents": None},
        {"rate": Decimal("0.01")},
        {"basis": Basis.EFFORT, "rate": Decimal("0.01"), "floor_cents": 1, "ceiling_cents": 2},
        {"basis": Basis.EFFORT, "price_cents": None, "floor_cents": 1, "ceiling_cents": 2},
        {"basis": Basis.EFFORT, "price_cents": None, "rate": Decimal("0.01"), "floor_cents": 1},
        {"basis": Basis.EFFORT, "price_cents": None, "rate": Decimal("0.01"), "ceiling_cents": 1},
        {"basis": Basis.EFFORT, "price_cents": None, "rate": Decimal(0), "floor_cents": 1, "ceiling_cents": 2},
        {"basis": Basis.EFFORT, "price_cents": None, "rate": Decimal("1.1"), "floor_cents": 1, "ceiling_cents": 2},
        {"basis": Basis.EFFORT, "price_cents": None, "rate": Decimal("0.01"), "floor_cents": 3, "ceiling_cents": 2},
    ],
)
def test_a_line_that_has_neither_price_nor_rate_or_both_is_refused(version, values):
    with refused_by("price_line_says_its_price_or_its_rate"):
        write(version, **values)


@pytest.mark.parametrize(("low", "high"), [(5, 5), (None, 0), (6, 5)])
def test_a_bracket_that_ends_before_it_begins_is_refused(version, low, high):
    with refused_by("quotients_of_a_price_line_are_in_order"):
        write(version, quotient_from_cents=low, quotient_to_cents=high)


def test_a_rank_of_zero_is_refused(version):
    with refused_by("rank_of_a_price_line_counts_from_one"):
        write(version, rank_from=0)


def test_a_version_and_its_lines_never_change(version):
    with refused_with("pricing_tariffversion is written once"):
        TariffVersion.objects.update(cap_cents=1)
    with refused_with("pricing_priceline is written once"):
        PriceLine.objects.update(price_cents=1)


def test_a_line_does_not_leave_its_version(version):
    with refused_with("rows of pricing_priceline are kept with their pricing_tariffversion"):
        version.lines.first().delete()


def test_a_unit_has_one_tariff(tariff, unit):
    attached = UnitTariff.objects.get(unit=unit)
    with refused_with("pricing_unittariff"):
        UnitTariff.objects.create(unit=unit, tariff=attached.tariff)


def test_what_is_shown_of_each_names_it(version, unit):
    assert str(Tariff.objects.get()) == "Restauration"
    assert str(version) == f"{version.tariff_id} {date(2026, 9, 1)}"
    assert str(version.lines.first()) == f"{version.id}.1"
    assert str(UnitTariff.objects.get()) == f"{unit.id}: {version.tariff_id}"
