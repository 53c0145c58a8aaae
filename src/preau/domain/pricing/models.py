from django.db import models
from django.db.models import F, Q

from preau.domain.activities.models import Unit
from preau.domain.pricing.rules.grids import Basis, Grid, Line, Rounding
from preau.domain.regies.models import Regie
from preau.foundation import ids


class Tariff(models.Model):
    """A named tariff of a régie; what it says is in its dated versions."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="tariffs", verbose_name="régie")
    name = models.CharField("nom", max_length=100)
    #: How the price is counted, as families read it: « à l’unité », « de l’heure », « le séjour » (C36).
    unit_label = models.CharField("unité", max_length=40, default="à l’unité")

    class Meta:
        verbose_name = "tarif"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["regie", "name"], name="tariff_names_differ_within_a_regie"),
        ]

    def __str__(self) -> str:
        return self.name


class TariffVersion(models.Model):
    """What a deliberation decided, from a day on: the version in force on a day is the last that began (I20).

    Never changed once a price was made from it: a new deliberation is a new version.
    """

    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="versions", verbose_name="tarif")
    valid_from = models.DateField("en vigueur à partir du")
    deliberation = models.CharField("délibération", max_length=120)
    rounding = models.CharField("arrondi", max_length=12, choices=Rounding, default=Rounding.CENT)
    #: Added to the price of a late booking, as a line of its own in the explanation (rule 19).
    late_surcharge_cents = models.PositiveIntegerField("majoration de retard (centimes)", default=0)
    late_surcharge_percent = models.PositiveSmallIntegerField("majoration de retard (%)", default=0)
    #: No price may exceed it: the cost per user, where the law says so (rule 19).
    cap_cents = models.PositiveIntegerField("plafond légal (centimes)", null=True, blank=True)

    class Meta:
        verbose_name = "version de tarif"
        verbose_name_plural = "versions de tarif"
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["tariff", "valid_from"], name="one_version_of_a_tariff_begins_on_a_day"),
            models.CheckConstraint(name="tariff_version_names_its_deliberation", condition=~Q(deliberation="")),
        ]

    def __str__(self) -> str:
        return f"{self.tariff_id} {self.valid_from}"

    @property
    def grid(self) -> Grid:
        """The version as the rules read it; its lines come from a prefetch where there are several versions."""
        return Grid(
            lines=[line.as_rule for line in self.lines.all()],
            rounding=Rounding(self.rounding),
            late_surcharge_cents=self.late_surcharge_cents,
            late_surcharge_percent=self.late_surcharge_percent,
            cap_cents=self.cap_cents,
        )


class PriceLine(models.Model):
    """One line of a grid: whom it concerns, and what they pay. The first line that fits gives the price.

    Empty criteria fit everybody. `quotient_from_cents` is included, `quotient_to_cents` is not. A fixed line has
    `price_cents`; a linear effort line pays `quotient × rate`, between `floor_cents` and `ceiling_cents`.
    """

    #: The database keeps lines as long as their version stands: `services.remove_version` removes the version first.
    version = models.ForeignKey(TariffVersion, on_delete=models.DO_NOTHING, related_name="lines")
    position = models.PositiveSmallIntegerField("ordre")
    basis = models.CharField("calcul", max_length=8, choices=Basis, default=Basis.FIXED)
    price_cents = models.PositiveIntegerField("prix (centimes)", null=True, blank=True)
    #: Part of the quotient paid: 0.0052 asks 3,64 € of a quotient of 700,00 €.
    rate = models.DecimalField("taux d’effort", max_digits=9, decimal_places=7, null=True, blank=True)
    floor_cents = models.PositiveIntegerField("plancher (centimes)", null=True, blank=True)
    ceiling_cents = models.PositiveIntegerField("plafond (centimes)", null=True, blank=True)
    quotient_from_cents = models.PositiveIntegerField("quotient à partir de", null=True, blank=True)
    quotient_to_cents = models.PositiveIntegerField("quotient en dessous de", null=True, blank=True)
    town_links = models.JSONField("lien avec la commune", default=list, blank=True)
    rank_from = models.PositiveSmallIntegerField("à partir de l’enfant n°", null=True, blank=True)
    levels = models.JSONField("classes", default=list, blank=True)
    day_kinds = models.JSONField("sortes de jour", default=list, blank=True)

    class Meta:
        verbose_name = "ligne de tarif"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="lines_of_a_tariff_version_have_ranks"),
            models.CheckConstraint(name="price_lines_count_from_one", condition=Q(position__gte=1)),
            models.CheckConstraint(name="rank_of_a_price_line_counts_from_one", condition=~Q(rank_from=0)),
            models.CheckConstraint(
                name="price_line_says_its_price_or_its_rate",
                condition=Q(basis="fixed", price_cents__isnull=False, rate__isnull=True)
                | Q(
                    basis="effort",
                    price_cents__isnull=True,
                    # A comparison with nothing is no refusal: each value is asked for by itself.
                    rate__isnull=False,
                    rate__gt=0,
                    rate__lte=1,
                    floor_cents__isnull=False,
                    ceiling_cents__isnull=False,
                    ceiling_cents__gte=F("floor_cents"),
                ),
            ),
            models.CheckConstraint(
                name="quotients_of_a_price_line_are_in_order",
                condition=Q(quotient_to_cents__isnull=True)
                | Q(quotient_from_cents__isnull=True, quotient_to_cents__gt=0)
                | Q(quotient_from_cents__isnull=False, quotient_to_cents__gt=F("quotient_from_cents")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}.{self.position}"

    @property
    def as_rule(self) -> Line:
        """The line as the rules read it."""
        return Line(
            basis=Basis(self.basis),
            price_cents=self.price_cents,
            rate=self.rate,
            floor_cents=self.floor_cents,
            ceiling_cents=self.ceiling_cents,
            quotient_from_cents=self.quotient_from_cents,
            quotient_to_cents=self.quotient_to_cents,
            town_links=tuple(self.town_links),
            rank_from=self.rank_from,
            levels=tuple(self.levels),
            day_kinds=tuple(self.day_kinds),
        )


class UnitTariff(models.Model):
    """Which tariff prices a unit. Without one it cannot be booked: no price is ever guessed."""

    unit = models.OneToOneField(Unit, on_delete=models.CASCADE, related_name="pricing", verbose_name="unité")
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="units", verbose_name="tarif")

    class Meta:
        verbose_name = "tarif d’une unité"
        verbose_name_plural = "tarifs des unités"

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.tariff_id}"
