from django.db import models
from django.db.models import F, Q

from preau.domain.activities.rules.menus import RegisterKind, RestaurantKind
from preau.foundation import ids


class SchoolYear(models.Model):
    """A school year: enrolments belong to one, and the next needs new ones (C47). Both days included."""

    label = models.CharField("année scolaire", max_length=20, unique=True)
    first_day = models.DateField("premier jour")
    last_day = models.DateField("dernier jour")

    class Meta:
        verbose_name = "année scolaire"
        verbose_name_plural = "années scolaires"
        ordering = ["-first_day"]
        constraints = [
            models.CheckConstraint(name="school_year_ends_after_it_begins", condition=Q(last_day__gt=F("first_day"))),
        ]

    def __str__(self) -> str:
        return self.label


class Site(models.Model):
    """A place where children are received: a school canteen, a leisure centre, a crèche.

    The last four say it in the public files of menus; `register_number` is its number in the register of that kind.
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    name = models.CharField("nom", max_length=100, unique=True)
    address = models.TextField("adresse", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    restaurant_kind = models.CharField(
        "sorte d’établissement", max_length=24, choices=RestaurantKind, default=RestaurantKind.OTHER
    )
    register_kind = models.CharField("registre", max_length=5, choices=RegisterKind, default=RegisterKind.NONE)
    register_number = models.CharField("numéro dans ce registre", max_length=20, blank=True)
    insee_code = models.CharField("code INSEE de la commune", max_length=5, blank=True)

    class Meta:
        verbose_name = "lieu"
        verbose_name_plural = "lieux"
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["register_number"],
                condition=~Q(register_number=""),
                name="a_number_of_a_register_names_one_site",
            ),
            models.CheckConstraint(
                name="a_site_without_register_has_no_number",
                condition=~Q(register_kind=RegisterKind.NONE) | Q(register_number=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SchoolHoliday(models.Model):
    """Days without school, from the official calendar of the zone or typed overseas (rule 32). Both days included."""

    name = models.CharField("nom", max_length=60)
    first_day = models.DateField("premier jour sans classe")
    last_day = models.DateField("dernier jour sans classe")

    class Meta:
        verbose_name = "vacances scolaires"
        verbose_name_plural = "vacances scolaires"
        ordering = ["first_day"]
        constraints = [
            models.UniqueConstraint(fields=["first_day"], name="school_holidays_begin_on_different_days"),
            models.CheckConstraint(
                name="school_holiday_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PublicHoliday(models.Model):
    """A public holiday that this town keeps, local ones included (rule 32); nothing opens on it."""

    day = models.DateField("jour", unique=True)
    name = models.CharField("nom", max_length=60)

    class Meta:
        verbose_name = "jour férié"
        verbose_name_plural = "jours fériés"
        ordering = ["day"]

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """Days on which the whole town, one site or one activity is closed, and why. Both days included."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True, related_name="closures")
    activity = models.ForeignKey(
        "activities.Activity", on_delete=models.CASCADE, null=True, blank=True, related_name="closures"
    )
    first_day = models.DateField("premier jour")
    last_day = models.DateField("dernier jour")
    reason = models.CharField("raison", max_length=120)

    class Meta:
        verbose_name = "fermeture"
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(name="closure_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(name="closure_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="closure_names_a_site_or_an_activity_not_both",
                condition=Q(site__isnull=True) | Q(activity__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
