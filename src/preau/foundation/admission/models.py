from django.db import models


class Line(models.Model):
    """The people who wait to come in, all in one row that every process reads and writes about once a second.

    Nobody is named: `slices` counts arrivals by tenth of a second, oldest first. Whoever arrived before `served_until`
    (milliseconds since 1970) may come in. `invited` only grows: its pace is the pace of the line.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    served_until = models.BigIntegerField(default=0)
    invited = models.BigIntegerField(default=0)
    slices = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_line", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"{sum(people for _, people in self.slices)} waiting, {self.invited} invited"
