"""Reads about prices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from preau.domain.activities.models import Unit
from preau.domain.families.models import Child, ChildHome, Household, QuotientFamilial
from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.models import TariffVersion, UnitTariff
from preau.domain.pricing.rules import Circumstances, Grid, Quote, Quotient, price, sentences
from preau.foundation import french

_NARROW = "\u202f"


@dataclass(frozen=True)
class _Dated:
    """A version with its grid read once."""

    version: TariffVersion
    unit_label: str
    sentence: str

    @cached_property
    def grid(self) -> Grid:
        return self.version.grid


@dataclass(frozen=True, slots=True)
class Prices:
    """What a family pays for some units on any day: all that it takes is here, and quoting asks nothing more."""

    household: Household
    #: By unit id, the last to begin first.
    versions: Mapping[int, Sequence[_Dated]]
    #: The last to begin first.
    quotients: Sequence[Quotient]
    #: By child id: the eldest is 1.
    ranks: Mapping[int, int]

    def quote(
        self, unit: Unit, child: Child, day: date, *, day_kind: str, is_late: bool, minutes: int | None = None
    ) -> Quote:
        """The price of a unit for a child on a day, and why. `minutes`: what is booked by the hour (price of an hour).

        Raises:
            NoTariffError: no version is in force on that day, no line of it fits, or the child is of another family.
        """
        dated = next((one for one in self.versions.get(unit.id, ()) if one.version.valid_from <= day), None)
        if dated is None:
            raise NoTariffError(_nothing(unit, f"n’a pas de tarif le {french.day(day)}"))
        rank = self.ranks.get(child.id)
        if rank is None:
            raise NoTariffError(
                _nothing(unit, f"n’a pas de prix pour un enfant d’un autre dossier que {self.household}")
            )
        about = Circumstances(
            quotient=next((quotient for quotient in self.quotients if quotient.valid_on <= day), None),
            town_link=self.household.town_link,
            rank=rank,
            level=child.level,
            day_kind=day_kind,
            is_late=is_late,
            minutes=minutes,
        )
        made = price(dated.grid, about)
        if made is None:
            raise NoTariffError(_nothing(unit, f"a un tarif le {french.day(day)}, mais qui ne prévoit pas votre cas"))
        return Quote(made.cents, dated.version.id, dated.unit_label, (dated.sentence, *made.reasons))


def prices_of(units: Iterable[Unit], *, household: Household) -> Prices:
    """What a family pays for these units, in five queries whatever their number."""
    quotients = QuotientFamilial.objects.filter(household=household).order_by("-valid_on")
    return Prices(
        household=household,
        versions=_versions([unit.id for unit in units]),
        quotients=[Quotient(cents=one.amount_cents, valid_on=one.valid_on) for one in quotients],
        ranks=_ranks(household),
    )


def _versions(unit_ids: list[int]) -> dict[int, list[_Dated]]:
    attached = UnitTariff.objects.filter(unit_id__in=unit_ids).select_related("tariff")
    found: dict[int, list[_Dated]] = {}
    read: dict[int, list[_Dated]] = {}
    for one in attached.prefetch_related("tariff__versions__lines"):
        tariff = one.tariff
        if tariff.id not in read:
            read[tariff.id] = [
                _Dated(
                    version,
                    tariff.unit_label,
                    sentences.of_version(tariff.name, version.deliberation, version.valid_from),
                )
                for version in sorted(tariff.versions.all(), key=lambda version: version.valid_from, reverse=True)
            ]
        found[one.unit_id] = read[tariff.id]
    return found


def _ranks(household: Household) -> dict[int, int]:
    """Places by birth date; a child whose birth date is unknown comes last, twins in the order of the file."""
    homes = ChildHome.objects.filter(household=household).select_related("child")
    ordered = sorted(homes, key=lambda home: (home.child.birth_date or date.max, home.position))
    return {home.child_id: rank for rank, home in enumerate(ordered, 1)}


def _nothing(unit: Unit, why: str) -> str:
    return f"«{_NARROW}{unit.name}{_NARROW}» {why}. Appelez la mairie{_NARROW}: aucun prix n’est deviné."
