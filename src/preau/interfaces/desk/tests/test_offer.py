"""What is offered, as agents write it: activities with their deadlines, units, groups, sites, the next year."""

from datetime import UTC, date, datetime, time

import pytest

from preau.domain.activities.models import (
    Activity,
    ActivityGroup,
    ActivityKind,
    DeadlineKind,
    DeadlineRule,
    PlacesOfDay,
    Site,
    Unit,
    UnitMode,
)
from preau.domain.activities.rules.offering import icon_of
from preau.domain.families.models import Child
from preau.interfaces.desk.fields import AgeField, age_typed, minute_typed
from preau.ui.icons import symbols
from tests.support.activities import (
    make_activity,
    make_activity_group,
    make_deadline,
    make_school_year,
    make_site,
    make_unit,
)
from tests.support.factories import make_regie
from tests.support.pages import main_words, words

pytestmark = pytest.mark.django_db

HOME = "/bureau/activites/"


@pytest.fixture
def typed(payer) -> dict[str, object]:
    """A canteen as an agent types it."""
    year, site = make_school_year(), make_site()
    return {
        "kind": "canteen",
        "name": "Cantine Les Lutins Gourmands",
        "short_name": "Cantine",
        "site": site.public_id,
        "school_year": str(year.pk),
        "regie": payer.regie.public_id,
        "description": "Un repas chaud.",
        "position": "1",
        "is_published": "on",
        "first_day": "2026-09-07",
        "last_day": "2027-07-02",
        "drawn_from": "term",
        "weekdays": ["0", "1", "3", "4"],
        "min_age_months": "3 ans",
        "max_age_months": "8 ans",
        "levels": ["PS", "MS"],
        "capacity": "80",
        "max_held": "60",
        "has_waiting_list": "on",
        "offer_hours": "48",
        "unit_mode": "days",
        "opens_minute": "",
        "closes_minute": "",
        "booking_opens_at": "2026-08-24T09:00",
        "needs_decision": "on",
        "required_papers": "Assurance scolaire\n\n  Fiche   sanitaire \n",
        "payment_mode": "afterwards",
        "hold_minutes": "20",
        "refund_percent": "100",
        "book_kind": "day_of_previous_month",
        "book_number": "10",
        "book_weekday": "0",
        "book_at": "",
        "late_kind": "working_days_before",
        "late_number": "2",
        "late_weekday": "0",
        "late_at": "10:00",
        "cancel_kind": "",
    }


def create(agent, typed, **changes):
    return agent.client.post(f"{HOME}nouvelle/", {**typed, **changes})


def test_an_activity_is_created_as_it_was_typed(payer, typed, nadege):
    assert create(nadege, typed)["Location"] == HOME
    made = Activity.objects.get()
    assert (made.name, made.icon, made.weekdays, made.regie) == (typed["name"], "canteen", 0b11011, payer.regie)
    assert (made.min_age_months, made.max_age_months, made.levels) == (36, 107, ["PS", "MS"])
    assert made.required_papers == ["Assurance scolaire", "Fiche sanitaire"]
    assert made.booking_opens_at == datetime(2026, 8, 24, 7, tzinfo=UTC)
    rules = {rule.purpose: (rule.kind, rule.number, rule.at) for rule in DeadlineRule.objects.all()}
    assert rules == {
        "book": (DeadlineKind.DAY_OF_PREVIOUS_MONTH, 10, time(0)),
        "late": (DeadlineKind.WORKING_DAYS_BEFORE, 2, time(10)),
    }


def test_its_page_says_it_in_words(typed, nadege):
    create(nadege, typed)
    page = main_words(nadege.get(f"{HOME}{Activity.objects.get().public_id}/"))
    assert "Ajoutez au moins une unité : sans elle, rien ne se réserve." in page
    assert "Du 7 septembre 2026 au 2 juillet 2027, jours d’école, lundi, mardi, jeudi, vendredi" in page
    assert "Enfants De 3 ans à moins de 9 ans, PS, MS" in page
    assert "Réserver Au plus tard le 10 du mois précédent, à minuit" in page
    assert "Réserver en retard, avec majoration 2 jours ouvrés avant, à 10 h 00" in page
    assert "Pièces Assurance scolaire, Fiche sanitaire" in page


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (DeadlineKind.WEEKDAY_OF_PREVIOUS_WEEK, {"weekday": 3}, "Le jeudi de la semaine précédente, à minuit"),
        (DeadlineKind.END_OF_PREVIOUS_PERIOD, {}, "La veille des vacances qui précèdent, ou de la rentrée, à minuit"),
        (DeadlineKind.WORKING_DAYS_BEFORE, {"number": 1, "at": time(9)}, "1 jour ouvré avant, à 9 h 00"),
        (DeadlineKind.DAY_OF_PREVIOUS_MONTH, {"number": 1}, "Au plus tard le 1er du mois précédent, à minuit"),
    ],
)
def test_each_deadline_is_said(payer, nadege, kind, values, said):
    activity = make_activity(regie=payer.regie, unit_mode=UnitMode.HOURS, opens_minute=450, closes_minute=1110)
    make_deadline(activity, kind, **values)
    page = main_words(nadege.get(f"{HOME}{activity.public_id}/"))
    assert said in page
    assert "Heures 7 h 30 à 18 h 30" in page


