from django.db import models
from django.db.models import Q

from preau.domain.payments.models.attempts import PaymentAttempt
from preau.domain.payments.models.messages import Evidence
from preau.domain.regies.models import Regie
from preau.foundation import ids


class ReviewCase(models.Model):
    """Something about money that a person of the régie must look at."""

    class Kind(models.TextChoices):
        SURPLUS = "surplus", "Payée deux fois : somme portée à l’avoir de la famille"
        CONTRADICTION = "contradiction", "La banque annonce autre chose que ce qui a été demandé"
        DOUBLE_CAPTURE = "double_capture", "La banque annonce un second paiement pour la même opération"
        LONG_SILENCE = "long_silence", "Aucune réponse de la banque"

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="cases")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="cases")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, related_name="cases")
    detail = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "dossier à examiner"
        verbose_name_plural = "dossiers à examiner"
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "kind"],
                condition=Q(closed_at__isnull=True),
                name="a_case_is_open_once_per_attempt_and_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.attempt.reference}"
