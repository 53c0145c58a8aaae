from django.db import models

from preau.domain.families.models import Household
from preau.foundation import ids
from preau.foundation.files.models import StoredFile


class HouseholdDocument(models.Model):
    """A document kept in a family's safe: receipts, certificates, letters of the town (C11, S29)."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "Reçu de paiement"

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20, choices=Kind)
    source_key = models.CharField(max_length=64)
    title = models.CharField(max_length=150)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "source_key"], name="a_document_is_kept_once_per_source"),
        ]

    def __str__(self) -> str:
        return self.title
