from django.db import models
from django.db.models import F, Q

from preau.domain.activities.models import Unit
from preau.domain.bookings.models.enrolments import Enrolment
from preau.domain.bookings.rules.contracts import Hours
from preau.domain.bookings.states import ContractState
from preau.domain.pricing.models import TariffVersion
from preau.foundation import ids

_MINUTES_OF_A_DAY = 24 * 60


class CareContract(models.Model):
    """Hours for which a child is expected, week after week, and the one sum asked each month (V02, rule 31).

    Both days included. Every open day of it is a confirmed booking of price 0: places are held hour by hour, and money
    is asked by the month, whatever its number of days. Terms never change: a new contract replaces this one. Minutes
    and cents are those of `rules.contracts`, kept as they were signed.
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="contracts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="contracts")
    state = models.CharField(max_length=6, choices=ContractState, default=ContractState.SIGNED)
    first_day = models.DateField("premier jour")
    last_day = models.DateField("dernier jour")
    #: Weeks of care, and months that share them, over the whole contract.
    weeks = models.PositiveSmallIntegerField("semaines d’accueil")
    months = models.PositiveSmallIntegerField("mois facturés")
    hourly_cents = models.PositiveIntegerField("prix de l’heure (centimes)")
    monthly_minutes = models.PositiveIntegerField("minutes par mois")
    monthly_cents = models.PositiveIntegerField("somme par mois (centimes)")
    tariff_version = models.ForeignKey(TariffVersion, on_delete=models.PROTECT, related_name="contracts")
    #: Sentences that explain the price of an hour, as they were when it was signed.
    price_reasons = models.JSONField(default=list)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    #: Why it ended before its last day: told to the family.
    end_reason = models.CharField("motif", max_length=300, blank=True)
    signed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "contrat d’accueil"
        verbose_name_plural = "contrats d’accueil"
        ordering = ["-first_day", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "first_day"],
                condition=~Q(state=ContractState.VOID),
                name="contracts_of_an_enrolment_begin_on_different_days",
            ),
            models.CheckConstraint(name="contract_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(name="contract_has_weeks_of_one_year", condition=Q(weeks__gte=1, weeks__lte=53)),
            models.CheckConstraint(name="contract_is_spread_over_a_year", condition=Q(months__gte=1, months__lte=12)),
            models.CheckConstraint(name="contract_counts_some_minutes", condition=Q(monthly_minutes__gte=1)),
            models.CheckConstraint(
                name="only_a_contract_cut_short_says_when_and_why",
                condition=Q(state=ContractState.SIGNED, ended_at__isnull=True, end_reason="")
                | ~Q(state=ContractState.SIGNED) & Q(ended_at__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"


class ContractDay(models.Model):
    """Hours of one weekday of a contract; 0 is Monday, minutes after midnight, local."""

    contract = models.ForeignKey(CareContract, on_delete=models.PROTECT, related_name="days")
    weekday = models.PositiveSmallIntegerField("jour de la semaine")
    starts_minute = models.PositiveSmallIntegerField("arrivée")
    ends_minute = models.PositiveSmallIntegerField("départ")

    class Meta:
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "weekday"], name="a_contract_has_one_span_a_weekday"),
            models.CheckConstraint(name="contract_weekday_exists", condition=Q(weekday__lte=6)),
            models.CheckConstraint(
                name="contract_hours_end_after_they_begin",
                condition=Q(ends_minute__gt=F("starts_minute"), ends_minute__lte=_MINUTES_OF_A_DAY),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.weekday} {self.starts_minute}-{self.ends_minute}"

    @property
    def hours(self) -> Hours:
        """These hours as the rules read them."""
        return Hours(self.weekday, self.starts_minute, self.ends_minute)


class ContractEvent(models.Model):
    """One move of a contract: who, when, why, and its last day from then on. Append-only."""

    contract = models.ForeignKey(CareContract, on_delete=models.PROTECT, related_name="events")
    name = models.CharField(max_length=20)
    last_day = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.name}"
