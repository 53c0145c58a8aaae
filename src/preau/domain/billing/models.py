from django.db import models
from django.db.models import F, Q

from preau.domain.bookings.models import BookingOrder
from preau.domain.families.models import Household
from preau.domain.regies.models import Regie
from preau.foundation import ids
from preau.foundation.files.models import StoredFile


class Invoice(models.Model):
    """What a family owes one régie for one billed month; issued once, never rewritten (I11).

    `received_cents` and `credited_cents` are caches of allocations and credit notes, kept by
    `billing.services` under a row lock; the self-check compares them (I3).
    """

    class Source(models.TextChoices):
        IMPORTED = "imported", "reprise du logiciel de facturation"
        ISSUED = "issued", "émise par Préau"
        TOP_UP = "top_up", "recharge demandée par la famille"

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="invoices", verbose_name="régie")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="invoices", verbose_name="famille")
    source = models.CharField(max_length=10, choices=Source, default=Source.IMPORTED)
    number = models.CharField("numéro", max_length=40)
    label = models.CharField("objet", max_length=200)
    billed_month = models.DateField("mois facturé")
    issued_on = models.DateField("émise le")
    due_on = models.DateField("à payer avant le", null=True, blank=True)
    total_cents = models.PositiveBigIntegerField("montant (centimes)")
    received_cents = models.PositiveBigIntegerField("encaissé (centimes)", default=0)
    credited_cents = models.PositiveBigIntegerField("annulé par avoir (centimes)", default=0)
    left_cents = models.GeneratedField(
        expression=F("total_cents") - F("received_cents") - F("credited_cents"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    content_digest = models.CharField(max_length=64)
    titre_number = models.CharField("numéro de titre", max_length=30, blank=True)
    sent_to_treasury_on = models.DateField("transmise à la Trésorerie le", null=True, blank=True)
    settled_on = models.DateField("soldée le", null=True, blank=True)
    pdf = models.OneToOneField(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = "facture"
        ordering = ["-issued_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["regie", "number"], name="invoice_number_is_unique_in_its_regie"),
            models.UniqueConstraint(fields=["id", "regie"], name="an_invoice_belongs_to_one_regie"),
            models.CheckConstraint(name="invoice_total_is_positive", condition=Q(total_cents__gt=0)),
            models.CheckConstraint(
                name="invoice_left_to_pay_is_never_negative",
                condition=Q(total_cents__gte=F("received_cents") + F("credited_cents")),
            ),
            models.CheckConstraint(name="invoice_month_is_a_first_day", condition=Q(billed_month__day=1)),
            models.CheckConstraint(
                name="invoice_is_dated_settled_iff_nothing_is_left",
                condition=Q(total_cents=F("received_cents") + F("credited_cents"), settled_on__isnull=False)
                | Q(total_cents__gt=F("received_cents") + F("credited_cents"), settled_on__isnull=True),
            ),
            models.CheckConstraint(
                name="invoice_is_due_after_it_is_issued",
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("issued_on")),
            ),
        ]
        indexes = [
            models.Index(fields=["household", "-issued_on"], name="invoice_of_household"),
            models.Index(
                fields=["household", "due_on"], condition=Q(settled_on__isnull=True), name="invoice_unsettled"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_top_up(self) -> bool:
        """Whether it asks money in advance, to be the family's credit (C24)."""
        return self.source == self.Source.TOP_UP


class InvoiceLine(models.Model):
    """One line: what, for whom, how many, at what price; total to the cent (L05)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    label = models.CharField("libellé", max_length=200)
    child_name = models.CharField("enfant", max_length=120, blank=True)
    service_date = models.DateField("jour", null=True, blank=True)
    quantity = models.DecimalField("quantité", max_digits=9, decimal_places=2)
    unit_price_cents = models.BigIntegerField("prix unitaire (centimes)")
    total_cents = models.BigIntegerField("total (centimes)")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_lines_have_ranks"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.total_cents}"


class OrderInvoice(models.Model):
    """The invoice by which an order of bookings asks to be paid; one each. Append-only.

    An order that was paid too late and found its places again has a second invoice, paid by the family's credit.
    """

    order = models.ForeignKey(BookingOrder, on_delete=models.PROTECT, related_name="invoices")
    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="of_order")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.invoice_id}"


class CreditNote(models.Model):
    """An « avoir »: what the régie no longer asks. On an invoice of the family, or to its credit. Append-only."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="credit_notes")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="credit_notes")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="credit_notes")
    number = models.CharField("numéro", max_length=40)
    label = models.CharField("objet", max_length=200)
    issued_on = models.DateField("émis le")
    total_cents = models.PositiveBigIntegerField("montant (centimes)")
    content_digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = "avoir"
        ordering = ["-issued_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["regie", "number"], name="credit_note_number_is_unique_in_its_regie"),
            models.CheckConstraint(name="credit_note_total_is_positive", condition=Q(total_cents__gt=0)),
        ]

    def __str__(self) -> str:
        return self.number


class TopUp(models.Model):
    """Money that a family brings to its régie in advance, for what it books « prépayé » (C24).

    Its invoice may be paid until `offered_until`, then is asked no more. Paid, it becomes the family's credit, once:
    `credit_note`. If the bank takes the payment back later, the invoice is due again and the credit stays.
    """

    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="top_up")
    #: Random key of the page that asked: the same click, repeated, asks nothing twice (E.5).
    form_key = models.CharField(max_length=64)
    offered_until = models.DateTimeField()
    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, null=True, related_name="of_top_up")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form_key"], name="a_click_asks_one_top_up"),
        ]
        indexes = [
            models.Index(fields=["offered_until"], condition=Q(credit_note=None), name="top_up_to_lapse"),
        ]

    def __str__(self) -> str:
        return f"top-up {self.invoice_id}"


class ReceiptElsewhere(models.Model):
    """Money that the town received for an invoice outside the portal, as its software told us. Append-only."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="receipts_elsewhere")
    amount_cents = models.PositiveBigIntegerField()
    means = models.CharField(max_length=40, blank=True)
    received_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="receipt_elsewhere_is_positive", condition=Q(amount_cents__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount_cents}"
