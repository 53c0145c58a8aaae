from preau.domain.activities.models.activities import (
    Activity,
    ActivityGroup,
    ActivityKind,
    DeadlineKind,
    DeadlinePurpose,
    DeadlineRule,
    DrawnFrom,
    PaymentMode,
    Unit,
    UnitMode,
)
from preau.domain.activities.models.calendar import Closure, PublicHoliday, SchoolHoliday, SchoolYear, Site
from preau.domain.activities.models.places import PlacesOfDay

__all__ = [
    "Activity",
    "ActivityGroup",
    "ActivityKind",
    "Closure",
    "DeadlineKind",
    "DeadlinePurpose",
    "DeadlineRule",
    "DrawnFrom",
    "PaymentMode",
    "PlacesOfDay",
    "PublicHoliday",
    "SchoolHoliday",
    "SchoolYear",
    "Site",
    "Unit",
    "UnitMode",
]