def test_what_is_typed_comes_back_as_it_was(typed, nadege):
    create(nadege, typed)
    path = f"{HOME}{Activity.objects.get().public_id}/changer/"
    page = nadege.get(path).content.decode()
    for shown in ('value="3 ans"', 'value="8 ans"', 'value="10:00"', 'value="2026-08-24T09:00"', 'value="80"'):
        assert shown in page
    before = Activity.objects.values().get()
    nadege.client.post(path, typed)
    assert Activity.objects.values().get() == before
    assert DeadlineRule.objects.count() == 2


def test_the_schools_of_the_sector_are_those_of_the_children(typed, nadege):
    """One that no file names any more stays ticked; one that nobody names is not taken (C13)."""
    create(nadege, typed, schools=["École des Tilleuls"])
    activity = Activity.objects.get()
    assert activity.schools == ["École des Tilleuls"]
    assert "Secteur École des Tilleuls" in main_words(nadege.get(f"{HOME}{activity.public_id}/"))
    Child.objects.update(school="École Pasteur")
    form = nadege.get(f"{HOME}{activity.public_id}/changer/").content.decode()
    assert form.index("École Pasteur") < form.index("École des Tilleuls")
    refused = nadege.client.post(f"{HOME}{activity.public_id}/changer/", {**typed, "schools": ["École Prévert"]})
    assert "Choisissez dans la liste." in words(refused, status=422)
    assert Activity.objects.get().schools == ["École des Tilleuls"]
    Child.objects.update(school="")
    assert "Aucun dossier d’enfant ne nomme encore d’école." in words(nadege.get(f"{HOME}nouvelle/"))


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"name": ""}, "name", "À remplir."),
        ({"name": "x" * 101}, "name", "100 caractères au plus."),
        ({"kind": "piscine"}, "kind", "Choisissez dans la liste."),
        ({"site": ""}, "site", "Choisissez."),
        ({"weekdays": []}, "weekdays", "Choisissez."),
        ({"first_day": "2026-08-31"}, "first_day", "L’année 2026 / 2027 n’a pas encore commencé ce jour-là."),
        ({"last_day": "2026-09-01"}, "last_day", "Le dernier jour vient avant le premier."),
        ({"min_age_months": "trois ans"}, "min_age_months", "Écrivez un âge comme 3 ans, ou 18 mois."),
        ({"min_age_months": "9 ans"}, "max_age_months", "L’âge maximum est inférieur à l’âge minimum."),
        ({"capacity": "-1"}, "capacity", "0 au moins."),
        ({"capacity": "beaucoup"}, "capacity", "Donnez un nombre entier."),
        ({"hold_minutes": "19"}, "hold_minutes", "20 au moins."),
        ({"refund_percent": "101"}, "refund_percent", "100 au plus."),
        ({"unit_mode": "hours"}, "closes_minute", "À l’heure, donnez une ouverture et une fermeture qui vient après."),
        ({"opens_minute": "25:00"}, "opens_minute", "Écrivez une heure comme 7:30."),
        ({"opens_minute": "midi"}, "opens_minute", "Écrivez une heure comme 7:30."),
        (
            {"unit_mode": "contract", "opens_minute": "7:30", "closes_minute": "18 h 30", "payment_mode": "prepaid"},
            "payment_mode",
            "Un contrat mensuel est facturé, jamais payé place par place.",
        ),
        ({"booking_opens_at": "bientôt"}, "booking_opens_at", "Écrivez une date et une heure"),
        ({"required_papers": "x" * 101}, "required_papers", "20 pièces au plus"),
        ({"book_number": ""}, "book_number", "Donnez le nombre."),
        ({"book_number": "29"}, "book_number", "Du 1 au 28 : un jour qui existe tous les mois."),
        ({"late_number": "31"}, "late_number", "30 au plus."),
        ({"late_number": "0", "late_at": ""}, "late_at", "Le jour même, donnez une heure avant l’accueil."),
        ({"late_at": "dix heures"}, "late_at", "Écrivez une heure comme 10:00."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(typed, nadege, changes, field, told):
    answer = create(nadege, typed, **changes)
    page = answer.content.decode()
    assert told in words(answer, status=422)
    assert f'id="id_{field}-erreur"' in page
    assert "Fiche   sanitaire" in page or "required_papers" in changes
    assert not Activity.objects.exists()


def test_a_name_taken_that_year_is_said(payer, typed, nadege):
    make_activity(str(typed["name"]), regie=payer.regie)
    answer = create(nadege, typed)
    assert "Une activité de cette année scolaire porte déjà ce nom." in words(answer, status=422)


def test_an_activity_is_not_given_to_another_regie(typed, nadege):
    answer = create(nadege, typed, regie=make_regie(label="Petite enfance").public_id)
    assert "Choisissez dans la liste." in words(answer, status=422)
    assert not Activity.objects.exists()


def test_another_regies_activities_are_nowhere(payer, nadege, elsewhere):
    activity = make_activity(regie=payer.regie)
    assert "Cantine Jules-Ferry" in main_words(nadege.get(HOME))
    assert "Aucune activité de vos régies cette année-là." in main_words(elsewhere.get(HOME))
    for path in ("", "changer/", "unites/nouvelle/", "groupes/nouveau/"):
        assert elsewhere.get(f"{HOME}{activity.public_id}/{path}").status_code == 404


def test_without_a_school_year_the_calendar_comes_first(payer, nadege):
    assert "commencez par le calendrier" in main_words(nadege.get(HOME))
    assert nadege.get(f"{HOME}nouvelle/").status_code == 200


def test_lowering_the_places_leaves_those_of_days_already_counted(typed, nadege):
    create(nadege, typed)
    activity = Activity.objects.get()
    row = PlacesOfDay.objects.create(activity=activity, day=date(2026, 9, 7), part="noon", capacity=80, ceiling=80)
    path = f"{HOME}{activity.public_id}/changer/"
    assert "Les places des jours déjà réservés ne changent pas." in words(nadege.get(path))
    nadege.client.post(path, {**typed, "capacity": "10"})
    row.refresh_from_db()
    assert (row.capacity, Activity.objects.get().capacity) == (80, 10)


def test_units_are_added_changed_and_removed(payer, nadege):
    activity = make_activity(regie=payer.regie)
    path = f"{HOME}{activity.public_id}/unites/nouvelle/"
    wrong = nadege.client.post(path, {"name": "Repas", "position": "0"})
    assert "Choisissez." in words(wrong, status=422)
    nadege.client.post(path, {"name": "Repas", "parts": ["noon"], "has_meal": "on", "position": "0"})
    unit = Unit.objects.get()
    assert (unit.activity, unit.code, unit.parts, unit.has_meal) == (activity, "repas", ["noon"], True)
    assert "Repas midi avec repas" in main_words(nadege.get(f"{HOME}{activity.public_id}/"))
    nadege.client.post(f"{HOME}unites/{unit.pk}/", {"name": "Journée", "parts": ["am", "pm"], "position": "2"})
    unit.refresh_from_db()
    assert (unit.name, unit.code, unit.parts, unit.has_meal) == ("Journée", "repas", ["am", "pm"], False)
    assert "C’est retiré." in words(nadege.client.post(f"{HOME}unites/{unit.pk}/retirer/", follow=True))


def test_groups_are_added_changed_and_kept_once_used(payer, nadege):
    activity = make_activity(regie=payer.regie)
    typed = {"name": "Grands", "levels": ["CP"], "min_age_months": "6 ans", "capacity": "12", "position": "0"}
    nadege.client.post(f"{HOME}{activity.public_id}/groupes/nouveau/", typed)
    group = ActivityGroup.objects.get()
    assert (group.levels, group.min_age_months, group.capacity) == (["CP"], 72, 12)
    assert "Grands De 6 ans et plus, CP 12" in main_words(nadege.get(f"{HOME}{activity.public_id}/"))
    nadege.client.post(f"{HOME}groupes/{group.pk}/", {**typed, "min_age_months": "", "max_age_months": "18 mois"})
    group.refresh_from_db()
    assert (group.min_age_months, group.max_age_months) == (None, 18)
    assert "Moins de 19 mois, CP" in main_words(nadege.get(f"{HOME}{activity.public_id}/"))
    PlacesOfDay.objects.create(activity=activity, group=group, day=date(2026, 9, 7), part="am", capacity=1, ceiling=1)
    answer = nadege.client.post(f"{HOME}groupes/{group.pk}/retirer/", follow=True)
    assert "« Grands » a servi : il reste." in words(answer)


def test_a_year_is_offered_again(payer, nadege):
    activity = make_activity(regie=payer.regie)
    make_unit(activity)
    target = make_school_year("2027 / 2028", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))
    path = f"{HOME}annees/{activity.school_year_id}/reconduire/"
    assert "Restent à faire : les tarifs" in words(nadege.get(path))
    answer = nadege.client.post(path, {"target": str(target.pk)}, follow=True)
    assert "1 activité reconduite, à publier." in words(answer)
    assert "Cantine Jules-Ferry" in main_words(nadege.get(f"{HOME}?annee={target.pk}"))
    assert "Cachée" in main_words(nadege.get(f"{HOME}?annee={target.pk}"))


