"""Reads about prices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from preau.domain.activities.models import Unit
from preau.domain.families.models import Child, ChildHome, Household, QuotientFamilial
from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.models import Tariff, TariffVersion, UnitTariff
from preau.domain.pricing.rules import Circumstances, Grid, Quote, Quotient, price, sentences
from preau.foundation import french

_NARROW = "\u202f"


@dataclass(frozen=True)
class DatedGrid:
    """A version with its grid, read once."""

    version: TariffVersion

    @cached_property
    def grid(self) -> Grid:
        return self.version.grid

    def quote(self, tariff: Tariff, about: Circumstances) -> Quote | None:
        """What it asks in some circumstances, and why; None when no line fits."""
        made = price(self.grid, about)
        if made is None:
            return None
        decided = sentences.of_version(tariff.name, self.version.deliberation, self.version.valid_from)
        return Quote(made.cents, self.version.id, tariff.unit_label, (decided, *made.reasons))


@dataclass(frozen=True, slots=True)
class DatedTariff:
    """A tariff with its versions, the last to begin first."""

    tariff: Tariff
    versions: Sequence[DatedGrid]

    def on(self, day: date) -> DatedGrid | None:
        """The version in force on a day: the last that began (I20)."""
        return next((one for one in self.versions if one.version.valid_from <= day), None)

    def quote(self, what: str, day: date, about: Circumstances) -> Quote:
        """What `what` costs on a day.

        Raises:
            NoTariffError: no version is in force on that day, or no line of it fits.
        """
        dated = self.on(day)
        if dated is None:
            raise NoTariffError(no_price(what, f"n’a pas de tarif le {french.day(day)}"))
        quote = dated.quote(self.tariff, about)
        if quote is None:
            raise NoTariffError(no_price(what, f"a un tarif le {french.day(day)}, mais qui ne prévoit pas ce cas"))
        return quote


@dataclass(frozen=True, slots=True)
class Prices:
    """What a family pays for some units on any day: all that it takes is here, and quoting asks nothing more."""

    household: Household
    #: By unit id.
    tariffs: Mapping[int, DatedTariff]
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
        tariff = self.tariffs.get(unit.id)
        if tariff is None:
            raise NoTariffError(no_price(unit.name, "n’a pas de tarif"))
        rank = self.ranks.get(child.id)
        if rank is None:
            raise NoTariffError(no_price(unit.name, "n’a pas de prix pour un enfant d’un autre dossier"))
        about = Circumstances(
            quotient=next(
                (quotient for quotient in self.quotients if quotient.valid_on and quotient.valid_on <= day), None
            ),
            town_link=self.household.town_link,
            rank=rank,
            level=child.level,
            day_kind=day_kind,
            is_late=is_late,
            minutes=minutes,
        )
        return tariff.quote(unit.name, day, about)


def prices_of(units: Iterable[Unit], *, household: Household) -> Prices:
    """What a family pays for these units, in five queries whatever their number."""
    quotients = QuotientFamilial.objects.filter(household=household).order_by("-valid_on")
    return Prices(
        household=household,
        tariffs=_tariffs([unit.id for unit in units]),
        quotients=[Quotient(cents=one.amount_cents, valid_on=one.valid_on) for one in quotients],
        ranks=_ranks(household),
    )


def dated(tariff: Tariff) -> DatedTariff:
    """A tariff whose versions and lines are prefetched."""
    versions = sorted(tariff.versions.all(), key=lambda version: version.valid_from, reverse=True)
    return DatedTariff(tariff, [DatedGrid(version) for version in versions])


def _tariffs(unit_ids: list[int]) -> dict[int, DatedTariff]:
    attached = UnitTariff.objects.filter(unit_id__in=unit_ids).select_related("tariff")
    read: dict[int, DatedTariff] = {}
    found = {}
    for one in attached.prefetch_related("tariff__versions__lines"):
        found[one.unit_id] = read.setdefault(one.tariff_id, dated(one.tariff))
    return found


def _ranks(household: Household) -> dict[int, int]:
    """Places by birth date; a child whose birth date is unknown comes last, twins in the order of the file."""
    homes = ChildHome.objects.filter(household=household).select_related("child")
    ordered = sorted(homes, key=lambda home: (home.child.birth_date or date.max, home.position))
    return {home.child_id: rank for rank, home in enumerate(ordered, 1)}


def no_price(what: str, why: str) -> str:
    """A sentence that says that nothing is guessed."""
    return f"«{_NARROW}{what}{_NARROW}» {why}. Appelez la mairie{_NARROW}: aucun prix n’est deviné."
