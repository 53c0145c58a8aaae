from django.db import models
from django.db.models import F, Q

from preau.domain.payments.models.captures import Receipt
from preau.domain.regies.models import Regie


class ReceiptLink(models.Model):
    """The place of a receipt in the chain of its régie and year (`payments.chain` says what is hashed). Append-only.

    `content` is kept so that a chain can still be walked where a sheet is not shown.
    """

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="link")
    previous = models.CharField(max_length=64)
    content = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["previous"], name="a_chain_of_receipts_does_not_fork"),
            models.UniqueConstraint(fields=["digest"], name="a_link_of_receipts_is_made_once"),
        ]

    def __str__(self) -> str:
        return self.digest


class ReceiptAnchor(models.Model):
    """Where the chain of a régie and year stood when a month was over; a copy is kept outside. Append-only.

    `month` is a first day in the town's zone; `head` is the digest of the link of `last_number`; the total is in cents.
    """

    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    month = models.DateField()
    first_number = models.PositiveIntegerField()
    last_number = models.PositiveIntegerField()
    total_cents = models.PositiveBigIntegerField()
    head = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-month", "regie__position", "regie__label"]
        constraints = [
            models.UniqueConstraint(fields=["regie", "year", "month"], name="a_month_of_receipts_is_anchored_once"),
            models.UniqueConstraint(
                fields=["regie", "year", "first_number"], name="a_receipt_is_anchored_by_one_month"
            ),
            models.CheckConstraint(name="an_anchor_of_receipts_is_of_a_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="an_anchor_holds_one_receipt_at_least",
                condition=Q(first_number__gte=1, last_number__gte=F("first_number")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y}: {self.head}"

    @property
    def count(self) -> int:
        """How many receipts the month added to the chain."""
        return self.last_number - self.first_number + 1