def test_sites_are_added_and_changed(payer, nadege):
    typed = {
        "name": "École Jules-Ferry",
        "address": "12 rue du Bourg",
        "phone": "03 00 00 00 00",
        "position": "",
        "restaurant_kind": "élémentaire",
        "register_kind": "EN",
        "register_number": "0590001A",
        "insee_code": "59123",
    }
    nadege.client.post(f"{HOME}lieux/nouveau/", typed)
    site = Site.objects.get()
    assert (site.register_number, site.position) == ("0590001A", 0)
    path = f"{HOME}lieux/{site.public_id}/"
    for changes, told in [
        ({"register_number": ""}, "Donnez le numéro, ou choisissez « aucun »."),
        ({"register_kind": "sans"}, "Dites de quel registre vient ce numéro."),
        ({"insee_code": "972"}, "Cinq caractères, comme 97213."),
        ({"name": ""}, "À remplir."),
    ]:
        assert told in words(nadege.client.post(path, {**typed, **changes}), status=422)
    assert "École Jules-Ferry" in main_words(nadege.get(f"{HOME}lieux/"))
    answer = nadege.client.post(f"{HOME}lieux/nouveau/", {**typed, "register_number": "0590002B"})
    assert "Un autre lieu porte ce nom." in words(answer, status=422)


