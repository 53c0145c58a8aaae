from django.db import models
from django.db.models import Q

from preau.domain.activities.models import Activity, ActivityGroup, Unit
from preau.domain.bookings.models.enrolments import Enrolment
from preau.domain.bookings.models.orders import BookingOrder
from preau.domain.bookings.states import LIVE_WAITING, WaitingState
from preau.domain.families.models import Child, Household
from preau.foundation import ids


class WaitingEntry(models.Model):
    """A child's turn for a full day. A place given back goes to the first, for a limited time.

    `order`: the places held for it while it is offered.
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="waiting")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="waiting")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="waiting")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="waiting")
    group = models.ForeignKey(ActivityGroup, on_delete=models.PROTECT, null=True, related_name="waiting")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="waiting")
    day = models.DateField()
    state = models.CharField(max_length=10, choices=WaitingState, default=WaitingState.WAITING)
    asked_at = models.DateTimeField()
    order = models.OneToOneField(BookingOrder, on_delete=models.PROTECT, null=True, related_name="waiting_entry")

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "activity", "day"],
                condition=Q(state__in=LIVE_WAITING),
                name="a_child_waits_once_for_an_activity_and_day",
            ),
            models.CheckConstraint(
                name="an_offered_place_is_held_by_an_order",
                condition=~Q(state__in=[WaitingState.OFFERED, WaitingState.TAKEN]) | Q(order__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["activity", "day", "asked_at"], condition=Q(state="waiting"), name="waiting_in_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} @ {self.activity_id} {self.day} ({self.state})"
