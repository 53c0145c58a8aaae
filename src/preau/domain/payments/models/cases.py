from django.db import models
from django.db.models import F, Q

from preau.domain.accounts.models import User
from preau.domain.payments.models.attempts import PaymentAttempt
from preau.domain.payments.models.messages import Evidence
from preau.domain.payments.outcomes import LONGEST_REASON, Outcome
from preau.domain.regies.models import Regie
from preau.foundation import ids


class ReviewCase(models.Model):
    """Something about money that a person of the régie must look at: about an attempt, or a reference of the bank."""

    class Kind(models.TextChoices):
        SURPLUS = "surplus", "Payée deux fois ou trop tard : somme portée à l’avoir de la famille"
        CONTRADICTION = "contradiction", "La banque annonce autre chose que ce qui a été demandé"
        DOUBLE_CAPTURE = "double_capture", "La banque annonce un second paiement pour la même opération"
        LONG_SILENCE = "long_silence", "Aucune réponse de la banque"
        PAID_ELSEWHERE = "paid_elsewhere", "La banque annonce un paiement que le portail ne connaît pas"
        MISSING_AT_BANK = "missing_at_bank", "Payé ici, absent du relevé de la banque"
        AMOUNT_GAP = "amount_gap", "Le relevé annonce un autre montant"
        UNCONFIRMED = "unconfirmed", "Paiement non confirmé par un relevé après trois jours ouvrés"
        REFUND_AT_BANK = "refund_at_bank", "La banque annonce un remboursement ou un rejet"

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="cases")
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="cases")
    #: What the bank calls the operation, when no attempt of ours is known.
    subject = models.CharField(max_length=64, blank=True)
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
            models.UniqueConstraint(
                fields=["regie", "kind", "subject"],
                condition=Q(closed_at__isnull=True) & ~Q(subject=""),
                name="a_case_is_open_once_per_regie_kind_and_subject",
            ),
            models.CheckConstraint(
                name="a_case_is_about_an_attempt_or_a_subject",
                condition=Q(attempt__isnull=False) | ~Q(subject=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.reference}"

    @property
    def reference(self) -> str:
        """What the operation is called: by us, else by the bank."""
        return self.attempt.reference if self.attempt else self.subject


class CaseDecision(models.Model):
    """What one agent proposes to do with a case; another one confirms it or sends it back, once (W14)."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    case = models.ForeignKey(ReviewCase, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=15, choices=Outcome)
    reason = models.CharField(max_length=LONGEST_REASON)
    #: The cents in suspense that the first agent saw, and that the outcome moves.
    amount_cents = models.PositiveBigIntegerField(default=0)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refusal_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ["proposed_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="a_case_is_closed_by_two_people",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="a_decision_is_sent_back_by_another_person",
                condition=Q(refused_by__isnull=True) | ~Q(refused_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="a_decision_has_one_dated_answer_at_most",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                & Q(refused_by__isnull=True, refused_at__isnull=True, refusal_reason="")
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                & Q(refused_by__isnull=True, refused_at__isnull=True, refusal_reason="")
                | Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                & Q(refused_by__isnull=False, refused_at__isnull=False)
                & ~Q(refusal_reason=""),
            ),
            models.CheckConstraint(name="a_decision_gives_its_reason", condition=~Q(reason="")),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(refused_at__isnull=True),
                name="a_case_has_one_decision_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.outcome}"
