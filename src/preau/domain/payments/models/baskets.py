from django.db import models

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice


class BasketLine(models.Model):
    """An invoice that a person put in the basket; `amount_cents` null means all that is left."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="basket_lines")
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="basket_lines")
    amount_cents = models.PositiveBigIntegerField(null=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "invoice"], name="an_invoice_is_once_in_a_basket"),
            models.CheckConstraint(
                name="a_part_payment_is_positive",
                condition=models.Q(amount_cents__isnull=True) | models.Q(amount_cents__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.invoice_id}"
