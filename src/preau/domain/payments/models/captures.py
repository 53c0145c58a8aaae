from django.db import models
from django.db.models import Q

from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.payments.models.attempts import PaymentAttempt
from preau.domain.payments.models.cases import CaseDecision
from preau.domain.payments.models.messages import Evidence
from preau.domain.regies.models import Channel, GatewayContract, MeansOfPayment, Regie
from preau.foundation import ids


class Capture(models.Model):
    """Money that a gateway surely took for us: one per attempt, proved by stored evidence (I5, I6). Append-only."""

    attempt = models.OneToOneField(PaymentAttempt, on_delete=models.PROTECT, related_name="capture")
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="captures")
    contract = models.ForeignKey(GatewayContract, on_delete=models.PROTECT, related_name="captures")
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="capture")
    gateway_reference = models.CharField(max_length=64)
    transaction_reference = models.CharField(max_length=64, blank=True)
    amount_cents = models.PositiveBigIntegerField()
    means = models.CharField(max_length=20)
    paid_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "gateway_reference"],
                name="a_gateway_operation_is_captured_once",
            ),
            models.CheckConstraint(name="capture_is_positive", condition=Q(amount_cents__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.gateway_reference}: {self.amount_cents}"

    @property
    def can_credit_card(self) -> bool:
        """Whether a bank could give it back to whoever paid: not cash, nor a cheque, brought to a desk."""
        return self.contract.channel == Channel.ONLINE or self.means == MeansOfPayment.CARD


class Allocation(models.Model):
    """The part of a capture that settles part of an invoice. Append-only."""

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="+")
    amount_cents = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["capture", "invoice"], name="a_capture_settles_an_invoice_once"),
            models.CheckConstraint(name="allocation_is_positive", condition=Q(amount_cents__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount_cents}"


class FamilyCredit(models.Model):
    """What a family is owed: beyond what was due in a capture, or by decision of a case. Append-only."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    capture = models.OneToOneField(Capture, on_delete=models.PROTECT, null=True, related_name="credit")
    decision = models.OneToOneField(CaseDecision, on_delete=models.PROTECT, null=True, related_name="credit")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="credits")
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="credits")
    amount_cents = models.PositiveBigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="family_credit_is_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="a_family_credit_has_one_origin",
                condition=Q(capture__isnull=False, decision__isnull=True)
                | Q(capture__isnull=True, decision__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id}: {self.amount_cents}"


class Receipt(models.Model):
    """The receipt of a capture: numbered in its régie and year, verifiable by its code (P07). Append-only."""

    capture = models.OneToOneField(Capture, on_delete=models.PROTECT, related_name="receipt")
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="receipts")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=16, unique=True)
    #: Everything the document states, as it was on that day: the PDF made from it never changes.
    sheet = models.JSONField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["regie", "year", "number"], name="receipt_numbers_are_unique_per_regie_and_year"
            ),
            models.CheckConstraint(name="receipt_numbers_start_at_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number:06d}"
