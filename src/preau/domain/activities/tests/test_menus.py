"""Menus: read and written in the public schemas, all or nothing, shown by site and day."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

from preau.domain.activities.errors import FileRefusedError
from preau.domain.activities.models import DishProduct, Menu, MenuDish, MenuPublisher, Site
from preau.domain.activities.queries.menus import (
    menu_publisher,
    menus_of,
    published_menus,
    published_products,
    sites_with_menus,
)
from preau.domain.activities.rules.menus import ALLERGENS, RegisterKind
from preau.domain.activities.scdl.columns import DISH_COLUMNS, MENU_COLUMNS
from preau.domain.activities.scdl.values import siret
from preau.domain.activities.scdl.writing import dishes_csv, menus_csv
from preau.domain.activities.services.menus import compare_menus, import_menus, save_publisher
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from tests.support.activities import make_site
from tests.support.refusals import refused_by, save_again

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
AT = datetime(2026, 9, 1, 10, tzinfo=UTC)
TITLES = "lieu;date;service;plat;allergènes;signes de qualité;régimes;labels\n"
LUNCH = (
    'École Jules-Ferry;2026-09-07;plat principal;Omelette;"[""oeufs"", ""lait""]";;"[""végétarien""]";fait maison\n'
    'École Jules-Ferry;2026-09-07;entrée;Concombre;;"[""agriculture biologique""]";;produit local\n'
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ferry() -> Site:
    return make_site()


def take(text: str):
    return import_menus(content=text.encode(), by=SYSTEM)


def make_menu(site, day=MONDAY, *names, **values) -> Menu:
    menu = Menu.objects.create(site=site, day=day, published_at=AT, **values)
    for rank, name in enumerate(names, start=1):
        MenuDish.objects.create(menu=menu, position=rank, course="plat principal", name=name)
    return menu


def test_a_plain_file_of_eight_columns_is_taken(ferry):
    with clock.frozen(AT):
        counts = take(TITLES + LUNCH)
    assert (counts.created, counts.updated, counts.unchanged) == (1, 0, 0)
    found = menus_of([ferry], first=MONDAY, last=MONDAY)[ferry.id, MONDAY]
    starter, main = found.meals[0].dishes
    assert (found.meals[0].label, found.words) == ("Déjeuner", "Concombre, Omelette")
    assert (starter.signs, starter.is_organic, starter.is_vegetarian) == (("bio", "produit local"), True, False)
    assert (main.signs, main.allergen_words) == (("végétarien", "fait maison"), ("œufs", "lait"))
    assert Menu.objects.get().published_at == AT


def test_the_same_file_twice_changes_nothing(ferry):
    take(TITLES + LUNCH)
    before, held = AuditEvent.objects.count(), set(MenuDish.objects.values_list("id", flat=True))
    counts = take(TITLES + LUNCH)
    assert (counts.created, counts.updated, counts.unchanged) == (0, 0, 1)
    assert (AuditEvent.objects.count(), set(MenuDish.objects.values_list("id", flat=True))) == (before, held)


def test_a_menu_of_the_file_takes_the_place_of_the_known_one_and_others_stay(ferry):
    make_menu(ferry, MONDAY, "Rôti")
    make_menu(ferry, TUESDAY, "Poisson")
    counts = take(TITLES + LUNCH)
    assert (counts.created, counts.updated) == (0, 1)
    found = menus_of([ferry], first=MONDAY, last=TUESDAY)
    assert [found[ferry.id, day].words for day in (MONDAY, TUESDAY)] == ["Concombre, Omelette", "Poisson"]


def test_a_dry_run_says_the_same_and_writes_nothing(ferry):
    told, counts = compare_menus(content=(TITLES + LUNCH).encode())
    assert (told.errors, counts.created, Menu.objects.count()) == ([], 1, 0)
    assert counts == take(TITLES + LUNCH)


def test_a_row_for_all_sites_names_none(ferry):
    take(TITLES + LUNCH.replace("École Jules-Ferry", "Tous"))
    assert Menu.objects.get().site is None


def test_a_site_s_own_menu_takes_the_place_of_that_of_all(ferry):
    other = make_site("Crèche")
    make_menu(None, MONDAY, "Rôti")
    make_menu(None, MONDAY, "Pain et chocolat", meal="goûter")
    make_menu(ferry, MONDAY, "Omelette")
    found = menus_of([ferry, other], first=MONDAY, last=MONDAY)
    assert [meal.words for meal in found[ferry.id, MONDAY].meals] == ["Omelette", "Pain et chocolat"]
    assert found[other.id, MONDAY].words == "Rôti"
    assert sites_with_menus(since=MONDAY) == [other, ferry]


def test_guests_who_eat_something_else_are_named(ferry):
    make_menu(ferry, MONDAY, "Omelette", guests="maternelles")
    make_menu(ferry, MONDAY, "Rôti")
    found = menus_of([ferry], first=MONDAY, last=MONDAY)[ferry.id, MONDAY]
    assert [meal.label for meal in found.meals] == ["Déjeuner", "Déjeuner, maternelles"]


def test_a_day_without_lunch_shows_its_first_meal(ferry):
    make_menu(ferry, MONDAY, "Pain et chocolat", meal="goûter")
    assert menus_of([ferry], first=MONDAY, last=MONDAY)[ferry.id, MONDAY].words == "Pain et chocolat"


def test_menus_cost_two_queries(ferry, django_assert_num_queries):
    make_menu(ferry, MONDAY, "Rôti")
    with django_assert_num_queries(2):
        assert len(menus_of([ferry], first=MONDAY, last=MONDAY)) == 1
    sites = [ferry, *(make_site(f"École {rank}") for rank in range(3))]
    for site in sites:
        make_menu(site, TUESDAY, "Poisson", "Riz")
    with django_assert_num_queries(2):
        assert len(menus_of(sites, first=MONDAY, last=TUESDAY)) == 5


def test_sites_without_menus_are_left_aside(ferry):
    make_site("Crèche")
    make_menu(ferry, MONDAY, "Rôti")
    assert sites_with_menus(since=MONDAY) == [ferry]
    assert sites_with_menus(since=TUESDAY) == []


def row(**cells) -> str:
    """A file of the public schema with one row."""
    sane = {
        "menuCollNom": "Ville de Saint-Éloi-sur-Lys",
        "menuCollSiret": "21972999300010",
        "menuEtablissementNom": "Cuisine centrale",
        "menuRestaurantNom": "École Jules-Ferry",
        "menuRestaurantInsee": "59123",
        "menuRestaurantIdType": "EN",
        "menuRestaurantType": "maternelle",
        "menuRestaurantConvive": "tous",
        "menuDate": "2026-09-07",
        "menuRepasType": "déjeuner",
        "menuPlatType": "entrée",
        "menuPlatNom": "Concombre",
        "menuPublicationDate": "2026-09-01T10:00:00Z",
    }
    out = io.StringIO()
    titles = [column.headings[0] for column in MENU_COLUMNS]
    writer = csv.DictWriter(out, titles, restval="")
    writer.writeheader()
    writer.writerow({**sane, **cells})
    return out.getvalue()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"menuDate": "07/09/2026"}, "«\u202f07/09/2026\u202f» n’est pas une date\u202f: aaaa-mm-jj attendu"),
        ({"menuDate": "2026-02-30"}, "«\u202f2026-02-30\u202f» n’est pas une date\u202f: aaaa-mm-jj attendu"),
        ({"menuCollSiret": "2197299930001"}, "n’est pas un SIRET\u202f: 14 chiffres attendus"),
        ({"menuCollSiret": "21972999300011"}, "n’est pas un SIRET\u202f: sa clé est fausse"),
        ({"menuRestaurantInsee": "972"}, "«\u202f972\u202f» n’est pas un code INSEE\u202f: 5 caractères attendus"),
        ({"menuRestaurantNom": "Ailleurs"}, "«\u202fAilleurs\u202f» n’est pas un lieu connu"),
        (
            {"menuPlatType": "Entrée"},
            "«\u202fEntrée\u202f» inconnu\u202f; valeurs possibles\u202f: entrée, plat principal",
        ),
        ({"menuPlatNom": ""}, "case vide"),
        ({"menuPlatNom": "x" * 161}, "161 caractères, 160 au plus"),
        ({"menuPlatAllergene": "lait;oeufs"}, "«\u202flait;oeufs\u202f» n’est pas une liste\u202f: écrivez-la ainsi"),
        ({"menuPlatAllergene": '["œufs"]'}, "«\u202fœufs\u202f» inconnu"),
        ({"menuPlatAllergene": "[1]"}, "n’est pas une liste"),
        ({"menuPlatNutriscore": "F"}, "«\u202fF\u202f» inconnu\u202f; valeurs possibles\u202f: A, B, C, D, E"),
        ({"menuPlatPrix": "0,42"}, "n’est pas un nombre\u202f: 0.42 attendu"),
        ({"menuPublicationDate": "hier"}, "n’est pas une date et une heure"),
    ],
)
def test_a_cell_that_the_schema_does_not_allow_refuses_the_file(ferry, cells, told):
    with pytest.raises(FileRefusedError) as refused:
        take(row(**cells))
    [fault] = refused.value.faults
    assert (fault.line, fault.column, told in fault.reason) == (2, next(iter(cells)), True)
    assert not Menu.objects.exists()


def test_a_sane_row_is_taken(ferry):
    assert take(row()).created == 1


def test_all_faults_are_told_and_nothing_is_written(ferry):
    with pytest.raises(FileRefusedError) as refused:
        take(TITLES + LUNCH + "Ailleurs;hier;Plat;;;;;\n")
    assert [fault.line for fault in refused.value.faults] == [4] * 4
    assert not Menu.objects.exists()


def test_allergens_must_have_their_column(ferry):
    with pytest.raises(FileRefusedError) as refused:
        take("lieu;date;service;plat\nÉcole Jules-Ferry;2026-09-07;entrée;Concombre\n")
    assert [fault.column for fault in refused.value.faults] == ["menuPlatAllergene"]


def test_a_dish_written_twice_is_kept_once(ferry):
    first = LUNCH.splitlines(keepends=True)[0]
    counts = take(TITLES + first + first)
    assert [str(one) for one in counts.remarks] == [
        "Ligne 3, colonne «\u202fplat\u202f»\u202f: «\u202fOmelette\u202f» déjà lu pour ce repas\u202f: ligne passée"
    ]
    assert MenuDish.objects.count() == 1


def test_a_site_is_known_by_its_number_before_its_name(ferry):
    other = make_site("Annexe", register_kind=RegisterKind.SCHOOL, register_number="0590001A")
    take(row(menuRestaurantId="0590001A"))
    assert Menu.objects.get().site == other


@pytest.mark.parametrize("text", ["21972999300010", "35600000000001"])
def test_a_siret_has_its_key_except_at_la_poste(text):
    assert siret(text) == text


def exported() -> str:
    publisher = MenuPublisher(town_siret="21972999300010", kitchen_name="Cuisine centrale", kitchen_siret="")
    return menus_csv(
        published_menus(today=MONDAY), sites=Site.objects.all(), town_name="Saint-Éloi", publisher=publisher
    )


def test_what_is_exported_reads_back_as_the_same(ferry):
    take(row(menuPlatAllergene='["lait"]', menuPlatRegime='["sans porc "]', menuPlatLabel="=HYPERLINK(A1)"))
    text = exported()
    [cells] = csv.DictReader(io.StringIO(text))
    assert cells["menuPlatLabel"] == "'=HYPERLINK(A1)"
    assert cells["menuPlatRegime"] == '["sans porc "]'
    assert take(text).unchanged == 1
    assert MenuDish.objects.get().diets == ["sans porc"]


def test_a_menu_of_all_sites_is_exported_for_each(ferry):
    make_site("Crèche")
    make_menu(None, MONDAY, "Rôti")
    names = [cells["menuRestaurantNom"] for cells in csv.DictReader(io.StringIO(exported()))]
    assert names == ["Crèche", "École Jules-Ferry"]


def test_menus_of_more_than_a_year_ago_are_published_no_longer(ferry):
    make_menu(ferry, date(2025, 8, 2), "Rôti")
    make_menu(ferry, date(2025, 8, 3), "Riz")
    assert [menu.day for menu in published_menus(today=MONDAY)] == [date(2025, 8, 3)]


def test_the_publisher_is_one(ferry):
    assert menu_publisher() is None
    for kitchen in ("Cuisine", "Cuisine centrale"):
        save_publisher(town_siret="21972999300010", kitchen_name=kitchen, kitchen_siret="", by=SYSTEM)
    assert menu_publisher().kitchen_name == "Cuisine centrale"
    with refused_by("menus_have_one_publisher"):
        MenuPublisher.objects.create(id=2, town_siret="21972999300010", kitchen_name="x")


def test_what_the_database_refuses(ferry):
    menu, shared = make_menu(ferry, MONDAY, "Rôti"), make_menu(None, MONDAY)
    with refused_by("a_site_has_one_menu_of_a_meal_for_the_same_guests"):
        save_again(menu)
    with refused_by("all_sites_have_one_menu_of_a_meal_for_the_same_guests"):
        save_again(shared)
    with refused_by("dishes_of_a_menu_have_ranks"):
        save_again(menu.dishes.get())
    with refused_by("a_dish_has_a_name"):
        menu.dishes.update(name="")
    numbered = make_site("Annexe", register_kind=RegisterKind.SCHOOL, register_number="0590001A")
    with refused_by("a_number_of_a_register_names_one_site"):
        Site.objects.create(name="Autre", register_kind=RegisterKind.SCHOOL, register_number="0590001A")
    with refused_by("a_site_without_register_has_no_number"):
        Site.objects.filter(pk=numbered.pk).update(register_kind=RegisterKind.NONE)


DISHES = (
    "platCode;platNom;platProduitNom;platProduitOGM;platProduitAllergene;platPublicationDate;platModificationDate\n"
    'P1;Omelette;oeufs;non;"[""oeufs""]";2026-09-01T10:00:00Z;2026-09-01T10:00:00Z\n'
    'P1;Omelette;crème;;"[""lait""]";2026-09-01T10:00:00Z;2026-09-01T10:00:00Z\n'
)


def test_a_file_of_dishes_is_told_from_one_of_menus():
    counts = take(DISHES)
    assert (counts.kind, counts.created) == ("dishes", 1)
    assert list(DishProduct.objects.values_list("name", "has_gmo", "allergens")) == [
        ("oeufs", False, ["oeufs"]),
        ("crème", None, ["lait"]),
    ]
    assert take(DISHES).unchanged == 1
    assert take(DISHES.replace("crème", "beurre")).updated == 1
    with refused_by("products_of_a_dish_have_ranks"):
        save_again(DishProduct.objects.first())


def test_dishes_read_back_as_exported():
    take(DISHES)
    publisher = MenuPublisher(town_siret="21972999300010", kitchen_name="Cuisine", kitchen_siret="")
    text = dishes_csv(published_products(), town_name="Saint-Éloi", publisher=publisher)
    assert take(text).unchanged == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (";non;", ";peut-être;", "«\u202fpeut-être\u202f»\u202f: oui ou non attendu"),
        ("P1;Omelette;crème", "P1;Flan;crème", "ce code est déjà celui de «\u202fOmelette\u202f»"),
        ("P1;Omelette;crème", ";Omelette;crème", "case vide"),
    ],
)
def test_a_dish_that_cannot_be_refuses_the_file(old, new, told):
    with pytest.raises(FileRefusedError) as refused:
        take(DISHES.replace(old, new))
    assert told in refused.value.faults[0].reason
    assert not DishProduct.objects.exists()


def test_a_product_written_twice_is_kept_once():
    last = DISHES.splitlines(keepends=True)[-1]
    assert len(take(DISHES + last).remarks) > 0
    assert DishProduct.objects.count() == 2


def test_the_fourteen_allergens_are_those_of_the_regulation():
    assert len(ALLERGENS) == 14


@pytest.fixture
def morne_fleuri(shared_data):
    """The places that the samples name."""
    folder = shared_data / "scdl-menus"
    with (folder / "exemple-menus-valide.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for cells in {cells["menuRestaurantNom"]: cells for cells in rows}.values():
        Site.objects.create(
            name=cells["menuRestaurantNom"],
            insee_code=cells["menuRestaurantInsee"],
            register_kind=cells["menuRestaurantIdType"],
            register_number=cells["menuRestaurantId"],
            restaurant_kind=cells["menuRestaurantType"],
        )
    return folder, rows


def test_the_valid_sample_goes_in_and_out_unchanged(morne_fleuri):
    folder, rows = morne_fleuri
    import_menus(content=(folder / "exemple-menus-valide.csv").read_bytes(), by=SYSTEM)
    publisher = MenuPublisher(
        town_siret=rows[0]["menuCollSiret"],
        kitchen_name=rows[0]["menuEtablissementNom"],
        kitchen_siret=rows[0]["menuEtablissementSiret"],
    )
    menus = published_menus(today=MONDAY)
    text = menus_csv(menus, sites=[], town_name=rows[0]["menuCollNom"], publisher=publisher)
    out = list(csv.DictReader(io.StringIO(text)))
    assert sorted(map(_comparable, out)) == sorted(map(_comparable, rows))


def _comparable(cells: dict[str, str]) -> str:
    """A row, its lists in one order: a list of the schema has none."""
    held = {name: sorted(json.loads(cell)) if cell.startswith("[") else cell for name, cell in cells.items()}
    return json.dumps(held, sort_keys=True)


def test_each_row_of_the_invalid_sample_is_refused(morne_fleuri):
    folder, _ = morne_fleuri
    with pytest.raises(FileRefusedError) as refused:
        import_menus(content=(folder / "exemple-menus-invalide.csv").read_bytes(), by=SYSTEM)
    assert [fault.line for fault in refused.value.faults] == list(range(2, 10))
    assert not Menu.objects.exists()


def test_the_sample_of_dishes_is_taken(morne_fleuri):
    folder, _ = morne_fleuri
    content = (folder / "exemple-plats-valide.csv").read_bytes()
    assert import_menus(content=content, by=SYSTEM).created > 0
    assert import_menus(content=content, by=SYSTEM).updated == 0


def test_the_columns_are_those_of_the_published_schemas(shared_data):
    for columns, name in (
        (MENU_COLUMNS, "menus-collectifs-1.2.3.schema.json"),
        (DISH_COLUMNS, "plats-menus-collectifs-0.7.2.schema.json"),
    ):
        schema = json.loads((shared_data / "scdl-menus" / name).read_text(encoding="utf-8"))
        assert [column.headings[0] for column in columns] == [field["name"] for field in schema["fields"]]
