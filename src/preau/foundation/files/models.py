from django.db import models

from preau.foundation import ids


class StoredFile(models.Model):
    """Bytes kept in the storage under their own random name; the name shown to people is only a label."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id)
    name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="stored_file_is_not_empty", condition=models.Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.size} o)"
