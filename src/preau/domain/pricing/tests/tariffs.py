"""Tariffs for tests, written as the desk writes them once `services` agreed."""

from datetime import date
from itertools import count
from typing import Any

from preau.domain.activities.models import Activity, SchoolYear, Site, Unit
from preau.domain.pricing.models import PriceLine, Tariff, TariffVersion, UnitTariff
from preau.domain.pricing.rules import Line
from preau.domain.regies.models import Regie

SEPTEMBER = date(2026, 9, 1)
_numbers = count(1)


def make_unit(regie: Regie, **values: Any) -> Unit:
    """« Repas » of a canteen of the régie."""
    number = next(_numbers)
    year, _ = SchoolYear.objects.get_or_create(
        label="2026 / 2027", defaults={"first_day": SEPTEMBER, "last_day": date(2027, 8, 31)}
    )
    activity = Activity.objects.create(
        kind="canteen",
        name=f"Cantine {number}",
        short_name="Cantine",
        site=Site.objects.create(name=f"École {number}"),
        school_year=year,
        regie=regie,
        first_day=SEPTEMBER,
        last_day=date(2027, 7, 3),
    )
    return Unit.objects.create(activity=activity, **{"code": "repas", "name": "Repas", "parts": ["noon"], **values})


def make_tariff(regie: Regie, *units: Unit, **values: Any) -> Tariff:
    tariff = Tariff.objects.create(regie=regie, **{"name": f"Restauration {next(_numbers)}", **values})
    UnitTariff.objects.bulk_create(UnitTariff(unit=unit, tariff=tariff) for unit in units)
    return tariff


def make_version(tariff: Tariff, *lines: Line, **values: Any) -> TariffVersion:
    """Written past the services: what they refuse can be planted."""
    version = TariffVersion.objects.create(
        tariff=tariff, **{"valid_from": SEPTEMBER, "deliberation": "délibération n° 2026-41", **values}
    )
    PriceLine.objects.bulk_create(
        PriceLine(version=version, position=position, **columns_of_line(line)) for position, line in enumerate(lines, 1)
    )
    return version


def columns_of_line(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in Line.__slots__}


def plain(*sentences: str) -> tuple[str, ...]:
    """Sentences with common spaces."""
    return tuple(" ".join(sentence.split()) for sentence in sentences)
