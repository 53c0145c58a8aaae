from django.db import models


class AuditEvent(models.Model):
    """One line of the journal. `digest` covers the line and the digest before it."""

    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_key = models.CharField(max_length=64)
    network = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=120)
    details = models.JSONField(default=dict)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(name="audit_sequence_starts_at_one", condition=models.Q(sequence__gte=1)),
            models.CheckConstraint(
                name="audit_first_event_has_no_previous",
                condition=models.Q(sequence=1, previous_digest="")
                | models.Q(sequence__gt=1) & ~models.Q(previous_digest=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject}"


class ChainHead(models.Model):
    """The single row that orders writers of the journal: locked, read, advanced."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="audit_has_one_chain", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"audit chain at {self.sequence}"
