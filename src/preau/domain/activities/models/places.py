from django.db import models
from django.db.models import F, Q

from preau.domain.activities.models.activities import Activity, ActivityGroup


class PlacesOfDay(models.Model):
    """Places of one day, or of one part of it, for an activity or for one of its groups (I14).

    A row exists where there is a limit. `capacity` is what the town wants, `ceiling` what the database enforces: a
    lowering never takes a sold place away, so the ceiling stays at `taken` and comes down with each cancellation (U4).
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="places")
    group = models.ForeignKey(ActivityGroup, on_delete=models.PROTECT, null=True, related_name="places")
    day = models.DateField()
    part = models.CharField(max_length=8)
    capacity = models.PositiveIntegerField()
    ceiling = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "day", "part"],
                condition=Q(group__isnull=True),
                name="one_count_of_places_per_activity_day_and_part",
            ),
            models.UniqueConstraint(
                fields=["group", "day", "part"],
                condition=Q(group__isnull=False),
                name="one_count_of_places_per_group_day_and_part",
            ),
            models.CheckConstraint(name="places_taken_never_exceed_the_ceiling", condition=Q(taken__lte=F("ceiling"))),
            models.CheckConstraint(
                name="ceiling_of_places_is_never_under_capacity", condition=Q(ceiling__gte=F("capacity"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.day} {self.part}: {self.taken}/{self.ceiling}"
