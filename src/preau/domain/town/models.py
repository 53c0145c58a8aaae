from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from preau.foundation.files.models import StoredFile

HEX_COLOUR = RegexValidator(r"\A#[0-9a-f]{6}\Z", "Une couleur s’écrit comme #1e4a86.")


def valid_zone(name: str) -> None:
    """Refuse a time zone that the system does not know."""
    if name not in available_timezones():
        raise ValidationError(f"« {name} » n’est pas un fuseau horaire connu (exemple : America/Martinique).")


class Town(models.Model):
    """The town this installation serves: one row, its identity and its look (L09)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField("nom", max_length=80)
    motto = models.CharField("devise", max_length=80, blank=True)
    territory = models.CharField("territoire", max_length=80, blank=True)
    time_zone = models.CharField("fuseau horaire", max_length=40, default="Europe/Paris", validators=[valid_zone])
    primary_colour = models.CharField("première couleur", max_length=7, default="#1e4a86", validators=[HEX_COLOUR])
    secondary_colour = models.CharField("seconde couleur", max_length=7, default="#a8452c", validators=[HEX_COLOUR])
    logo = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    website_url = models.URLField("site de la ville", blank=True)
    address = models.TextField("adresse", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("courriel", blank=True)
    login_help = models.TextField(
        "aide à la connexion",
        default="Connectez-vous en saisissant votre identifiant et votre mot de passe (voir votre dernière facture).",
    )
    payment_notice = models.TextField(
        "encart sur le paiement",
        default="Le paiement s’effectue par carte bancaire ou par prélèvement, sur le site sécurisé de l’État.",
    )
    data_protection_notice = models.TextField(
        "mention sur les données personnelles",
        default=(
            "Vos données servent à gérer les services aux familles. "
            "Vous pouvez les consulter, les corriger, les emporter ou demander leur effacement."
        ),
    )
    data_protection_email = models.EmailField("délégué à la protection des données", blank=True)
    accessibility_state = models.CharField(
        "état d’accessibilité",
        max_length=24,
        choices=[(state, state) for state in ("non conforme", "partiellement conforme", "totalement conforme")],
        # What the law has a site say until somebody audited it (décret 2019-768).
        default="non conforme",
    )
    answer_days = models.PositiveSmallIntegerField(
        "jours pour répondre à une demande",
        default=60,
        help_text="Annoncés à la famille dans l’accusé de réception\u202f; deux mois au plus.",
    )
    history_months = models.PositiveSmallIntegerField("mois d’historique", default=24)
    remember_days = models.PositiveSmallIntegerField("jours de connexion mémorisée", default=30)
    terms_version = models.CharField("version des conditions générales", max_length=20, default="1")
    terms_text = models.TextField("conditions générales", blank=True)

    class Meta:
        verbose_name = "commune"
        verbose_name_plural = "commune"
        constraints = [
            models.CheckConstraint(name="an_installation_serves_one_town", condition=models.Q(id=1)),
            # Two months without an answer are an answer (CRPA L.231-1, L.231-4).
            models.CheckConstraint(
                name="town_answers_within_two_months", condition=models.Q(answer_days__gte=1, answer_days__lte=60)
            ),
            models.CheckConstraint(
                name="town_history_lasts_at_least_a_year", condition=models.Q(history_months__gte=12)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def address_lines(self) -> list[str]:
        return self.address.splitlines()

    @property
    def theme_version(self) -> str:
        """Changes with the colours, so that browsers fetch /ville.css again."""
        return f"{self.primary_colour[1:]}-{self.secondary_colour[1:]}"


class TownService(models.Model):
    """A desk of the town hall that families may call or visit."""

    name = models.CharField("nom", max_length=100)
    address = models.TextField("adresse", blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("courriel", blank=True)
    opening_hours = models.TextField("horaires", blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "service"
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="town_service_names_differ")]

    def __str__(self) -> str:
        return self.name
