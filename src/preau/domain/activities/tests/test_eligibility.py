"""Whether a child may come, by school, by age and by class."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.activities.rules.eligibility import age_in_months, age_words, refusal, refusal_by_school

days = st.dates(date(2026, 1, 1), date(2035, 12, 31))
births = st.dates(date(2014, 1, 1), date(2025, 12, 31))
ON = date(2026, 9, 1)


@dataclass
class Place:
    """An activity or a group, as the rule reads it."""

    min_age_months: int | None = None
    max_age_months: int | None = None
    levels: list[str] = field(default_factory=list)


@pytest.mark.parametrize(
    ("birth_date", "on", "months"),
    [
        (date(2023, 9, 1), ON, 36),
        (date(2023, 9, 2), ON, 35),
        (date(2020, 2, 29), date(2026, 2, 28), 72),
        (date(2020, 2, 29), date(2026, 2, 27), 71),
        (date(2020, 2, 29), date(2028, 2, 28), 95),
        (date(2020, 2, 29), date(2028, 2, 29), 96),
        (date(2026, 1, 31), date(2026, 4, 30), 3),
    ],
)
def test_an_age_is_in_whole_months(birth_date, on, months):
    assert age_in_months(birth_date, on=on) == months


@given(births, days)
def test_nobody_grows_younger(birth_date, on):
    today, tomorrow = (age_in_months(birth_date, on=day) for day in (on, on + timedelta(days=1)))
    assert 0 <= tomorrow - today <= 1


@pytest.mark.parametrize(
    ("place", "birth_date", "level", "said"),
    [
        (Place(), None, "", ""),
        (Place(36, 71), date(2023, 9, 1), "", ""),
        (Place(36, 71), date(2020, 9, 2), "", ""),
        (Place(36), date(2023, 9, 2), "", "Il faut avoir 3 ans le jour de l’accueil."),
        (Place(None, 71), date(2020, 9, 1), "", "Il faut avoir moins de 6 ans le jour de l’accueil."),
        (
            Place(3),
            None,
            "CP",
            "L’âge compte ici, et la date de naissance de l’enfant n’est pas connue de la mairie.",
        ),
        (Place(levels=["CP", "CE1"]), None, "CE1", ""),
        (Place(levels=["CP", "CE1"]), None, "CM2", "Réservé aux classes de CP, CE1\u202f: l’enfant est en CM2."),
        (
            Place(levels=["CP"]),
            None,
            "",
            "Réservé aux classes de CP\u202f: la classe de l’enfant n’est pas connue de la mairie.",
        ),
    ],
)
def test_a_child_who_does_not_fit_is_told_why(place, birth_date, level, said):
    assert refusal(place, birth_date=birth_date, level=level, on=ON) == said


@pytest.mark.parametrize(
    ("schools", "school", "said"),
    [
        ([], "", ""),
        ([], "École Pasteur", ""),
        (["École Jules-Ferry", "École Pasteur"], "ecole PASTEUR ", ""),
        (
            ["École Pasteur"],
            "",
            "Réservé aux enfants du secteur (École Pasteur)\u202f: l’école de l’enfant n’est pas connue de la mairie.",
        ),
        (
            ["École Jules-Ferry", "École Pasteur"],
            "École Prévert",
            (
                "Réservé aux enfants du secteur (École Jules-Ferry, École Pasteur)\u202f: "
                "l’école de l’enfant est École Prévert."
            ),
        ),
    ],
)
def test_a_child_of_another_sector_is_told_which(schools, school, said):
    assert refusal_by_school(schools, school) == said


@pytest.mark.parametrize(
    ("months", "said"),
    [(3, "3 mois"), (12, "1 an"), (18, "18 mois"), (24, "2 ans"), (30, "2 ans et 6 mois"), (108, "9 ans")],
)
def test_ages_are_said_as_people_say_them(months, said):
    assert age_words(months) == said
