"""A file of menus, or of dishes, to what it tells; every fault by line, nothing guessed."""

import io
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar

from preau.domain.activities.menu_intake import DishTold, MenuFile, MenuKey, MenuTold, ProductTold
from preau.domain.activities.rules.menus import (
    ALLERGENS,
    DIETS,
    EVERYBODY,
    NUTRISCORES,
    QUALITY_SIGNS,
    TEXTURES,
    Course,
    Meal,
    RegisterKind,
    RestaurantKind,
)
from preau.domain.activities.scdl import values
from preau.domain.activities.scdl.columns import DISH_COLUMNS, MENU_COLUMNS
from preau.foundation.tabular import Fault, Layout, RowReading, Table, at_most, normalise_header
from preau.foundation.text import fold, quoted

T = TypeVar("T")

#: The id of the site that a number of a register, or else a name, stands for; None when there is none.
SiteNamed = Callable[[str, str], int | None]

_ALL_SITES = {"", "tous", "tous les lieux"}
_NO_DAY = date(1970, 1, 1)
_NO_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
_MARK_OF_DISHES = normalise_header("platProduitNom")


def read_menu_file(content: bytes, *, site_named: SiteNamed) -> MenuFile:
    """Menus or dishes, told apart by the titles of the columns."""
    table = Table(io.BytesIO(content), size=len(content))
    return _read_dishes(table) if _MARK_OF_DISHES in table.keys else _read_menus(table, site_named)


def _read_menus(table: Table, site_named: SiteNamed) -> MenuFile:
    layout = Layout(table, MENU_COLUMNS)
    faults = list(layout.faults)
    published: dict[MenuKey, datetime | None] = {}
    dishes: dict[MenuKey, list[DishTold]] = {}
    for row in table if layout.complete else ():
        reading = RowReading(layout, row, faults)
        _check_who(reading)
        key, dish = _key(reading, site_named), _dish(reading)
        at = _optional(reading, "published_at", values.instant, None)
        if reading.refused:
            continue
        published.setdefault(key, at)
        same = dishes.setdefault(key, [])
        if dish in same:
            reading.fault("name", f"{quoted(dish.name)} déjà lu pour ce repas\u202f: ligne passée", "warning")
        else:
            same.append(dish)
    menus = tuple(MenuTold(key, published[key], tuple(same)) for key, same in dishes.items())
    return MenuFile("menus", menus, {}, _all(table, faults), table.rows_read)


def _check_who(reading: RowReading) -> None:
    """What the schema asks of the town, its kitchen and the place, when the file has it."""
    for key in ("town_siret", "kitchen_siret"):
        _optional(reading, key, values.siret, "")
    _optional(reading, "insee", values.insee, "")
    _optional(reading, "register_kind", values.one_of(RegisterKind.values), "")
    _optional(reading, "restaurant_kind", values.one_of(RestaurantKind.values), "")


def _key(reading: RowReading, site_named: SiteNamed) -> MenuKey:
    name = reading.cell("site")
    site_id = None if fold(name) in _ALL_SITES else site_named(reading.cell("register_number"), name)
    if site_id is None and fold(name) not in _ALL_SITES:
        reading.fault("site", f"{quoted(name)} n’est pas un lieu connu\u202f: créez-le, ou corrigez son nom", "error")
    return MenuKey(
        site_id=site_id,
        day=_required(reading, "day", values.day, _NO_DAY),
        meal=_optional(reading, "meal", values.one_of(Meal.values), Meal.LUNCH.value),
        guests=_text(reading, "guests", 100) or EVERYBODY,
    )


def _dish(reading: RowReading) -> DishTold:
    return DishTold(
        course=_required(reading, "course", values.one_of(Course.values), ""),
        name=_required(reading, "name", partial(at_most, limit=160), ""),
        code=_text(reading, "code", 16),
        quality=_several(reading, "quality", QUALITY_SIGNS),
        labels=_text(reading, "labels", 300),
        details=_text(reading, "details", 300),
        diets=_several(reading, "diets", DIETS),
        allergens=_several(reading, "allergens", ALLERGENS),
        textures=_several(reading, "textures", TEXTURES),
        nutriscore=_optional(reading, "nutriscore", values.one_of(NUTRISCORES), ""),
        cost=_optional(reading, "cost", values.number, ""),
        modified_at=_optional(reading, "modified_at", values.instant, None),
        modification=_text(reading, "modification", 300),
    )


def _read_dishes(table: Table) -> MenuFile:
    layout = Layout(table, DISH_COLUMNS)
    faults = list(layout.faults)
    products: dict[str, list[ProductTold]] = {}
    for row in table if layout.complete else ():
        reading = RowReading(layout, row, faults)
        for key in ("town_siret", "kitchen_siret"):
            _optional(reading, key, values.siret, "")
        product = _product(reading)
        if reading.refused:
            continue
        same = products.setdefault(product.dish_code, [])
        if same and same[0].dish_name != product.dish_name:
            reading.fault("dish_code", f"ce code est déjà celui de {quoted(same[0].dish_name)}", "error")
        elif product in same:
            reading.fault("name", f"{quoted(product.name)} déjà lu pour ce plat\u202f: ligne passée", "warning")
        else:
            same.append(product)
    told = {code: tuple(same) for code, same in products.items()}
    return MenuFile("dishes", (), told, _all(table, faults), table.rows_read)


def _product(reading: RowReading) -> ProductTold:
    return ProductTold(
        dish_code=_required(reading, "dish_code", partial(at_most, limit=40), ""),
        dish_name=_required(reading, "dish_name", partial(at_most, limit=160), ""),
        name=_required(reading, "name", partial(at_most, limit=160), ""),
        supplier_name=_text(reading, "supplier_name", 120),
        supplier_siret=_optional(reading, "supplier_siret", values.siret, ""),
        supplier_insee=_optional(reading, "supplier_insee", values.insee, ""),
        quality=_several(reading, "quality", QUALITY_SIGNS),
        labels=_text(reading, "labels", 300),
        description=_text(reading, "description", 500),
        has_gmo=_optional(reading, "has_gmo", values.yes_no, None),
        is_irradiated=_optional(reading, "is_irradiated", values.yes_no, None),
        additives=_text(reading, "additives", 300),
        allergens=_several(reading, "allergens", ALLERGENS),
        nutrients=_text(reading, "nutrients", 300),
        published_at=_required(reading, "published_at", values.instant, _NO_INSTANT),
        modified_at=_required(reading, "modified_at", values.instant, _NO_INSTANT),
        modification=_text(reading, "modification", 300),
    )


def _required(reading: RowReading, key: str, parse: Callable[[str], T], otherwise: T) -> T:
    return reading.value(key, parse, otherwise=otherwise, required=True, unreadable="error")


def _optional(reading: RowReading, key: str, parse: Callable[[str], T], otherwise: T) -> T:
    return reading.value(key, parse, otherwise=otherwise, unreadable="error")


def _several(reading: RowReading, key: str, known: Collection[str]) -> tuple[str, ...]:
    return _optional(reading, key, values.several_of(known), ())


def _text(reading: RowReading, key: str, longest: int) -> str:
    return _optional(reading, key, partial(at_most, limit=longest), "")


def _all(table: Table, faults: list[Fault]) -> tuple[Fault, ...]:
    return (*table.faults, *faults)
