from datetime import date

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models

from preau.domain.accounts.models import User
from preau.domain.town.models import HEX_COLOUR
from preau.foundation import ids


class MeansOfPayment(models.TextChoices):
    """What the act founding a régie may allow its régisseur to take (rules 8, 11, 12)."""

    CARD_ONLINE = "card_online", "carte bancaire en ligne"
    DEBIT_ONLINE = "debit_online", "prélèvement unique en ligne"
    CARD = "card", "carte bancaire au guichet"
    CASH = "cash", "espèces"
    CHEQUE = "cheque", "chèque bancaire"
    TRANSFER = "transfer", "virement"
    DIRECT_DEBIT = "direct_debit", "prélèvement automatique"
    CESU = "cesu", "CESU préfinancé"
    ANCV = "ancv", "chèque-vacances"


ONLINE_MEANS = (MeansOfPayment.CARD_ONLINE, MeansOfPayment.DEBIT_ONLINE)
#: What a family hands to an agent, or announces to one; each only if the act names it.
DESK_MEANS = (
    MeansOfPayment.CASH,
    MeansOfPayment.CHEQUE,
    MeansOfPayment.CARD,
    MeansOfPayment.TRANSFER,
    MeansOfPayment.CESU,
    MeansOfPayment.ANCV,
)


class Channel(models.TextChoices):
    """By which way a family pays; a régie has one open contract for each."""

    ONLINE = "online", "en ligne"
    DESK = "desk", "au guichet"


