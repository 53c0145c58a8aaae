from django.db import models
from django.db.models import F, Q

from preau.domain.activities.models import Activity, ActivityGroup, Unit
from preau.domain.bookings.models.enrolments import Enrolment
from preau.domain.bookings.states import LIVE_BOOKINGS, BookingState
from preau.domain.families.models import Child, Household
from preau.domain.pricing.models import TariffVersion
from preau.foundation import ids


class Booking(models.Model):
    """One child, one day, one activity. What is frozen never changes; only `bookings.services` moves its state.

    The price, and the reasons that made it, are those shown when it was saved (I20, U6). Minutes after midnight,
    local, for what is booked by the hour. `is_leaving`: a day asked to be removed or changed by an order that waits
    to be paid; it keeps its place until that order is confirmed.
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="bookings")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="bookings")
    #: Who pays.
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="bookings")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="bookings")
    group = models.ForeignKey(ActivityGroup, on_delete=models.PROTECT, null=True, related_name="bookings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="bookings")
    day = models.DateField()
    starts_minute = models.PositiveSmallIntegerField(null=True)
    ends_minute = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=BookingState)
    is_late = models.BooleanField(default=False)
    is_leaving = models.BooleanField(default=False)
    price_cents = models.PositiveIntegerField()
    tariff_version = models.ForeignKey(TariffVersion, on_delete=models.PROTECT, related_name="bookings")
    #: Sentences that explain the price, as they were when it was made.
    price_reasons = models.JSONField(default=list)
    #: Why an agent booked it past a rule (over capacity, after the deadline); empty for families (I19, U12).
    derogation = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    #: Payment mode of the order that added it; only on what `queries.proposals.live_bookings` reads.
    sold_mode: str | None

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "activity", "day"],
                condition=Q(state__in=LIVE_BOOKINGS, is_leaving=False),
                name="a_child_has_one_live_booking_per_activity_and_day",
            ),
            models.CheckConstraint(
                name="booked_hours_end_after_they_begin",
                condition=Q(starts_minute__isnull=True, ends_minute__isnull=True)
                | Q(starts_minute__isnull=False, ends_minute__isnull=False, ends_minute__gt=F("starts_minute")),
            ),
            models.CheckConstraint(
                name="only_a_confirmed_booking_leaves", condition=Q(is_leaving=False) | Q(state=BookingState.CONFIRMED)
            ),
        ]
        indexes = [
            models.Index(fields=["household", "day"], name="booking_of_household"),
            models.Index(fields=["activity", "day"], condition=Q(state__in=LIVE_BOOKINGS), name="booking_live_on_day"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} @ {self.activity_id} {self.day} ({self.state})"


class BookingEvent(models.Model):
    """One move of a booking. Append-only; the last one is its current state (I21)."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveSmallIntegerField()
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, choices=BookingState)
    name = models.CharField(max_length=20)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "sequence"], name="booking_events_have_ranks"),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id}.{self.sequence} {self.name}"
