"""Menus and dishes as a file tells them, before anything is written. Texts are clean; lists hold known values only."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from preau.foundation.tabular import Fault


@dataclass(frozen=True, slots=True)
class DishTold:
    """One row of a file of menus."""

    course: str
    name: str
    code: str
    quality: tuple[str, ...]
    labels: str
    details: str
    diets: tuple[str, ...]
    allergens: tuple[str, ...]
    textures: tuple[str, ...]
    nutriscore: str
    cost: str
    modified_at: datetime | None
    modification: str


@dataclass(frozen=True, slots=True)
class MenuKey:
    """What tells one menu from another; `site_id` None: all sites."""

    site_id: int | None
    day: date
    meal: str
    guests: str


@dataclass(frozen=True, slots=True)
class MenuTold:
    """One menu, with its dishes in the order of the file; `published_at` None: the file does not say."""

    key: MenuKey
    published_at: datetime | None
    dishes: tuple[DishTold, ...]


@dataclass(frozen=True, slots=True)
class ProductTold:
    """One row of a file of dishes."""

    dish_code: str
    dish_name: str
    name: str
    supplier_name: str
    supplier_siret: str
    supplier_insee: str
    quality: tuple[str, ...]
    labels: str
    description: str
    has_gmo: bool | None
    is_irradiated: bool | None
    additives: str
    allergens: tuple[str, ...]
    nutrients: str
    published_at: datetime
    modified_at: datetime
    modification: str


@dataclass(frozen=True, slots=True)
class MenuFile:
    """What a file holds: menus, or products of dishes by code; nothing is to be written when a fault is an error."""

    kind: Literal["menus", "dishes"]
    menus: tuple[MenuTold, ...]
    products: dict[str, tuple[ProductTold, ...]]
    faults: tuple[Fault, ...]
    rows_read: int

    @property
    def errors(self) -> list[Fault]:
        """Faults that refuse the file, in its order."""
        return sorted((one for one in self.faults if one.severity == "error"), key=lambda one: (one.line, one.column))