class ServiceGroup(models.Model):
    """A block of the home page: services that families think of together, with their own colour (L22, L23)."""

    name = models.CharField("nom", max_length=80, unique=True)
    colour = models.CharField("couleur", max_length=7, validators=[HEX_COLOUR])
    icon = models.CharField("pictogramme", max_length=20, default="invoice")
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "groupe de services"
        verbose_name_plural = "groupes de services"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Regie(models.Model):
    """A unit entitled to collect money for the town: one act, one régisseur, one set of books (S23)."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    code = models.CharField("code", max_length=20, unique=True, validators=[RegexValidator(r"\A[A-Z0-9-]+\Z")])
    label = models.CharField("libellé", max_length=100)
    group = models.ForeignKey(ServiceGroup, on_delete=models.PROTECT, related_name="regies", verbose_name="groupe")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    issuer_name = models.CharField("organisme émetteur", max_length=120)
    issuer_address = models.TextField("adresse de l’émetteur")
    issuer_phone = models.CharField("téléphone de l’émetteur", max_length=20, blank=True)
    email = models.EmailField("courriel du régisseur")
    founding_act = models.CharField("acte constitutif", max_length=200)
    payee_wording = models.CharField("ordre des chèques", max_length=120, default="Trésor public")
    allows_part_payment = models.BooleanField("paiement en plusieurs fois", default=False)
    uses_payment_windows = models.BooleanField("périodes de paiement", default=False)
    lock_minutes = models.PositiveSmallIntegerField(
        "minutes de réserve d’une facture en cours de paiement",
        default=30,
        validators=[MinValueValidator(20)],
    )
    hold_minutes = models.PositiveSmallIntegerField("minutes de réserve d’une place", default=20)
    next_invoice_on = models.DateField("prochaine facture prévue", null=True, blank=True)
    numbering_pattern = models.CharField("numérotation", max_length=60, default="{series}-{period}-{number:05d}")
    is_active = models.BooleanField("ouverte", default=True)

    class Meta:
        verbose_name = "régie"
        ordering = ["position", "label"]
        constraints = [
            models.CheckConstraint(
                # Longest gateway session (15 min) + 5 (payment-gateways 9.4): shorter would free a payable page.
                name="regie_lock_outlasts_every_gateway_session",
                condition=models.Q(lock_minutes__gte=20),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class AllowedMeans(models.Model):
    """One means of payment that the founding act of a régie names; nothing else may be recorded (S09)."""

    regie = models.ForeignKey(Regie, on_delete=models.CASCADE, related_name="allowed_means")
    means = models.CharField("moyen", max_length=20, choices=MeansOfPayment)

    class Meta:
        verbose_name = "moyen de paiement autorisé"
        verbose_name_plural = "moyens de paiement autorisés"
        constraints = [models.UniqueConstraint(fields=["regie", "means"], name="a_means_is_allowed_once_per_regie")]

    def __str__(self) -> str:
        return self.get_means_display()


class GatewayContract(models.Model):
    """What binds one régie to one gateway: its merchant number and its settings (design 4.8, P08)."""

    class Mode(models.TextChoices):
        TEST = "test", "test"
        ACTIVATION = "activation", "activation"
        PRODUCTION = "production", "production"

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="contracts", verbose_name="régie")
    gateway = models.CharField("passerelle", max_length=20)
    #: As its gateway declares it.
    channel = models.CharField("voie", max_length=6, choices=Channel, default=Channel.ONLINE)
    merchant = models.CharField("numéro de client ou de commerçant", max_length=40)
    mode = models.CharField("mode", max_length=12, choices=Mode, default=Mode.TEST)
    settings = models.JSONField("réglages", default=dict, blank=True)
    opened_on = models.DateField("ouvert le")
    closed_on = models.DateField("fermé le", null=True, blank=True)

    class Meta:
        verbose_name = "contrat de paiement"
        verbose_name_plural = "contrats de paiement"
        constraints = [
            models.UniqueConstraint(
                fields=["regie", "channel"],
                condition=models.Q(closed_on__isnull=True),
                name="a_regie_has_one_open_contract_per_channel",
            ),
            models.CheckConstraint(
                name="contract_closes_after_it_opens",
                condition=models.Q(closed_on__isnull=True) | models.Q(closed_on__gte=models.F("opened_on")),
            ),
            # Target of the composite keys that keep an attempt, its contract and its régie together (I13).
            models.UniqueConstraint(fields=["id", "regie"], name="a_contract_belongs_to_one_regie"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.merchant} ({self.get_mode_display()})"


class ContractSecret(models.Model):
    """A key that a contract's bank gave, sealed; two of a name may be good at once while it changes (G10).

    A signature received is good under any key usable now; what we send is signed with the one that begins last.
    """

    contract = models.ForeignKey(GatewayContract, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=40)
    sealed = models.TextField()
    usable_from = models.DateTimeField()
    usable_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-usable_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "name"],
                condition=models.Q(usable_until__isnull=True),
                name="a_contract_has_one_lasting_secret_of_a_name",
            ),
            models.CheckConstraint(
                name="contract_secret_ends_after_it_begins",
                condition=models.Q(usable_until__isnull=True) | models.Q(usable_until__gte=models.F("usable_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.name}"


class PaymentWindow(models.Model):
    """Days during which the invoices of some billed months may be paid on line (L19, L20). Both days included."""

    regies = models.ManyToManyField(Regie, related_name="payment_windows", verbose_name="régies")
    first_day = models.DateField("premier jour")
    last_day = models.DateField("dernier jour")

    class Meta:
        verbose_name = "période de paiement"
        verbose_name_plural = "périodes de paiement"
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                name="payment_window_ends_after_it_begins",
                condition=models.Q(last_day__gte=models.F("first_day")),
            ),
        ]

    def __str__(self) -> str:
        return f"du {self.first_day:%d/%m/%Y} au {self.last_day:%d/%m/%Y}"

    def holds(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


class BilledMonth(models.Model):
    """A billed month that a payment window opens; two months may share one window (L20)."""

    window = models.ForeignKey(PaymentWindow, on_delete=models.CASCADE, related_name="months")
    month = models.DateField("mois facturé (premier jour)")

    class Meta:
        verbose_name = "mois facturé"
        verbose_name_plural = "mois facturés"
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["window", "month"], name="a_window_names_a_month_once"),
            models.CheckConstraint(name="billed_month_is_a_first_day", condition=models.Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y}"


class RegieMember(models.Model):
    """An agent's post in a régie; agents act only where they hold one."""

    class Post(models.TextChoices):
        REGISSEUR = "regisseur", "régisseur"
        MANDATAIRE = "mandataire", "mandataire"

    regie = models.ForeignKey(Regie, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="regie_posts")
    post = models.CharField("fonction", max_length=12, choices=Post)

    class Meta:
        verbose_name = "agent de la régie"
        verbose_name_plural = "agents de la régie"
        constraints = [models.UniqueConstraint(fields=["regie", "user"], name="a_person_holds_one_post_per_regie")]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_post_display()}"


class NumberSequence(models.Model):
    """Last number given for a kind of document, a régie and a year; locked when a number is taken (I12)."""

    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="sequences")
    kind = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["regie", "kind", "year"], name="one_sequence_per_regie_kind_and_year"),
        ]

    def __str__(self) -> str:
        return f"{self.regie_id}/{self.kind}/{self.year}: {self.last_number}"
