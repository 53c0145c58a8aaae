"""Reads for the agents who keep tariffs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, TextChoices

from preau.domain.activities.models import Unit
from preau.domain.pricing.models import Tariff, TariffVersion, UnitTariff
from preau.domain.pricing.queries.prices import dated
from preau.domain.pricing.rules import Circumstances, Quote, overlaps, sentences


class Standing(TextChoices):
    """Where a version is in time."""

    COMING = "coming", "à venir"
    IN_FORCE = "in_force", "en vigueur"
    PAST = "past", "passée"


@dataclass(frozen=True, slots=True)
class TariffRow:
    """A tariff in a list: what is in force, what comes next, how many units it prices."""

    tariff: Tariff
    in_force: TariffVersion | None
    coming: TariffVersion | None
    units: int


@dataclass(frozen=True, slots=True)
class VersionSheet:
    """A version as a person reads it: (whom, what they pay) line by line, and where two lines share families."""

    version: TariffVersion
    standing: Standing
    lines: Sequence[tuple[str, str]]
    shared: Sequence[str]


@dataclass(frozen=True, slots=True)
class TariffSheet:
    """A tariff with its versions (the last to begin first), the units it prices and those of its régie it could."""

    tariff: Tariff
    versions: Sequence[VersionSheet]
    units: Sequence[UnitTariff]
    others: Sequence[Unit]

    @property
    def last(self) -> TariffVersion | None:
        """The version that begins last."""
        return self.versions[0].version if self.versions else None

    def version_of(self, first_day: str) -> TariffVersion:
        """The version that begins on a day, written as 2026-09-01.

        Raises:
            TariffVersion.DoesNotExist: none does.
        """
        for one in self.versions:
            if str(one.version.valid_from) == first_day:
                return one.version
        raise TariffVersion.DoesNotExist


def listed_tariffs(regie_ids: Collection[int], *, today: date) -> list[TariffRow]:
    """Tariffs of these régies, in two queries whatever their number."""
    tariffs = Tariff.objects.filter(regie_id__in=regie_ids).select_related("regie").annotate(priced=Count("units"))
    ordered = tariffs.order_by("regie__position", "regie__label", "name").prefetch_related("versions")
    return [_row(tariff, tariff.priced, today=today) for tariff in ordered]


def tariff_sheet(regie_ids: Collection[int], *, public_id: str, today: date) -> TariffSheet:
    """One tariff of these régies, in five queries.

    Raises:
        Tariff.DoesNotExist: none of theirs has this id.
    """
    tariffs = Tariff.objects.select_related("regie").prefetch_related("versions__lines")
    tariff = tariffs.get(regie_id__in=regie_ids, public_id=public_id)
    priced = UnitTariff.objects.filter(tariff=tariff).select_related("unit__activity__school_year")
    others = Unit.objects.filter(activity__regie=tariff.regie_id).exclude(pricing__tariff=tariff)
    order = ("activity__school_year__first_day", "activity__position", "activity__name", "position")
    return TariffSheet(
        tariff=tariff,
        versions=_sheets(tariff, today=today),
        units=list(priced.order_by(*(f"unit__{name}" for name in order))),
        others=list(others.select_related("activity", "pricing__tariff").order_by(*order)),
    )


def tried_price(tariff: Tariff, about: Circumstances, *, day: date) -> Quote:
    """What a tariff asks on a day in circumstances that an agent describes.

    Raises:
        NoTariffError: no version is in force on that day, or no line of it fits.
    """
    return dated(tariff).quote(tariff.name, day, about)


def _row(tariff: Tariff, units: int, *, today: date) -> TariffRow:
    versions = list(tariff.versions.all())
    return TariffRow(
        tariff=tariff,
        in_force=max(
            (one for one in versions if one.valid_from <= today), key=lambda one: one.valid_from, default=None
        ),
        coming=min((one for one in versions if one.valid_from > today), key=lambda one: one.valid_from, default=None),
        units=units,
    )


def _sheets(tariff: Tariff, *, today: date) -> list[VersionSheet]:
    by_date = dated(tariff)
    now = by_date.on(today)
    sheets = []
    for one in by_date.versions:
        standing = Standing.COMING if one.version.valid_from > today else Standing.PAST
        lines = one.grid.lines
        sheets.append(
            VersionSheet(
                version=one.version,
                standing=Standing.IN_FORCE if one is now else standing,
                lines=[(sentences.whom(line), sentences.what(line)) for line in lines],
                shared=overlaps(lines),
            )
        )
    return sheets
