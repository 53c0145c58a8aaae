from datetime import time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from preau.domain.activities.models.calendar import SchoolYear, Site
from preau.domain.activities.rules.calendar import DrawnFrom
from preau.domain.activities.rules.deadlines import (
    LAST_DAY_OF_EVERY_MONTH,
    MOST_WORKING_DAYS,
    DeadlineKind,
    DeadlinePurpose,
)
from preau.domain.regies.models import Regie
from preau.foundation import ids

_MINUTES_OF_A_DAY = 24 * 60


class ActivityKind(models.TextChoices):
    """Kinds of service that the guides name (C04, L15, V01, V02)."""

    CANTEEN = "canteen", "restauration scolaire"
    MORNING_CARE = "morning_care", "accueil du matin"
    EVENING_CARE = "evening_care", "accueil du soir"
    STUDY = "study", "étude surveillée"
    ALSH = "alsh", "accueil de loisirs"
    DISCOVERY_CLASS = "discovery_class", "classe de découverte"
    COLLECTIVE_CRECHE = "collective_creche", "crèche collective"
    FAMILY_CRECHE = "family_creche", "crèche familiale"
    DROP_IN_NURSERY = "drop_in_nursery", "halte-garderie"
    KINDERGARTEN = "kindergarten", "jardin d’enfants"


class UnitMode(models.TextChoices):
    """How a place is taken: a day or half-day, hours of a day, a monthly contract in hours, a whole stay."""

    DAYS = "days", "à la journée ou demi-journée"
    HOURS = "hours", "à l’heure"
    CONTRACT = "contract", "par contrat mensuel en heures"
    STAY = "stay", "au séjour"


class PaymentMode(models.TextChoices):
    """When what is booked is paid (C24)."""

    IMMEDIATE = "immediate", "paiement immédiat"
    PREPAID = "prepaid", "prépayé"
    IN_ADVANCE = "in_advance", "facturé d’avance"
    AFTERWARDS = "afterwards", "facturé après"


#: Modes in which a place is confirmed by money only (C39).
PAID_FIRST = (PaymentMode.IMMEDIATE, PaymentMode.PREPAID)


