from django.db import models
from django.db.models import F, Q

from preau.domain.accounts.models import User
from preau.domain.billing.models import Invoice
from preau.domain.families.models import Household
from preau.domain.payments.states import HELD_STATES, AttemptState
from preau.domain.regies.models import GatewayContract, Regie
from preau.foundation import ids


class Checkout(models.Model):
    """One wish to pay a basket: one operation per contract, one after the other (design 4.8).

    Of a person of the family, on line; or, at the desk, written down by an agent: the family may then have no account
    and no address at all (V11).
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="checkouts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="checkouts")
    agent = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    receipt_email = models.EmailField(max_length=254, blank=True)
    operations = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_checkout_has_at_least_one_operation", condition=Q(operations__gte=1)),
            models.CheckConstraint(
                name="a_checkout_is_of_a_payer_or_of_an_agent",
                condition=Q(user__isnull=False, agent=None) | Q(user=None, agent__isnull=False),
            ),
            models.CheckConstraint(
                name="whoever_pays_on_line_has_an_address",
                condition=Q(user=None) | ~Q(receipt_email=""),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def person(self) -> User:
        """Whoever pays, or wrote down what a family brought."""
        person = self.user or self.agent
        assert person is not None  # noqa: S101  (the database says so)
        return person


class PaymentAttempt(models.Model):
    """One click on « Payer » for one régie. What is asked is frozen; only `payments.services` moves its state."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    #: In the addresses given to the gateway, so that its messages find us without a session.
    return_token = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    #: Random key of the page that asked: the same click, repeated, is the same attempt (E.5).
    form_key = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=30, unique=True)
    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, related_name="attempts")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="attempts")
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="attempts")
    contract = models.ForeignKey(GatewayContract, on_delete=models.PROTECT, related_name="attempts")
    merchant = models.CharField(max_length=40)
    mode = models.CharField(max_length=12, choices=GatewayContract.Mode)
    amount_cents = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3, default="EUR")
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.PREPARED)
    gateway_reference = models.CharField(max_length=64, null=True)  # noqa: DJ001  (null = none yet; unique when present)
    page_url = models.CharField(max_length=1500, blank=True)
    #: What the browser posts there, for the gateways that take a form; signed, so it opens the same operation.
    page_fields = models.JSONField(default=dict)
    calling_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    window_ends_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    next_check_at = models.DateTimeField(null=True)
    checks = models.PositiveSmallIntegerField(default=0)
    last_asked_at = models.DateTimeField(null=True)
    bank_code = models.CharField(max_length=20, blank=True)
    bank_label = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["id", "regie"], name="an_attempt_belongs_to_one_regie"),
            models.UniqueConstraint(
                fields=["contract", "gateway_reference"],
                condition=Q(gateway_reference__isnull=False),
                name="a_gateway_operation_serves_one_attempt",
            ),
            models.CheckConstraint(name="attempt_amount_is_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="attempt_is_sent_with_a_gateway_reference",
                condition=Q(sent_at__isnull=True, gateway_reference__isnull=True)
                | Q(sent_at__isnull=False, gateway_reference__isnull=False),
            ),
            models.CheckConstraint(
                name="attempt_lock_ends_after_it_begins",
                condition=Q(locked_until__gt=F("created_at")),
            ),
            models.CheckConstraint(
                name="only_an_ended_attempt_is_dated_ended",
                condition=Q(state__in=["prepared", "sent", "unknown", "anomaly", "declared"], ended_at__isnull=True)
                | Q(
                    state__in=["captured", "refused", "abandoned", "expired", "closed"],
                    ended_at__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="attempt_to_ask"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.state})"

    @property
    def is_held(self) -> bool:
        """Whether it keeps its invoices past the half hour, until a person or the bank's statement ends it."""
        return self.state in HELD_STATES


class AttemptLine(models.Model):
    """An invoice's share of an attempt, frozen at the click; `is_open` is the lock on the invoice (P03)."""

    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="attempt_lines")
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="+")
    amount_cents = models.PositiveBigIntegerField()
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "invoice"], name="an_attempt_names_an_invoice_once"),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(is_open=True),
                name="an_invoice_has_one_active_attempt",
            ),
            models.CheckConstraint(name="attempt_line_is_positive", condition=Q(amount_cents__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.invoice_id}"


class AttemptEvent(models.Model):
    """One move of an attempt. Append-only; the last one is the current state (I21)."""

    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveSmallIntegerField()
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, choices=AttemptState)
    name = models.CharField(max_length=30)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "sequence"], name="attempt_events_have_ranks"),
            models.CheckConstraint(
                name="only_the_first_attempt_event_comes_from_nothing",
                condition=Q(sequence=1, from_state="") | Q(sequence__gt=1) & ~Q(from_state=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}.{self.sequence} {self.name}"
