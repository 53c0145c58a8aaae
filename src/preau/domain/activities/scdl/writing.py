"""Menus and dishes as the public schemas want them. Texts that a spreadsheet would run are made harmless (F2)."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from preau.domain.activities.models import DishProduct, Menu, MenuDish, MenuPublisher, Site
from preau.domain.activities.rules.menus import WRITTEN_DIETS
from preau.domain.activities.scdl.columns import DISH_COLUMNS, MENU_COLUMNS
from preau.foundation.tabular import Column, csv_safe

_YES_NO = {True: "oui", False: "non", None: ""}


def menus_csv(menus: Iterable[Menu], *, sites: Iterable[Site], town_name: str, publisher: MenuPublisher) -> str:
    """One dish a row; a menu of all sites is written once for each. Dishes come prefetched."""
    everywhere = list(sites)
    who = _who(town_name, publisher)
    rows = [
        {**who, **_place(site), **_meal(menu), **_dish(dish)}
        for menu in menus
        for site in ([menu.site] if menu.site else everywhere)
        for dish in menu.dishes.all()
    ]
    return _written(MENU_COLUMNS, rows)


def dishes_csv(products: Iterable[DishProduct], *, town_name: str, publisher: MenuPublisher) -> str:
    """One product of a dish a row."""
    who = _who(town_name, publisher)
    return _written(DISH_COLUMNS, [{**who, **_product(product)} for product in products])


def _written(columns: Iterable[Column], rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO()
    titles = {column.key: column.headings[0] for column in columns}
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(titles.values())
    writer.writerows([csv_safe(row[key]) for key in titles] for row in rows)
    return out.getvalue()


def _who(town_name: str, publisher: MenuPublisher) -> dict[str, str]:
    return {
        "town": town_name,
        "town_siret": publisher.town_siret,
        "kitchen": publisher.kitchen_name,
        "kitchen_siret": publisher.kitchen_siret,
    }


def _place(site: Site) -> dict[str, str]:
    return {
        "site": site.name,
        "insee": site.insee_code,
        "register_number": site.register_number,
        "register_kind": site.register_kind,
        "restaurant_kind": site.restaurant_kind,
    }


def _meal(menu: Menu) -> dict[str, str]:
    return {
        "guests": menu.guests,
        "day": menu.day.isoformat(),
        "meal": menu.meal,
        "published_at": _instant(menu.published_at),
    }


def _dish(dish: MenuDish) -> dict[str, str]:
    return {
        "course": dish.course,
        "name": dish.name,
        "code": dish.code,
        "quality": _several(dish.quality),
        "labels": dish.labels,
        "details": dish.details,
        "diets": _several([WRITTEN_DIETS.get(diet, diet) for diet in dish.diets]),
        "allergens": _several(dish.allergens),
        "textures": _several(dish.textures),
        "nutriscore": dish.nutriscore,
        "cost": dish.cost,
        "modified_at": _instant(dish.modified_at),
        "modification": dish.modification,
    }


def _product(product: DishProduct) -> dict[str, str]:
    return {
        "dish_code": product.dish_code,
        "dish_name": product.dish_name,
        "name": product.name,
        "supplier_name": product.supplier_name,
        "supplier_siret": product.supplier_siret,
        "supplier_insee": product.supplier_insee,
        "quality": _several(product.quality),
        "labels": product.labels,
        "description": product.description,
        "has_gmo": _YES_NO[product.has_gmo],
        "is_irradiated": _YES_NO[product.is_irradiated],
        "additives": product.additives,
        "allergens": _several(product.allergens),
        "nutrients": product.nutrients,
        "published_at": _instant(product.published_at),
        "modified_at": _instant(product.modified_at),
        "modification": product.modification,
    }


def _several(held: list[str]) -> str:
    return json.dumps(held, ensure_ascii=False) if held else ""


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""
