from django.db import models
from django.db.models import Q

from preau.domain.payments.models.attempts import PaymentAttempt
from preau.domain.payments.states import MessageVerdict, Origin, Verdict
from preau.foundation import ids


class GatewayMessage(models.Model):
    """A message as it arrived, stored before it is understood (design 4.6). Only its treatment changes."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    gateway = models.CharField(max_length=20)
    origin = models.CharField(max_length=12, choices=Origin)
    return_token = models.CharField(max_length=64)
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="messages")
    method = models.CharField(max_length=8)
    query = models.TextField(blank=True)
    body = models.BinaryField()
    body_size = models.PositiveBigIntegerField()
    body_sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100, blank=True)
    source_address = models.CharField(max_length=45, blank=True)
    received_at = models.DateTimeField()
    verdict = models.CharField(max_length=15, choices=MessageVerdict, default=MessageVerdict.WAITING)
    processed_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="a_message_is_judged_iff_processed",
                condition=Q(verdict="waiting", processed_at__isnull=True)
                | ~Q(verdict="waiting") & Q(processed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(processed_at__isnull=True), name="message_to_process"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.origin} {self.received_at:%d/%m/%Y %H:%M:%S}"


class Evidence(models.Model):
    """What a gateway said of an attempt, verified or not; stored before it changes anything. Append-only (I6)."""

    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="evidence")
    message = models.ForeignKey(GatewayMessage, on_delete=models.PROTECT, null=True, related_name="evidence")
    origin = models.CharField(max_length=12, choices=Origin)
    verdict = models.CharField(max_length=10, choices=Verdict)
    authentic = models.BooleanField()
    gateway_reference = models.CharField(max_length=64)
    reference = models.CharField(max_length=64, blank=True)
    merchant = models.CharField(max_length=40, blank=True)
    mode = models.CharField(max_length=12, blank=True)
    amount_cents = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    transaction_reference = models.CharField(max_length=64, blank=True)
    means = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=20, blank=True)
    label = models.CharField(max_length=150, blank=True)
    occurred_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    raw = models.JSONField(default=dict)

    class Meta:
        ordering = ["received_at", "id"]

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.verdict}"
