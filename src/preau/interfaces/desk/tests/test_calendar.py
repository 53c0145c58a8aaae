"""The calendar as agents keep it: years, holidays taken from a calendar or typed, public holidays, closures."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from preau.domain.activities.models import Closure, PublicHoliday, SchoolHoliday, SchoolYear
from preau.interfaces.desk.tests.conftest import hire
from tests.support.activities import make_activity, make_armistice, make_autumn_holidays, make_school_year
from tests.support.factories import make_regie, make_town
from tests.support.offer import make_offer
from tests.support.pages import main_words, words

pytestmark = pytest.mark.django_db

HOME = "/bureau/calendrier/"


@pytest.fixture
def year(payer) -> SchoolYear:
    return make_school_year()


def fill(agent, year, **typed):
    return agent.client.post(f"{HOME}annees/{year.pk}/vacances/", typed)


def test_an_empty_calendar_says_where_to_begin(payer, nadege):
    page = main_words(nadege.get(HOME))
    assert "Aucune année scolaire." in page
    answer = nadege.client.post(
        f"{HOME}annees/nouvelle/", {"label": "2026 / 2027", "first_day": "2026-09-01", "last_day": "2027-08-31"}
    )
    assert answer["Location"] == HOME
    page = main_words(nadege.get(HOME))
    assert "L’année 2026 / 2027 est ouverte." in page
    assert "Du mardi 1er septembre 2026 au mardi 31 août 2027." in page
    assert "tous les jours de l’année sont des jours d’école" in page


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(year, nadege):
    answer = nadege.client.post(
        f"{HOME}annees/nouvelle/", {"label": "2027", "first_day": "2027-08-01", "last_day": "2028-08-31"}
    )
    page = answer.content.decode()
    assert "Ces jours chevauchent l’année 2026 / 2027." in words(answer, status=422)
    assert 'value="2027-08-01"' in page
    assert 'aria-describedby="id_first_day-aide id_first_day-erreur"' in page
    assert SchoolYear.objects.count() == 1


def test_a_year_is_changed_and_removed(year, nadege):
    path = f"{HOME}annees/{year.pk}/"
    nadege.client.post(path, {"label": "2026-2027", "first_day": "2026-09-01", "last_day": "2027-07-31"})
    assert SchoolYear.objects.get().label == "2026-2027"
    activity = make_activity(school_year=SchoolYear.objects.get())
    assert "L’année 2026-2027 a des activités." in words(nadege.client.post(f"{path}retirer/", follow=True))
    activity.delete()
    assert "Possible tant qu’elle n’a aucune activité." in words(nadege.get(f"{path}retirer/"))
    assert "L’année est retirée." in words(nadege.client.post(f"{path}retirer/", follow=True))


@pytest.mark.parametrize(
    ("zone", "winter"), [("A", date(2027, 2, 13)), ("B", date(2027, 2, 20)), ("C", date(2027, 2, 6))]
)
def test_a_first_official_calendar_is_taken_at_once(year, nadege, zone, winter):
    answer = fill(nadege, year, source=zone)
    assert answer["Location"] == f"{HOME}?annee={year.pk}"
    assert SchoolHoliday.objects.get(name="Vacances d’hiver").first_day == winter
    assert "6 périodes de vacances pour 2026 / 2027." in words(nadege.get(HOME))


def test_another_calendar_is_shown_before_it_takes_its_place(year, nadege):
    make_autumn_holidays()
    typed = "Vacances de la Toussaint ; 17/10/2026 ; 02/11/2026\nPont ; 07/05/2027 ; 07/05/2027"
    answer = fill(nadege, year, source="texte", typed=typed)
    page = main_words(answer)
    assert "Remplacer les vacances 2026 / 2027 ?" in page
    assert "2 jours : le lundi 2 novembre 2026, le vendredi 7 mai 2027." in page
    assert "ne sont ni annulées ni remboursées d’elles-mêmes" in page
    assert SchoolHoliday.objects.count() == 1
    fill(nadege, year, source="texte", typed=typed, replace="1")
    assert list(SchoolHoliday.objects.values_list("last_day", flat=True)) == [date(2026, 11, 2), date(2027, 5, 7)]


def test_days_that_become_days_of_school_are_told(year, nadege):
    make_autumn_holidays()
    page = main_words(fill(nadege, year, source="texte", typed="Pont ; 17/10/2026 ; 18/10/2026"))
    assert "14 jours : du lundi 19 octobre 2026 au dimanche 1er novembre 2026." in page
    same = main_words(fill(nadege, year, source="texte", typed="Vacances de la Toussaint;17/10/2026;01/11/2026"))
    assert "Rien : ce sont les mêmes dates." in same


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"typed": "Pont"}, "Choisissez d’où viennent les dates."),
        ({"source": "fichier"}, "Choisissez un fichier."),
        ({"source": "texte", "typed": " "}, "Tapez au moins une ligne."),
        ({"source": "texte", "typed": "Pont ; demain ; 18/10/2026"}, "Ligne 2 colonne « premier jour »"),
        ({"source": "texte", "typed": "A;17/10/2026;18/10/2026\nB;18/10/2026;19/10/2026"}, "chevauche « A » (ligne 2)"),
    ],
)
def test_dates_that_cannot_be_read_are_told_and_kept(year, nadege, typed, told):
    answer = fill(nadege, year, **typed)
    assert told in words(answer, status=422)
    assert typed.get("typed", "").strip() in answer.content.decode()
    assert not SchoolHoliday.objects.exists()


def test_a_file_of_an_overseas_academy_is_taken(year, nadege):
    content = b"nom;premier jour;dernier jour\nCarnaval;06/02/2027;14/02/2027\n"
    assert fill(nadege, year, source="fichier", file=SimpleUploadedFile("martinique.csv", content)).status_code == 302
    assert SchoolHoliday.objects.get().name == "Carnaval"


def test_a_file_too_large_is_not_read(year, nadege):
    file = SimpleUploadedFile("gros.csv", b"x" * 1_000_001)
    assert "Ce fichier dépasse 1 Mo." in words(fill(nadege, year, source="fichier", file=file), status=422)


def test_a_year_that_the_library_does_not_know_is_said(payer, nadege):
    year = make_school_year("2031 / 2032", first_day=date(2031, 9, 1), last_day=date(2032, 8, 31))
    assert "n’est connu que jusqu’au" in words(fill(nadege, year, source="A"), status=422)


def test_one_period_is_added_changed_and_removed(year, nadege):
    typed = {"name": "Pont", "first_day": "2027-05-07", "last_day": "2027-05-07"}
    nadege.client.post(f"{HOME}annees/{year.pk}/vacances/ajouter/", typed)
    held = SchoolHoliday.objects.get()
    refused = nadege.client.post(f"{HOME}vacances/{held.pk}/", {**typed, "last_day": "2027-05-06"})
    assert "Le dernier jour vient avant le premier." in words(refused, status=422)
    nadege.client.post(f"{HOME}vacances/{held.pk}/", {**typed, "last_day": "2027-05-08"})
    held.refresh_from_db()
    assert held.last_day == date(2027, 5, 8)
    assert "Ces jours redeviendront des jours d’école." in words(nadege.get(f"{HOME}vacances/{held.pk}/retirer/"))
    nadege.client.post(f"{HOME}vacances/{held.pk}/retirer/")
    assert not SchoolHoliday.objects.exists()


def test_martinique_is_offered_its_own_days_custom_unticked(year, nadege):
    make_town(time_zone="America/Martinique")
    page = nadege.get(f"{HOME}annees/{year.pk}/feries/").content.decode()
    assert 'value="2027-05-22" id="id_days_10" checked' in page
    assert 'value="2027-03-26"' in page
    assert 'value="2027-03-26" id="id_days_4" checked' not in page
    path = f"{HOME}annees/{year.pk}/feries/?territoire=972"
    answer = nadege.client.post(path, {"days": ["2027-05-22", "2027-07-21"]}, follow=True)
    assert "2 jours fériés de plus." in words(answer)
    assert list(PublicHoliday.objects.values_list("name", flat=True)) == [
        "Abolition de l’esclavage",
        "Fête de Victor Schoelcher",
    ]
    assert 'value="2027-05-22"' not in nadege.get(path).content.decode()


def test_a_day_of_another_year_is_refused(year, nadege):
    answer = nadege.client.post(f"{HOME}annees/{year.pk}/feries/", {"days": ["2030-05-22"]})
    assert "Ce jour n’est pas de cette année." in words(answer, status=422)


def test_a_local_day_is_kept_once_then_removed(year, nadege):
    path = f"{HOME}feries/nouveau/"
    nadege.client.post(path, {"day": "2026-12-04", "name": "Sainte-Barbe"})
    answer = nadege.client.post(path, {"day": "2026-12-04", "name": "Encore"})
    assert "Le 4 décembre 2026 est déjà férié : Sainte-Barbe." in words(answer, status=422)
    held = PublicHoliday.objects.get()
    assert "redeviendra un jour ordinaire" in words(nadege.get(f"{HOME}feries/{held.pk}/retirer/"))
    nadege.client.post(f"{HOME}feries/{held.pk}/retirer/")
    assert not PublicHoliday.objects.exists()


def test_the_town_a_site_and_an_activity_are_closed_with_a_reason(payer, year, nadege):
    activity = make_activity(regie=payer.regie)
    days = {"first_day": "2026-12-01", "last_day": "2026-12-02"}
    for where, reason in [
        ("commune", "Tempête"),
        (f"lieu-{activity.site.public_id}", "Travaux"),
        (f"activite-{activity.public_id}", "Grève"),
    ]:
        nadege.client.post(f"{HOME}fermetures/nouvelle/", {**days, "where": where, "reason": reason})
    page = main_words(nadege.get(HOME))
    assert "Toute la commune Tempête" in page
    assert "École Jules-Ferry Travaux" in page
    assert "Cantine Jules-Ferry Grève" in page
    nadege.client.post(f"{HOME}fermetures/{Closure.objects.get(reason='Grève').pk}/retirer/")
    assert "Grève" not in main_words(nadege.get(f"{HOME}?annee={year.pk}")).replace("C’est rouvert", "")


def test_a_closure_without_reason_or_backwards_is_refused(payer, year, nadege):
    typed = {"where": "commune", "first_day": "2026-12-02", "last_day": "2026-12-01", "reason": ""}
    answer = nadege.client.post(f"{HOME}fermetures/nouvelle/", typed)
    assert "À remplir." in words(answer, status=422)
    answer = nadege.client.post(f"{HOME}fermetures/nouvelle/", {**typed, "reason": "Grève"})
    assert "Le dernier jour vient avant le premier." in words(answer, status=422)
    assert not Closure.objects.exists()


def test_another_regies_activity_is_neither_closed_nor_reopened(payer, year, nadege, elsewhere):
    offer = make_offer(payer.regie)
    typed = {"first_day": "2026-12-02", "last_day": "2026-12-02", "reason": "Grève"}
    where = f"activite-{offer.activity.public_id}"
    answer = elsewhere.client.post(f"{HOME}fermetures/nouvelle/", {**typed, "where": where})
    assert "Choisissez ce qui ferme." in words(answer, status=422)
    path = f"{HOME}fermetures/{offer.keys['closure_id']}/retirer/"
    assert elsewhere.client.post(path).status_code == 404
    assert "Grève" not in main_words(elsewhere.get(HOME))
    assert Closure.objects.count() == 1


@pytest.mark.parametrize("day", ["1026-09-01", "demain", ""])
def test_a_day_that_is_none_is_refused(payer, nadege, day):
    typed = {"label": "x", "first_day": day, "last_day": "2027-08-31"}
    assert nadege.client.post(f"{HOME}annees/nouvelle/", typed).status_code == 422
    assert not SchoolYear.objects.exists()


def test_the_calendar_costs_the_same_whatever_it_holds(payer, year, nadege, django_assert_num_queries):
    nadege.get(HOME)
    with django_assert_num_queries(11):
        nadege.get(HOME)
    make_autumn_holidays()
    make_armistice()
    for rank in range(1, 4):
        activity = make_activity(f"Étude {rank}", regie=payer.regie)
        for where in ({"activity": activity}, {"site": activity.site}):
            Closure.objects.create(first_day=date(2026, 12, rank), last_day=date(2026, 12, rank), reason="x", **where)
    with django_assert_num_queries(11):
        nadege.get(HOME)


def test_the_menu_shows_where_one_is(payer, year, nadege):
    offer = make_offer(payer.regie)
    for path, entry in [
        (HOME, "calendrier"),
        (f"{HOME}vacances/{offer.keys['holiday_id']}/", "calendrier"),
        (f"/bureau/activites/{offer.activity.public_id}/", "activites"),
        ("/bureau/menus/importer/", "menus"),
        ("/bureau/a-confirmer/", "a-confirmer"),
    ]:
        page = nadege.get(path).content.decode()
        side = page.split('aria-label="Bureau"')[1].split("</nav>")[0]
        current = [one for one in side.split("<a ")[1:] if 'aria-current="page"' in one]
        assert [f'href="/bureau/{entry}/"' in one for one in current] == [True], path


def test_an_agent_of_any_regie_keeps_the_calendar(payer, year):
    agent = hire(make_regie(label="Petite enfance"), name="Solange")
    fill(agent, year, source="A")
    assert SchoolHoliday.objects.count() == 6
