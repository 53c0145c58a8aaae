from django.db import models
from django.db.models import Q

from preau.domain.accounts.models import User
from preau.domain.activities.models import PaymentMode
from preau.domain.activities.models.activities import PAID_FIRST
from preau.domain.bookings.models.bookings import Booking
from preau.domain.bookings.states import OPEN_ORDERS, OrderState
from preau.domain.families.models import Household
from preau.domain.regies.models import Regie
from preau.foundation import ids


class BookingOrder(models.Model):
    """What a family saved at once, for one régie and one payment mode: days added, days removed.

    `total_cents` is the sum of its lines: what is asked when positive, given back when negative. An order whose total
    is to be paid first stays open until `hold_until`; the places it adds are held meanwhile (C35, C39).
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    #: Random key of the page that saved: the same click, repeated, saves nothing twice (E.5).
    form_key = models.CharField(max_length=64)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="booking_orders")
    #: Who saved it, or took it from the waiting list; None for an agent acting for the family, or an offer.
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="booking_orders")
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="booking_orders")
    payment_mode = models.CharField(max_length=12, choices=PaymentMode)
    state = models.CharField(max_length=10, choices=OrderState)
    total_cents = models.BigIntegerField()
    created_at = models.DateTimeField()
    hold_until = models.DateTimeField(null=True)
    #: The limit may be put off once, by who needs more time (RGAA).
    was_extended = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["form_key", "regie", "payment_mode"], name="a_click_saves_one_order_per_regie_and_mode"
            ),
            models.CheckConstraint(
                name="an_open_order_has_a_limit",
                condition=~Q(state__in=OPEN_ORDERS) | Q(hold_until__isnull=False),
            ),
            models.CheckConstraint(
                name="only_an_ended_order_is_dated_ended",
                condition=Q(state__in=OPEN_ORDERS, ended_at__isnull=True)
                | ~Q(state__in=OPEN_ORDERS) & Q(ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["hold_until"], condition=Q(state__in=OPEN_ORDERS), name="order_to_lapse"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"

    @property
    def is_paid_first(self) -> bool:
        """Whether money alone confirms what it adds (C39)."""
        return self.payment_mode in PAID_FIRST


class OrderLine(models.Model):
    """One day added (positive cents, or nothing) or removed (negative cents, or nothing). Append-only."""

    class Kind(models.TextChoices):
        ADD = "add", "ajouté"
        REMOVE = "remove", "retiré"

    order = models.ForeignKey(BookingOrder, on_delete=models.PROTECT, related_name="lines")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="order_lines")
    kind = models.CharField(max_length=6, choices=Kind)
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "booking"], name="an_order_names_a_booking_once"),
            models.UniqueConstraint(
                fields=["booking"], condition=Q(kind="add"), name="a_booking_is_added_by_one_order"
            ),
            models.CheckConstraint(
                name="order_lines_have_the_sign_of_their_kind",
                condition=Q(kind="add", amount_cents__gte=0) | Q(kind="remove", amount_cents__lte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.kind} {self.booking_id}"


class OrderEvent(models.Model):
    """One move of an order. Append-only; the last one is its current state (I21)."""

    order = models.ForeignKey(BookingOrder, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveSmallIntegerField()
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, choices=OrderState)
    name = models.CharField(max_length=20)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sequence"], name="order_events_have_ranks"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}.{self.sequence} {self.name}"
