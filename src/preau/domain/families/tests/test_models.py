"""What the database itself refuses about families."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from preau.domain.families.models import Child, ChildHome, Guardian, Household, QuotientFamilial
from preau.foundation import clock
from tests.support.factories import make_household
from tests.support.refusals import refused_by


def _refused(make, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


@pytest.mark.parametrize(("file_number", "file_name"), [("", "ROUX"), ("101", "")])
def test_a_household_without_number_or_name_is_refused(db, file_number, file_name):
    _refused(
        lambda: Household.objects.create(file_number=file_number, file_name=file_name, created_at=clock.now()),
        "household_has_a_number_and_a_name",
    )


def test_two_guardians_of_one_rank_are_refused(household, couple):
    _refused(
        lambda: Guardian.objects.create(household=household, position=1, last_name="Autre"),
        "guardians_of_a_household_have_ranks|families_guardian.household_id",
    )


def test_a_third_guardian_is_refused(household, couple):
    _refused(
        lambda: Guardian.objects.create(household=household, position=3, last_name="Autre"),
        "a_household_has_two_guardians_at_most",
    )


def test_a_guardian_without_name_is_refused(household):
    _refused(lambda: Guardian.objects.create(household=household, last_name=""), "guardian_has_a_name")


@pytest.mark.parametrize(("first_name", "last_name"), [("", "Roux"), ("Zoé", "")])
def test_a_child_without_both_names_is_refused(db, first_name, last_name):
    _refused(
        lambda: Child.objects.create(first_name=first_name, last_name=last_name), "child_has_a_first_and_a_last_name"
    )


def test_a_child_twice_in_a_household_is_refused(db):
    home = make_household(with_login=False)
    place = home.child_places.get()
    _refused(
        lambda: ChildHome.objects.create(child=place.child, household=home, position=2),
        "a_child_is_once_in_a_household|families_childhome.child_id",
    )


def test_two_children_of_one_rank_are_refused(db):
    home = make_household(with_login=False)
    other = Child.objects.create(first_name="Noé", last_name="Berger")
    _refused(
        lambda: ChildHome.objects.create(child=other, household=home, position=1),
        "children_of_a_household_have_ranks|families_childhome.household_id",
    )


def test_two_quotients_of_one_day_are_refused(household):
    QuotientFamilial.objects.create(household=household, amount_cents=1, valid_on=date(2026, 1, 1))
    _refused(
        lambda: QuotientFamilial.objects.create(household=household, amount_cents=2, valid_on=date(2026, 1, 1)),
        "one_quotient_per_household_and_date|families_quotientfamilial.household_id",
    )


@pytest.mark.parametrize(
    ("diet", "constraint"),
    [("no_pork", "a_diet_is_said_once_of_a_child"), ("halal", "a_diet_is_one_of_the_lawful_words")],
)
def test_diets(db, diet, constraint):
    child = make_household().children.get()
    child.diets.create(diet="no_pork")
    with refused_by(constraint):
        child.diets.create(diet=diet)
