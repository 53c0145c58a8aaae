from django.db import models

from preau.foundation import ids


class OutgoingMail(models.Model):
    """One mail to send. What is said is frozen when the row is written; only its sending changes."""

    class Status(models.TextChoices):
        WAITING = "waiting", "À envoyer"
        SENT = "sent", "Envoyé"
        FLAGGED = "flagged", "En échec, à regarder"

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id)
    kind = models.CharField(max_length=40)
    subject_key = models.CharField(max_length=120)
    recipient = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    #: The text holds a secret (a link, a code): it is erased once sent, so that a copied database opens nothing.
    is_confidential = models.BooleanField(default=False)
    #: Names a builder registered by a domain app, and the key it takes: the document is made when the mail leaves.
    attachment_builder = models.CharField(max_length=40, blank=True)
    attachment_key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_key"], name="a_mail_is_queued_once_per_kind_and_subject"),
            models.CheckConstraint(
                name="outgoing_mail_is_sent_iff_dated",
                condition=models.Q(status="sent", sent_at__isnull=False)
                | ~models.Q(status="sent") & models.Q(sent_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="mail_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key} ({self.status})"