class Activity(models.Model):
    """A service at one site for one school year: « Cantine Les Lutins Gourmands 2017 / 2018 » (C24, C47).

    `weekdays` has one bit a day, Monday the lowest. Ages are months on the day attended. `opens_minute` and
    `closes_minute` (minutes after midnight, local) bound activities by the hour.
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    kind = models.CharField("nature", max_length=20, choices=ActivityKind)
    name = models.CharField("nom", max_length=100)
    short_name = models.CharField("nom court", max_length=24)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="activities", verbose_name="lieu")
    school_year = models.ForeignKey(
        SchoolYear, on_delete=models.PROTECT, related_name="activities", verbose_name="année scolaire"
    )
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="activities", verbose_name="régie")
    unit_mode = models.CharField("réservation", max_length=10, choices=UnitMode, default=UnitMode.DAYS)
    payment_mode = models.CharField("paiement", max_length=12, choices=PaymentMode, default=PaymentMode.AFTERWARDS)
    icon = models.CharField("pictogramme", max_length=20, default="calendar")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    first_day = models.DateField("premier jour")
    last_day = models.DateField("dernier jour")
    drawn_from = models.CharField("jours", max_length=10, choices=DrawnFrom, default=DrawnFrom.TERM)
    weekdays = models.PositiveSmallIntegerField("jours de la semaine", default=0b11011)
    min_age_months = models.PositiveSmallIntegerField("âge minimum (mois)", null=True, blank=True)
    max_age_months = models.PositiveSmallIntegerField("âge maximum (mois)", null=True, blank=True)
    levels = models.JSONField("classes admises", default=list, blank=True)
    #: Names of schools, as the files of children say them (C13); empty: all of them.
    schools = models.JSONField("écoles admises", default=list, blank=True)
    #: Places a day for the whole activity; None: no limit.
    capacity = models.PositiveIntegerField("places par jour", null=True, blank=True)
    hold_minutes = models.PositiveSmallIntegerField(
        "minutes de réserve d’une place à payer", default=20, validators=[MinValueValidator(20)]
    )
    opens_minute = models.PositiveSmallIntegerField("ouverture (minute du jour)", null=True, blank=True)
    closes_minute = models.PositiveSmallIntegerField("fermeture (minute du jour)", null=True, blank=True)
    #: Instant from which families may book; None: as soon as it is published.
    booking_opens_at = models.DateTimeField("ouverture des réservations", null=True, blank=True)
    #: Unpaid places a family may hold at once, so that nobody empties the counter without paying (W25).
    max_held = models.PositiveSmallIntegerField("places en attente par famille", default=60)
    #: Share of the price given back for a day cancelled in time.
    refund_percent = models.PositiveSmallIntegerField(
        "part rendue à l’annulation (%)", default=100, validators=[MaxValueValidator(100)]
    )
    has_waiting_list = models.BooleanField("liste d’attente", default=True)
    #: Time a family has to take an offered place.
    offer_hours = models.PositiveSmallIntegerField("heures pour répondre à une proposition", default=48)
    needs_decision = models.BooleanField("inscription décidée par un agent", default=True)
    required_papers = models.JSONField("pièces demandées", default=list, blank=True)
    counts_meal = models.BooleanField("repas compris", default=False)
    description = models.TextField("présentation", blank=True)
    is_published = models.BooleanField("proposée aux familles", default=True)

    class Meta:
        verbose_name = "activité"
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["name", "school_year"], name="activity_names_differ_within_a_school_year"),
            models.CheckConstraint(name="activity_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(
                name="activity_opens_on_some_weekday", condition=Q(weekdays__gte=1, weekdays__lte=0b1111111)
            ),
            models.CheckConstraint(
                name="activity_ages_are_in_order",
                condition=Q(min_age_months__isnull=True)
                | Q(max_age_months__isnull=True)
                | Q(max_age_months__gte=F("min_age_months")),
            ),
            models.CheckConstraint(
                name="activity_by_the_hour_says_its_hours",
                condition=~Q(unit_mode__in=[UnitMode.HOURS, UnitMode.CONTRACT])
                | Q(
                    opens_minute__isnull=False,
                    closes_minute__isnull=False,
                    closes_minute__gt=F("opens_minute"),
                    closes_minute__lte=_MINUTES_OF_A_DAY,
                ),
            ),
            # A bank's page lives 15 minutes: a shorter hold would free a place that is being paid (A20, P04).
            models.CheckConstraint(name="a_hold_outlasts_every_gateway_session", condition=Q(hold_minutes__gte=20)),
            models.CheckConstraint(name="no_more_is_given_back_than_paid", condition=Q(refund_percent__lte=100)),
            models.CheckConstraint(
                name="a_contract_is_not_paid_place_by_place",
                condition=~Q(unit_mode=UnitMode.CONTRACT) | ~Q(payment_mode__in=PAID_FIRST),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.school_year}"

    @property
    def lets_wait(self) -> bool:
        """Whether families may wait for a full day: a waiting list holds units, neither hours nor contracts."""
        return self.has_waiting_list and self.unit_mode in {UnitMode.DAYS, UnitMode.STAY}

    def takes_weekday(self, weekday: int) -> bool:
        """Whether it may open on a weekday (0 is Monday)."""
        return bool(self.weekdays >> weekday & 1)


class ActivityGroup(models.Model):
    """Children of an activity received apart, with places of their own: « maternelles », « 6-8 ans »."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="groups", verbose_name="activité")
    name = models.CharField("nom", max_length=60)
    levels = models.JSONField("classes admises", default=list, blank=True)
    min_age_months = models.PositiveSmallIntegerField("âge minimum (mois)", null=True, blank=True)
    max_age_months = models.PositiveSmallIntegerField("âge maximum (mois)", null=True, blank=True)
    capacity = models.PositiveIntegerField("places par jour", null=True, blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "groupe"
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "name"], name="group_names_differ_within_an_activity"),
            models.CheckConstraint(
                name="group_ages_are_in_order",
                condition=Q(min_age_months__isnull=True)
                | Q(max_age_months__isnull=True)
                | Q(max_age_months__gte=F("min_age_months")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """What can be ticked on a day: « Repas », « Journée », « Matin avec repas ».

    `parts` are the portions of the day (`DayPart`) whose places it takes: a whole day takes ["am", "pm"], a morning
    ["am"].
    Units of an activity exclude each other: a child takes one a day (I15).
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="units", verbose_name="activité")
    code = models.SlugField("code", max_length=12)
    name = models.CharField("nom", max_length=60)
    parts = models.JSONField("parties du jour", default=list)
    has_meal = models.BooleanField("avec repas", default=False)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "unité"
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["activity", "code"], name="unit_codes_differ_within_an_activity"),
            # Target of the composite key that keeps a booking's unit and activity together.
            models.UniqueConstraint(fields=["id", "activity"], name="a_unit_belongs_to_one_activity"),
        ]

    def __str__(self) -> str:
        return self.name


class DeadlineRule(models.Model):
    """Until when a day may be booked, booked late, or cancelled. Nothing may be changed after the last of them.

    `number`: the day of the month, or how many working days. `weekday`: 0 is Monday. `at`: local time of the town; at
    12:00:00 it is too late. Midnight is the one that ends the day named: « le 10 » at 00:00 is over on the 11th.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="deadlines", verbose_name="activité")
    purpose = models.CharField("pour", max_length=10, choices=DeadlinePurpose, default=DeadlinePurpose.BOOK)
    kind = models.CharField("règle", max_length=30, choices=DeadlineKind)
    number = models.PositiveSmallIntegerField("nombre", default=0)
    weekday = models.PositiveSmallIntegerField("jour de la semaine", default=0)
    at = models.TimeField("heure", default=time(0))

    class Meta:
        verbose_name = "délai"
        constraints = [
            models.UniqueConstraint(fields=["activity", "purpose"], name="an_activity_has_one_deadline_of_a_purpose"),
            models.CheckConstraint(
                name="deadline_day_of_month_exists_every_month",
                condition=~Q(kind=DeadlineKind.DAY_OF_PREVIOUS_MONTH)
                | Q(number__gte=1, number__lte=LAST_DAY_OF_EVERY_MONTH),
            ),
            models.CheckConstraint(
                name="deadline_looks_back_two_months_at_most",
                condition=~Q(kind=DeadlineKind.WORKING_DAYS_BEFORE) | Q(number__lte=MOST_WORKING_DAYS),
            ),
            models.CheckConstraint(name="deadline_weekday_exists", condition=Q(weekday__lte=6)),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.get_kind_display()}"
