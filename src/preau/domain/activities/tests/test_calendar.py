"""The town's calendar: official calendars, files of overseas academies, and each writing told and refused."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from preau.domain.activities.errors import (
    ActivityError,
    FileRefusedError,
    StillUsedError,
    UnknownCalendarError,
)
from preau.domain.activities.holiday_file import read_holidays
from preau.domain.activities.models import Closure, PublicHoliday, SchoolHoliday, SchoolYear
from preau.domain.activities.official import (
    Territory,
    Zone,
    likely_territory,
    public_holidays,
    zone_holidays,
)
from preau.domain.activities.rules.calendar import Span
from preau.domain.activities.services import calendar
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from tests.support.activities import make_activity, make_armistice, make_autumn_holidays, make_school_year

FIRST, LAST = date(2026, 9, 1), date(2027, 8, 31)
YEAR = Span("2026 / 2027", FIRST, LAST)
AUTUMN = Span("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1))
CHRISTMAS = Span("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3))


def test_the_three_zones_share_autumn_and_differ_in_winter():
    winters = {}
    for zone in Zone:
        found = {span.name: span for span in zone_holidays(zone, first=FIRST, last=LAST)}
        assert found["Vacances de la Toussaint"] == AUTUMN
        assert found["Vacances de Noël"] == CHRISTMAS
        winters[zone] = found["Vacances d’hiver"].first_day
    assert winters == {Zone.A: date(2027, 2, 13), Zone.B: date(2027, 2, 20), Zone.C: date(2027, 2, 6)}


@pytest.mark.parametrize("year", range(2018, 2028))
def test_holidays_of_ten_years_are_in_order_and_never_cross(year):
    for zone in Zone:
        spans = zone_holidays(zone, first=date(year, 9, 1), last=date(year + 1, 8, 31))
        assert len(spans) >= 5
        for before, after in pairwise(spans):
            assert before.first_day <= before.last_day < after.first_day


def test_what_the_library_does_not_know_is_said():
    with pytest.raises(UnknownCalendarError) as refused:
        zone_holidays(Zone.B, first=date(2031, 9, 1), last=date(2032, 8, 31))
    assert "n’est connu que jusqu’au" in refused.value.message


def named(territory: Territory) -> dict[str, bool]:
    found = public_holidays(territory, first=FIRST, last=LAST)
    return {f"{one.day} {one.name}": one.is_customary for one in found}


def test_martinique_adds_its_own_days_two_of_them_by_custom():
    added = {key: value for key, value in named(Territory.MARTINIQUE).items() if key not in named(Territory.METROPOLE)}
    assert added == {
        "2027-03-26 Vendredi saint": True,
        "2027-05-22 Abolition de l’esclavage": False,
        "2027-07-21 Fête de Victor Schoelcher": True,
    }


@pytest.mark.parametrize("territory", [Territory.ALSACE, Territory.MOSELLE])
def test_alsace_and_moselle_add_two_days(territory):
    added = set(named(territory)) - set(named(Territory.METROPOLE))
    assert added == {"2026-12-26 Saint-Étienne", "2027-03-26 Vendredi saint"}


def test_days_are_said_as_families_say_them():
    found = public_holidays(Territory.METROPOLE, first=date(2026, 11, 1), last=date(2026, 11, 30))
    assert [one.label for one in found] == [
        "dimanche 1er\u00a0novembre 2026\u202f: Toussaint",
        "mercredi 11\u00a0novembre 2026\u202f: 11 novembre",
    ]


@pytest.mark.parametrize("territory", list(Territory))
def test_every_territory_is_known(territory):
    assert len(public_holidays(territory, first=FIRST, last=LAST)) >= 11


def test_two_holidays_of_one_day_are_both_named():
    found = public_holidays(Territory.METROPOLE, first=date(2008, 5, 1), last=date(2008, 5, 1))
    assert {one.name for one in found} == {"Ascension, 1er mai"}


def test_a_time_zone_suggests_a_territory():
    assert likely_territory("America/Martinique") is Territory.MARTINIQUE
    assert likely_territory("Europe/Paris") is Territory.METROPOLE


FILE = "Nom;Premier jour;Dernier jour\n"


def test_an_overseas_file_is_read_in_the_order_of_its_days():
    text = (
        f"{FILE}Vacances de Noël;19/12/2026;2027-01-03\n"
        "Vacances de la Toussaint;17/10/2026;01/11/2026\n"
        "Été;1/7/2026;31/8/2026\n"
    )
    found = read_holidays(text.encode(), year=YEAR)
    assert (found.holidays, found.left_aside) == ((AUTUMN, CHRISTMAS), 1)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            "Toussaint;17/10/2026;16/10/2026\n",
            "Ligne 2, colonne «\u202fDernier jour\u202f»\u202f: avant le premier jour",
        ),
        (
            "Toussaint;31/02/2026;16/10/2026\n",
            (
                "Ligne 2, colonne «\u202fPremier jour\u202f»\u202f: "
                "«\u202f31/02/2026\u202f» n’existe pas dans le calendrier"
            ),
        ),
        (";17/10/2026;18/10/2026\n", "Ligne 2, colonne «\u202fNom\u202f»\u202f: case vide"),
        ("A;17/10/2026;18/10/2026\nB;18/10/2026;20/10/2026\n", "Ligne 3\u202f: chevauche «\u202fA\u202f» (ligne 2)"),
        ("", "Ligne 1\u202f: aucune ligne sous la ligne d’en-tête"),
    ],
)
def test_a_fault_of_a_file_is_told_by_line(rows, told):
    with pytest.raises(FileRefusedError) as refused:
        read_holidays(f"{FILE}{rows}".encode(), year=YEAR)
    assert [str(fault) for fault in refused.value.faults] == [told]


def test_every_fault_is_told_at_once():
    with pytest.raises(FileRefusedError) as refused:
        read_holidays(f"{FILE};x;18/10/2026\nB;y;20/10/2026\n".encode(), year=YEAR)
    assert [fault.line for fault in refused.value.faults] == [2, 2, 3]


def test_the_ministry_s_titles_are_refused_for_they_mean_other_days():
    text = "description;start_date;end_date\nVacances de la Toussaint;2026-10-16;2026-11-02\n"
    with pytest.raises(FileRefusedError) as refused:
        read_holidays(text.encode(), year=YEAR)
    assert "colonne absente" in str(refused.value.faults[0])


def test_the_real_calendar_of_martinique(shared_data):
    """Its last summer has no last day yet: the file waits for it, then is taken."""
    content = (shared_data / "school-calendar" / "martinique-vacances-2023-2026.csv").read_bytes()
    year = Span("2024 / 2025", date(2024, 9, 1), date(2025, 8, 31))
    with pytest.raises(FileRefusedError) as refused:
        read_holidays(content, year=year)
    [fault] = refused.value.faults
    assert (fault.column, fault.reason) == ("dernier_jour_sans_classe", "case vide")
    lines = content.splitlines(keepends=True)
    found = read_holidays(b"".join(lines[: fault.line - 1] + lines[fault.line :]), year=year)
    carnival = next(span for span in found.holidays if "Carnaval" in span.name)
    assert len(found.holidays) >= 5
    assert found.left_aside >= 5
    assert carnival.last_day - carnival.first_day == timedelta(days=14)


in_database = pytest.mark.django_db


@in_database
def test_replacing_holidays_tells_what_it_changes():
    year = make_school_year()
    first = calendar.replace_holidays(year=year, holidays=[AUTUMN, CHRISTMAS], by=SYSTEM)
    assert first.is_first
    longer = Span(AUTUMN.name, AUTUMN.first_day, AUTUMN.last_day + timedelta(days=1))
    seen = calendar.compare_holidays(year=year, holidays=[longer])
    assert SchoolHoliday.objects.count() == 2
    done = calendar.replace_holidays(year=year, holidays=[longer], by=SYSTEM)
    assert seen == done
    assert done.closing == (date(2026, 11, 2),)
    assert (done.opening[0], len(done.opening)) == (CHRISTMAS.first_day, 16)
    assert SchoolHoliday.objects.get().last_day == date(2026, 11, 2)
    assert calendar.compare_holidays(year=year, holidays=[longer]).is_none


@in_database
def test_holidays_of_other_years_stay():
    SchoolHoliday.objects.create(name="Été 2026", first_day=date(2026, 7, 4), last_day=date(2026, 8, 31))
    calendar.replace_holidays(year=make_school_year(), holidays=[AUTUMN], by=SYSTEM)
    assert SchoolHoliday.objects.count() == 2


@in_database
@pytest.mark.parametrize(
    ("holidays", "said"),
    [
        ([Span("Été", date(2027, 9, 1), date(2027, 9, 2))], "Été ne commence pas dans l’année 2026 / 2027."),
        (
            [AUTUMN, Span("Pont", AUTUMN.last_day, CHRISTMAS.last_day)],
            "Pont et Vacances de la Toussaint se chevauchent.",
        ),
    ],
)
def test_holidays_that_cannot_be_are_refused_whole(holidays, said):
    year = make_school_year()
    calendar.replace_holidays(year=year, holidays=[CHRISTMAS], by=SYSTEM)
    with pytest.raises(ActivityError) as refused:
        calendar.replace_holidays(year=year, holidays=holidays, by=SYSTEM)
    assert refused.value.message == said
    assert SchoolHoliday.objects.get().name == CHRISTMAS.name


@in_database
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"label": "2027", "first_day": LAST, "last_day": LAST}, "last_day"),
        ({"label": "2026 / 2027", "first_day": date(2028, 9, 1), "last_day": date(2029, 8, 31)}, "label"),
        ({"label": "2027", "first_day": LAST, "last_day": date(2028, 8, 31)}, "first_day"),
    ],
)
def test_a_school_year_that_cannot_be_is_refused(values, field):
    make_school_year()
    with pytest.raises(ActivityError) as refused:
        calendar.save_school_year(**values, by=SYSTEM)
    assert refused.value.field == field
    assert SchoolYear.objects.count() == 1


@in_database
def test_a_school_year_is_changed_then_kept_while_it_has_activities():
    year = make_school_year()
    calendar.save_school_year(label="2026-2027", first_day=FIRST, last_day=LAST, by=SYSTEM, year=year)
    activity = make_activity(school_year=year)
    with pytest.raises(StillUsedError):
        calendar.remove_school_year(year=year, by=SYSTEM)
    activity.delete()
    calendar.remove_school_year(year=year, by=SYSTEM)
    assert not SchoolYear.objects.exists()


@in_database
def test_one_holiday_is_added_changed_and_removed():
    made = calendar.save_holiday(name="Pont", first_day=date(2027, 5, 7), last_day=date(2027, 5, 7), by=SYSTEM)
    calendar.save_holiday(name="Pont", first_day=date(2027, 5, 6), last_day=date(2027, 5, 7), by=SYSTEM, holiday=made)
    for first, last, field in [
        (date(2027, 5, 7), date(2027, 5, 9), "first_day"),
        (date(2027, 5, 9), date(2027, 5, 8), "last_day"),
    ]:
        with pytest.raises(ActivityError) as refused:
            calendar.save_holiday(name="Autre", first_day=first, last_day=last, by=SYSTEM)
        assert refused.value.field == field
    calendar.remove_holiday(holiday=made, by=SYSTEM)
    assert not SchoolHoliday.objects.exists()
    assert list(AuditEvent.objects.values_list("action", flat=True)) == [
        "school_holiday_saved",
        "school_holiday_saved",
        "school_holiday_removed",
    ]


@in_database
def test_public_holidays_are_kept_once():
    make_armistice()
    days = [(one.day, one.name) for one in public_holidays(Territory.MARTINIQUE, first=FIRST, last=LAST)]
    assert calendar.add_public_holidays(days=days, by=SYSTEM) == len(days) - 1
    assert calendar.add_public_holidays(days=days, by=SYSTEM) == 0
    with pytest.raises(ActivityError) as refused:
        calendar.add_public_holiday(day=date(2026, 11, 11), name="Fête de la ville", by=SYSTEM)
    assert refused.value.message == "Le 11\u00a0novembre 2026 est déjà férié\u202f: 11 novembre."
    calendar.remove_public_holiday(holiday=PublicHoliday.objects.get(day=date(2026, 11, 11)), by=SYSTEM)
    calendar.add_public_holiday(day=date(2026, 11, 11), name="Fête de la ville", by=SYSTEM)
    assert AuditEvent.objects.count() == 3


@in_database
def test_days_are_closed_and_opened_again():
    activity = make_activity()
    with pytest.raises(ActivityError):
        calendar.close_days(first_day=LAST, last_day=FIRST, reason="grève", by=SYSTEM)
    for where in ({}, {"site": activity.site}, {"activity": activity}):
        calendar.close_days(first_day=FIRST, last_day=FIRST, reason="grève", by=SYSTEM, **where)
    for closure in Closure.objects.all():
        calendar.reopen_days(closure=closure, by=SYSTEM)
    assert not Closure.objects.exists()
    subjects = ["town", activity.site.public_id, activity.public_id]
    assert list(AuditEvent.objects.values_list("subject", flat=True)) == subjects * 2


@in_database
def test_autumn_holidays_of_the_builders_are_the_official_ones():
    held = make_autumn_holidays()
    assert Span(held.name, held.first_day, held.last_day) == AUTUMN
