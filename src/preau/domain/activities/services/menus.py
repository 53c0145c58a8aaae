"""Menus and dishes taken from a file: all of it or nothing, twice the same changes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from preau.domain.activities.errors import FileRefusedError
from preau.domain.activities.menu_intake import DishTold, MenuFile, MenuKey, MenuTold, ProductTold
from preau.domain.activities.models import DishProduct, Menu, MenuDish, MenuPublisher, Site
from preau.domain.activities.scdl.reading import SiteNamed, read_menu_file
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.tabular import Fault
from preau.foundation.text import fold

LARGEST = 5_000_000
_BATCH = 500
_LISTS = ("quality", "diets", "allergens", "textures")


@dataclass(frozen=True, slots=True)
class MenuCounts:
    """What a file does, or would do: menus (or dishes) created, changed and already as told; `remarks` by line."""

    kind: str
    created: int
    updated: int
    unchanged: int
    remarks: tuple[Fault, ...]


def read_menus(content: bytes) -> MenuFile:
    """What a file tells, beside the sites known here; nothing is written."""
    return read_menu_file(content, site_named=_site_named())


def import_menus(*, content: bytes, by: Actor) -> MenuCounts:
    """Write what a file tells.

    A menu of the file takes the place of the one known for the same site, day, meal and guests; the others stay.

    Raises:
        FileRefusedError: nothing was written; every fault is told, by line.
    """
    with transaction.atomic():
        told = read_menus(content)
        if told.errors:
            raise FileRefusedError(told.errors)
        counts = _write_menus(told) if told.kind == "menus" else _write_products(told)
        if counts.created or counts.updated:
            details = {"created": counts.created, "updated": counts.updated, "unchanged": counts.unchanged}
            record(by=by, action=f"{told.kind}_imported", subject="menus", details=details)
    return counts


def compare_menus(*, content: bytes) -> tuple[MenuFile, MenuCounts]:
    """What `import_menus` would do of a file, and what is wrong in it; nothing is written."""
    told = read_menus(content)
    if told.kind == "menus":
        known_menus = _known_menus(told.menus)
        states = [_menu_state(one, known_menus.get(one.key)) for one in told.menus]
    else:
        known_products = _known_products(told.products)
        states = [_state(_facts(same), known_products.get(code)) for code, same in told.products.items()]
    return told, _counted(told, states)


def save_publisher(*, town_siret: str, kitchen_name: str, kitchen_siret: str, by: Actor) -> MenuPublisher:
    """Say who answers for the menus in the public files."""
    values = {"town_siret": town_siret, "kitchen_name": kitchen_name, "kitchen_siret": kitchen_siret}
    with transaction.atomic():
        publisher, _ = MenuPublisher.objects.update_or_create(id=1, defaults=values)
        record(by=by, action="menu_publisher_saved", subject="menus", details=values)
    return publisher


def _site_named() -> SiteNamed:
    sites = list(Site.objects.all())
    by_number = {site.register_number: site.id for site in sites if site.register_number}
    by_name = {fold(site.name): site.id for site in sites}
    return lambda number, name: by_number.get(number) or by_name.get(fold(name))


def _write_menus(told: MenuFile) -> MenuCounts:
    known = _known_menus(told.menus)
    states = [_menu_state(one, known.get(one.key)) for one in told.menus]
    now, rows = clock.now(), []
    for one, state in zip(told.menus, states, strict=True):
        if state == "unchanged":
            continue
        menu = known.get(one.key) or Menu(**asdict(one.key), published_at=now)
        menu.published_at = one.published_at or menu.published_at
        menu.save()
        menu.dishes.all().delete()
        rows += [
            MenuDish(menu=menu, position=rank, **_dish_facts(dish)) for rank, dish in enumerate(one.dishes, start=1)
        ]
    MenuDish.objects.bulk_create(rows, batch_size=_BATCH)
    return _counted(told, states)


def _known_menus(told: Iterable[MenuTold]) -> dict[MenuKey, Menu]:
    days = [one.key.day for one in told]
    if not days:
        return {}
    rows = Menu.objects.filter(day__gte=min(days), day__lte=max(days)).prefetch_related("dishes")
    return {MenuKey(row.site_id, row.day, row.meal, row.guests): row for row in rows}


def _menu_state(told: MenuTold, known: Menu | None) -> str:
    if known is None:
        return "created"
    same_moment = told.published_at in {None, known.published_at}
    held = [{name: getattr(dish, name) for name in DishTold.__slots__} for dish in known.dishes.all()]
    same_dishes = held == [_dish_facts(dish) for dish in told.dishes]
    return "unchanged" if same_moment and same_dishes else "updated"


def _dish_facts(dish: DishTold) -> dict[str, Any]:
    return _listed(asdict(dish))


def _listed(facts: dict[str, Any]) -> dict[str, Any]:
    """The same, lists as the database keeps them."""
    return {name: list(value) if name in _LISTS else value for name, value in facts.items()}


def _write_products(told: MenuFile) -> MenuCounts:
    known = _known_products(told.products)
    states = [_state(_facts(same), known.get(code)) for code, same in told.products.items()]
    changed = [code for code, state in zip(told.products, states, strict=True) if state != "unchanged"]
    DishProduct.objects.filter(dish_code__in=changed).delete()
    rows = [
        DishProduct(position=rank, **facts)
        for code in changed
        for rank, facts in enumerate(_facts(told.products[code]), start=1)
    ]
    DishProduct.objects.bulk_create(rows, batch_size=_BATCH)
    return _counted(told, states)


def _known_products(codes: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    known: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in DishProduct.objects.filter(dish_code__in=list(codes)):
        known[row.dish_code].append({name: getattr(row, name) for name in ProductTold.__slots__})
    return known


def _facts(products: Iterable[ProductTold]) -> list[dict[str, Any]]:
    return [_listed(asdict(product)) for product in products]


def _state(told: list[dict[str, Any]], known: list[dict[str, Any]] | None) -> str:
    if known is None:
        return "created"
    return "unchanged" if told == known else "updated"


def _counted(told: MenuFile, states: list[str]) -> MenuCounts:
    remarks = tuple(fault for fault in told.faults if fault.severity == "warning")
    return MenuCounts(
        kind=told.kind,
        created=states.count("created"),
        updated=states.count("updated"),
        unchanged=states.count("unchanged"),
        remarks=remarks,
    )
