"""Reads about prices and tariffs."""

from preau.domain.pricing.queries.prices import Prices, prices_of
from preau.domain.pricing.queries.tariffs import (
    TariffRow,
    TariffSheet,
    VersionSheet,
    listed_tariffs,
    tariff_sheet,
    tried_price,
)

__all__ = [
    "Prices",
    "TariffRow",
    "TariffSheet",
    "VersionSheet",
    "listed_tariffs",
    "prices_of",
    "tariff_sheet",
    "tried_price",
]
