from django.db import models
from django.db.models import F, Q

from preau.domain.accounts.models import User
from preau.domain.activities.models import Activity, Unit
from preau.domain.families.models import Child, Household


class DraftChange(models.Model):
    """A day that a person ticked, changed or unticked and has not saved yet; `unit` None: it is to be removed.

    Kept here, so that it survives a reload, a lost network and another device (C33).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="draft_changes")
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="draft_changes")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="draft_changes")
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="draft_changes")
    day = models.DateField()
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, null=True, related_name="draft_changes")
    starts_minute = models.PositiveSmallIntegerField(null=True)
    ends_minute = models.PositiveSmallIntegerField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "child", "activity", "day"], name="a_day_is_once_in_the_draft_of_a_person"
            ),
            models.CheckConstraint(
                name="drafted_hours_end_after_they_begin",
                condition=Q(starts_minute__isnull=True, ends_minute__isnull=True)
                | Q(starts_minute__isnull=False, ends_minute__isnull=False, ends_minute__gt=F("starts_minute")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.child_id} @ {self.activity_id} {self.day}"
