"""What tariffs must always say (I13, I20)."""

from collections.abc import Iterable

from django.db.models import F

from preau.domain.pricing.models import TariffVersion, UnitTariff
from preau.domain.pricing.rules import grid_faults
from preau.foundation.invariants import invariant


@invariant("I13", "Une unité n’a de tarif que de la régie qui l’encaisse")
def units_are_priced_by_their_regie() -> Iterable[str]:
    astray = UnitTariff.objects.exclude(unit__activity__regie=F("tariff__regie")).select_related("unit", "tariff")
    return (f"« {one.unit} » a le tarif « {one.tariff} » d’une autre régie" for one in astray)


@invariant("I20", "Toute version de tarif donne un prix à toutes les familles, par des lignes qui se suivent de 1 à n")
def versions_price_everybody() -> Iterable[str]:
    for version in TariffVersion.objects.select_related("tariff").prefetch_related("lines"):
        where = f"« {version.tariff} », version du {version.valid_from}"
        ranks = [line.position for line in version.lines.all()]
        if ranks != list(range(1, len(ranks) + 1)):
            yield f"{where} : lignes {ranks}"
        yield from (f"{where} : {fault.message}" for fault in grid_faults(version.grid))
