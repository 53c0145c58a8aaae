"""Pure rules of prices."""

from preau.domain.pricing.rules.checks import grid_faults, line_faults, overlaps
from preau.domain.pricing.rules.grids import Basis, Circumstances, Grid, Line, Quotient, Rounding
from preau.domain.pricing.rules.prices import Price, Quote, price

__all__ = [
    "Basis",
    "Circumstances",
    "Grid",
    "Line",
    "Price",
    "Quote",
    "Quotient",
    "Rounding",
    "grid_faults",
    "line_faults",
    "overlaps",
    "price",
]
