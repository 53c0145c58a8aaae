"""What a month of a care contract holds and costs, for any hours: whole minutes, whole cents, nothing drifts (V02)."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.bookings.rules.contracts import Hours, Terms, faults, monthly, most_months, most_weeks

_NINE, _NOON, _FIVE = 540, 720, 1020


@st.composite
def _weeks_of_care(draw):
    """One to seven days of the week, each with hours."""
    weekdays = draw(st.sets(st.integers(0, 6), min_size=1))
    spans = [sorted(draw(st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True))) for _ in weekdays]
    return [Hours(weekday, *span) for weekday, span in zip(sorted(weekdays), spans, strict=True)]


_CASE = {
    "hours": _weeks_of_care(),
    "weeks": st.integers(1, 53),
    "months": st.integers(1, 12),
    "hourly_cents": st.integers(0, 5_000),
}


def test_a_month_is_the_hours_of_the_contract_shared_by_its_months():
    """46 weeks of 26 h over 12 months at 1,80 €: 99 h 40 a month, 179,40 €."""
    found = monthly(
        [Hours(0, 540, 1020), Hours(1, 540, 1020), Hours(3, 480, 1080)], weeks=46, months=12, hourly_cents=180
    )
    assert (found.weekly_minutes, found.total_minutes) == (26 * 60, 26 * 60 * 46)
    assert (found.minutes, found.cents) == (99 * 60 + 40, 17940)


@given(**_CASE)
def test_the_minutes_of_a_month_are_the_nearest_whole_ones(hours, weeks, months, hourly_cents):
    found = monthly(hours, weeks=weeks, months=months, hourly_cents=hourly_cents)
    exact = Fraction(found.total_minutes, months)
    assert -Fraction(1, 2) <= exact - found.minutes < Fraction(1, 2)


@given(**_CASE)
def test_a_family_that_multiplies_finds_the_sum_it_reads(hours, weeks, months, hourly_cents):
    found = monthly(hours, weeks=weeks, months=months, hourly_cents=hourly_cents)
    exact = Fraction(found.minutes * hourly_cents, 60)
    assert -Fraction(1, 2) <= exact - found.cents < Fraction(1, 2)


@given(**_CASE)
def test_the_months_together_are_the_contract_but_for_the_roundings(hours, weeks, months, hourly_cents):
    """A tenth of the price of an hour and six cents a year, as the module says."""
    found = monthly(hours, weeks=weeks, months=months, hourly_cents=hourly_cents)
    exact = Fraction(found.total_minutes * hourly_cents, 60)
    assert abs(found.cents * months - exact) <= Fraction(hourly_cents, 10) + 6


@given(**_CASE, more=st.integers(1, 600))
def test_more_hours_or_a_dearer_hour_never_cost_less(hours, weeks, months, hourly_cents, more):
    found = monthly(hours, weeks=weeks, months=months, hourly_cents=hourly_cents)
    longer = monthly([*hours, Hours(0, 0, more)], weeks=weeks, months=months, hourly_cents=hourly_cents)
    dearer = monthly(hours, weeks=weeks, months=months, hourly_cents=hourly_cents + more)
    assert found.cents <= longer.cents
    assert found.cents <= dearer.cents
    assert found.minutes <= longer.minutes


@given(**_CASE)
def test_amounts_are_whole_numbers_never_negative(hours, weeks, months, hourly_cents):
    found = monthly(hours, weeks=weeks, months=months, hourly_cents=hourly_cents)
    for value in (found.weekly_minutes, found.total_minutes, found.minutes, found.cents):
        assert type(value) is int
        assert value >= 0


@pytest.mark.parametrize(
    ("first", "last", "weeks", "months"),
    [
        (date(2026, 11, 16), date(2026, 11, 22), 1, 1),
        (date(2026, 11, 15), date(2026, 11, 16), 2, 1),
        (date(2026, 12, 31), date(2027, 1, 1), 1, 2),
        (date(2026, 9, 1), date(2027, 8, 31), 53, 12),
        (date(2026, 9, 1), date(2028, 8, 31), 53, 12),
        (date(2028, 2, 29), date(2028, 2, 29), 1, 1),
    ],
)
def test_a_contract_has_no_more_weeks_nor_months_than_its_days_touch(first, last, weeks, months):
    assert (most_weeks(first, last), most_months(first, last)) == (weeks, months)


def _terms(**values) -> Terms:
    usual = {
        "first_day": date(2026, 11, 16), "last_day": date(2026, 12, 4), "hours": (Hours(0, _NINE, _NOON),),
        "weeks": 3, "months": 2,
    }  # fmt: skip
    return Terms(**{**usual, **values})


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"hours": ()}, "hours", "Donnez les heures d’un jour au moins."),
        ({"hours": (Hours(5, _NINE, _NOON),)}, "day_5", "L’activité est fermée ce jour de la semaine."),
        ({"hours": (Hours(0, _NOON, _NINE),)}, "day_0", "Le départ vient avant l’arrivée."),
        ({"hours": (Hours(0, _NINE, _NINE),)}, "day_0", "Le départ vient avant l’arrivée."),
        ({"hours": (Hours(0, 449, _NOON),)}, "day_0", "Ouvert de 7\u202fh\u202f30 à 17\u202fh\u202f00."),
        ({"hours": (Hours(0, _NINE, 1021),)}, "day_0", "Ouvert de 7\u202fh\u202f30 à 17\u202fh\u202f00."),
        ({"last_day": date(2026, 11, 15)}, "last_day", "Le dernier jour vient avant le premier."),
        ({"weeks": 4}, "weeks", "De 1 à 3 semaines, du premier au dernier jour."),
        ({"weeks": 0}, "weeks", "De 1 à 3 semaines, du premier au dernier jour."),
        ({"months": 3}, "months", "De 1 à 2 mois, du premier au dernier jour."),
        ({"months": 0}, "months", "De 1 à 2 mois, du premier au dernier jour."),
    ],
)
def test_terms_that_cannot_be_signed_are_told_beside_their_field(values, field, said):
    (fault,) = faults(_terms(**values), opens_minute=450, closes_minute=_FIVE, weekdays=range(5))
    assert (fault.field, fault.message) == (field, said)


def test_terms_that_can_be_signed_have_no_fault():
    assert faults(_terms(), opens_minute=_NINE, closes_minute=_NOON, weekdays=[0]) == []


def test_days_foreseen_are_those_of_the_weekdays_alone():
    assert _terms().days == [date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 30)]
