from preau.domain.activities.models.activities import (
    Activity,
    ActivityGroup,
    ActivityKind,
    DeadlineRule,
    PaymentMode,
    Unit,
    UnitMode,
)
from preau.domain.activities.models.calendar import Closure, PublicHoliday, SchoolHoliday, SchoolYear, Site
from preau.domain.activities.models.menus import DishProduct, Menu, MenuDish, MenuPublisher
from preau.domain.activities.models.places import PlacesOfDay
from preau.domain.activities.rules.calendar import DrawnFrom
from preau.domain.activities.rules.deadlines import DeadlineKind, DeadlinePurpose

__all__ = [
    "Activity",
    "ActivityGroup",
    "ActivityKind",
    "Closure",
    "DeadlineKind",
    "DeadlinePurpose",
    "DeadlineRule",
    "DishProduct",
    "DrawnFrom",
    "Menu",
    "MenuDish",
    "MenuPublisher",
    "PaymentMode",
    "PlacesOfDay",
    "PublicHoliday",
    "SchoolHoliday",
    "SchoolYear",
    "Site",
    "Unit",
    "UnitMode",
]