def test_without_a_site_the_list_says_what_one_is(payer, nadege):
    assert "Aucun lieu." in main_words(nadege.get(f"{HOME}lieux/"))


def test_lists_cost_the_same_whatever_they_hold(payer, nadege, django_assert_num_queries):
    first = make_activity(regie=payer.regie)
    nadege.get(HOME)
    counts = {HOME: 9, f"{HOME}lieux/": 6, f"{HOME}{first.public_id}/": 9}
    for path, number in counts.items():
        with django_assert_num_queries(number):
            nadege.get(path)
    for rank in range(3):
        activity = make_activity(f"Étude {rank}", regie=payer.regie, site=make_site(f"École {rank}"))
        for one in (activity, first):
            make_unit(one, f"Unité {rank}", code=f"u{rank}")
            make_activity_group(one, f"Groupe {rank}")
    for path, number in counts.items():
        with django_assert_num_queries(number):
            nadege.get(path)


@pytest.mark.parametrize("kind", [*ActivityKind.values, "autre"])
def test_every_kind_has_a_drawing(kind):
    assert f"i-{icon_of(kind)}" in symbols()


@pytest.mark.parametrize(
    ("typed", "is_last", "months", "shown"),
    [
        ("3 ans", False, 36, "3 ans"),
        ("1 an", False, 12, "1 an"),
        ("18 mois", False, 18, "18 mois"),
        ("8 ANS", True, 107, "8 ans"),
        ("6", False, 72, "6 ans"),
        ("10 mois", True, 10, "10 mois"),
        ("", False, None, ""),
    ],
)
def test_ages_are_typed_as_people_say_them(typed, is_last, months, shown):
    assert AgeField("Âge", is_last=is_last).clean(typed) == months
    assert age_typed(months, is_last=is_last) == shown


@pytest.mark.parametrize(("minute", "shown"), [(None, ""), (0, "0:00"), (450, "7:30"), (1440, "24:00")])
def test_hours_are_shown_as_they_are_typed(minute, shown):
    assert minute_typed(minute) == shown
