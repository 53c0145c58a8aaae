"""What the database refuses about the town, and what set-up refuses before it."""

import pytest
from django.core.exceptions import ValidationError

from preau.domain.town.models import Town, TownService
from preau.domain.town.queries import TownMissingError, the_town
from tests.support.factories import make_town
from tests.support.refusals import refused_by


def test_a_second_town_is_refused(db):
    make_town()
    with refused_by("an_installation_serves_one_town"):
        Town.objects.create(id=2, name="Ailleurs")


def test_a_history_of_less_than_a_year_is_refused(db):
    with refused_by("town_history_lasts_at_least_a_year"):
        make_town(history_months=11)


def test_two_services_of_one_name_are_refused(db):
    TownService.objects.create(name="Accueil")
    with refused_by("town_service_names_differ"):
        TownService.objects.create(name="Accueil")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Europe/Lille"),
        ("time_zone", "../../etc/passwd"),
        ("primary_colour", "red"),
        ("secondary_colour", "#1e4a86;}body{display:none"),
        ("primary_colour", "#1e4a86\n"),
    ],
)
def test_set_up_refuses_a_zone_or_a_colour_that_is_none(db, field, value):
    town = make_town()
    setattr(town, field, value)
    with pytest.raises(ValidationError) as refusal:
        town.full_clean()
    assert set(refusal.value.message_dict) == {field}


def test_the_zone_of_the_town_is_the_one_that_was_chosen(db):
    assert str(make_town(time_zone="America/Martinique").zone) == "America/Martinique"


def test_the_colours_change_the_address_of_the_stylesheet(db):
    assert make_town().theme_version == "1e4a86-a8452c"
    assert make_town(primary_colour="#000000").theme_version == "000000-a8452c"


def test_an_installation_without_town_says_what_to_run(db):
    with pytest.raises(TownMissingError, match="preau init-town"):
        the_town()
