"""Writes about tariffs: an agent creates them, a deliberation dates their versions, units are attached to them."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from preau.domain.activities.models import Unit
from preau.domain.pricing.errors import Fault, OtherRegieError, TariffRefusedError, VersionUsedError
from preau.domain.pricing.models import PriceLine, Tariff, TariffVersion, UnitTariff
from preau.domain.pricing.rules import Grid, Line, Rounding, grid_faults
from preau.domain.regies.models import Regie
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.text import clean, quoted

_NARROW = "\u202f"
_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_DELIBERATION = 100, 40, 120
_MOST_CENTS, _MOST_PERCENT = 100_000, 500


@transaction.atomic
def create_tariff(*, regie: Regie, name: str, unit_label: str, by: Actor) -> Tariff:
    """A tariff without price yet.

    Raises:
        TariffRefusedError: no name, a name that the régie already uses, or words that are too long.
    """
    name, unit_label = clean(name), clean(unit_label)
    faults = [*_text_faults("name", name, _LONGEST_NAME), *_text_faults("unit_label", unit_label, _LONGEST_LABEL)]
    Regie.objects.select_for_update(of=("self",)).get(id=regie.id)
    if Tariff.objects.filter(regie=regie, name=name).exists():
        faults.append(Fault(f"La régie a déjà un tarif {quoted(name)}.", "name"))
    if faults:
        raise TariffRefusedError(faults)
    tariff = Tariff.objects.create(regie=regie, name=name, unit_label=unit_label)
    record(by=by, action="tariff.created", subject=tariff.public_id, details={"name": name})
    return tariff


@transaction.atomic
def add_version(
    *,
    tariff: Tariff,
    valid_from: date,
    deliberation: str,
    lines: Sequence[Line],
    by: Actor,
    rounding: Rounding = Rounding.CENT,
    late_surcharge_cents: int = 0,
    late_surcharge_percent: int = 0,
    cap_cents: int | None = None,
) -> TariffVersion:
    """What a deliberation decided, from midnight of a day on (I20).

    Raises:
        TariffRefusedError: it would change prices of days gone by, leave a family without price, hold a line that
            serves nobody, or pass the legal cap; every fault is told at once.
    """
    Tariff.objects.select_for_update(of=("self",)).get(id=tariff.id)
    version = TariffVersion(
        tariff=tariff,
        valid_from=valid_from,
        deliberation=clean(deliberation),
        rounding=rounding,
        late_surcharge_cents=late_surcharge_cents,
        late_surcharge_percent=late_surcharge_percent,
        cap_cents=cap_cents,
    )
    faults = [*_version_faults(version), *grid_faults(Grid(lines=lines, cap_cents=cap_cents))]
    if faults:
        raise TariffRefusedError(faults)
    version.save(force_insert=True)
    PriceLine.objects.bulk_create(_rows(version, lines))
    details = {"valid_from": str(valid_from), "deliberation": version.deliberation, "lines": len(lines)}
    record(by=by, action="tariff.version_added", subject=tariff.public_id, details=details)
    return version


def remove_version(*, version: TariffVersion, by: Actor) -> None:
    """Take back a version that made no price yet: a slip of the hand, a deliberation put off.

    Raises:
        VersionUsedError: a booking holds it; the database says so, whoever they are.
    """
    details = {"valid_from": str(version.valid_from), "deliberation": version.deliberation}
    try:
        with transaction.atomic():
            TariffVersion.objects.filter(id=version.id).delete()
            PriceLine.objects.filter(version_id=version.id).delete()
            record(by=by, action="tariff.version_removed", subject=version.tariff.public_id, details=details)
    except (ProtectedError, IntegrityError) as held:
        raise VersionUsedError(
            f"La version du {french.day(version.valid_from)} a déjà servi à des réservations{_NARROW}: elle ne peut "
            f"plus être retirée. Pour changer les prix, écrivez une nouvelle version."
        ) from held


@transaction.atomic
def attach(*, unit: Unit, tariff: Tariff, by: Actor) -> UnitTariff:
    """Price a unit by a tariff, in place of the one it had; what is booked keeps its price.

    Raises:
        OtherRegieError: the unit is collected by another régie.
    """
    if unit.activity.regie_id != tariff.regie_id:
        raise OtherRegieError(
            f"{quoted(unit.name)} est encaissé par une autre régie que celle du tarif {quoted(tariff.name)}."
        )
    attached, _ = UnitTariff.objects.update_or_create(unit=unit, defaults={"tariff": tariff})
    details = {"activity": unit.activity.public_id, "unit": unit.code}
    record(by=by, action="tariff.attached", subject=tariff.public_id, details=details)
    return attached


def _rows(version: TariffVersion, lines: Sequence[Line]) -> Iterator[PriceLine]:
    for position, line in enumerate(lines, 1):
        yield PriceLine(
            version=version,
            position=position,
            basis=line.basis,
            price_cents=line.price_cents,
            rate=line.rate,
            floor_cents=line.floor_cents,
            ceiling_cents=line.ceiling_cents,
            quotient_from_cents=line.quotient_from_cents,
            quotient_to_cents=line.quotient_to_cents,
            town_links=list(line.town_links),
            rank_from=line.rank_from,
            levels=list(line.levels),
            day_kinds=list(line.day_kinds),
        )


def _version_faults(version: TariffVersion) -> Iterator[Fault]:
    yield from _text_faults("deliberation", version.deliberation, _LONGEST_DELIBERATION)
    yield from _date_faults(version)
    if version.rounding not in Rounding.values:
        yield Fault("Choisissez un arrondi.", "rounding")
    if not 0 <= version.late_surcharge_cents <= _MOST_CENTS:
        yield Fault("Écrivez une majoration entre 0 et 1\u202f000,00\u202f€.", "late_surcharge_cents")
    if not 0 <= version.late_surcharge_percent <= _MOST_PERCENT:
        yield Fault(f"Écrivez une majoration entre 0 et {_MOST_PERCENT}\u202f%.", "late_surcharge_percent")
    if version.cap_cents is not None and not 1 <= version.cap_cents <= _MOST_CENTS:
        yield Fault("Écrivez un plafond entre 0,01 et 1\u202f000,00\u202f€.", "cap_cents")


def _date_faults(version: TariffVersion) -> Iterator[Fault]:
    """A tariff never changes prices of days gone by; the first one may begin before the portal opened."""
    versions = TariffVersion.objects.filter(tariff_id=version.tariff_id)
    if versions.filter(valid_from=version.valid_from).exists():
        yield Fault("Une version commence déjà ce jour-là.", "valid_from")
        return
    before = versions.filter(valid_from__lt=version.valid_from).first()
    if before is not None and version.valid_from < clock.today(the_town().zone):
        yield Fault(
            f"Un tarif n’est pas rétroactif{_NARROW}: la version du {french.day(before.valid_from)} a valu ces "
            "jours-là. Choisissez aujourd’hui ou plus tard.",
            "valid_from",
        )


def _text_faults(field: str, text: str, longest: int) -> Iterator[Fault]:
    if not text:
        asked = {"name": "Donnez un nom au tarif.", "unit_label": "Dites comment il se compte, comme « à l’unité »."}
        yield Fault(asked.get(field, "Citez la délibération."), field)
    elif len(text) > longest:
        yield Fault(f"Écrivez {longest} caractères au plus.", field)
