from django.db import models
from django.db.models import F, Q

from preau.domain.accounts.models import User
from preau.domain.payments.gateway import StatementKind
from preau.domain.payments.models.attempts import PaymentAttempt
from preau.domain.regies.models import GatewayContract
from preau.foundation import ids
from preau.foundation.files.models import StoredFile


class BankStatement(models.Model):
    """A file in which a bank lists the accepted operations of some days, kept as it came. Append-only.

    It covers every day of the town from `first_day` to `last_day`, for each of its contracts, paid or not.
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    gateway = models.CharField(max_length=20)
    contracts = models.ManyToManyField(GatewayContract, related_name="statements")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    lines = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    imported_at = models.DateTimeField()
    #: None when it came by the command line.
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-imported_at", "-id"]
        constraints = [
            # All the files of days without payment are the same.
            models.UniqueConstraint(
                fields=["gateway", "sha256"],
                condition=Q(lines__gt=0),
                name="a_statement_that_lists_something_is_imported_once",
            ),
            models.CheckConstraint(
                name="a_statement_ends_after_it_begins",
                condition=Q(last_day__gte=F("first_day")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.first_day} – {self.last_day}"


class StatementEntry(models.Model):
    """One operation of a statement; listed again by another statement, it counts once. Only its treatment changes."""

    class Kind(models.TextChoices):
        PAYMENT = StatementKind.PAYMENT.value, "Paiement"
        REFUND = StatementKind.REFUND.value, "Remboursement"
        UNPAID = StatementKind.UNPAID.value, "Impayé"

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="entries")
    line = models.PositiveIntegerField()
    contract = models.ForeignKey(GatewayContract, on_delete=models.PROTECT, related_name="statement_entries")
    #: None when the bank names an operation that the portal never opened.
    attempt = models.ForeignKey(PaymentAttempt, on_delete=models.PROTECT, null=True, related_name="statement_entries")
    kind = models.CharField(max_length=10, choices=Kind)
    reference = models.CharField(max_length=64, blank=True)
    gateway_reference = models.CharField(max_length=64, blank=True)
    transaction_reference = models.CharField(max_length=64)
    mode = models.CharField(max_length=12, blank=True)
    amount_cents = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    means = models.CharField(max_length=20)
    occurred_at = models.DateTimeField()
    #: In the town's zone.
    day = models.DateField()
    handled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["statement", "line"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "kind", "reference", "transaction_reference", "amount_cents"],
                name="an_operation_of_the_bank_counts_once",
            ),
            models.CheckConstraint(name="statement_entry_is_positive", condition=Q(amount_cents__gt=0)),
        ]
        indexes = [models.Index(fields=["contract", "day"], name="statement_entry_of_a_day")]

    def __str__(self) -> str:
        return f"{self.transaction_reference}: {self.amount_cents}"


class Reconciliation(models.Model):
    """What one day of one contract comes to at the bank, here and in the books: a « constat ». Append-only.

    The last one of a day is in force. Without the bank's word there is neither its figures nor a gap.
    """

    class Basis(models.TextChoices):
        STATEMENT = "statement", "relevé de la banque"
        ASKED = "asked", "réponses de la banque"
        NOTHING = "nothing", "relevé attendu"

    class Outcome(models.TextChoices):
        CLEAR = "clear", "Aucun écart"
        EXPLAINED = "explained", "Écart expliqué"
        GAP = "gap", "Écart"
        WAITING = "waiting", "Relevé manquant"

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    contract = models.ForeignKey(GatewayContract, on_delete=models.PROTECT, related_name="reconciliations")
    day = models.DateField()
    #: 1, 2… for the same day.
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    #: None when nobody asked for it.
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    basis = models.CharField(max_length=10, choices=Basis)
    #: The last one that covers the day.
    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    bank_count = models.PositiveIntegerField(null=True)
    bank_cents = models.PositiveBigIntegerField(null=True)
    captured_count = models.PositiveIntegerField()
    captured_cents = models.PositiveBigIntegerField()
    #: Those of them that only the statement told.
    caught_up_count = models.PositiveIntegerField()
    #: Listed by the bank, and waiting here under « sommes à identifier ».
    suspended_cents = models.PositiveBigIntegerField()
    #: On the clearing account that day: what captures put there, and all other entries.
    booked_cents = models.BigIntegerField()
    other_cents = models.BigIntegerField()
    gap_cents = models.BigIntegerField(null=True)
    #: `reconciling.Finding` as data, cases added.
    findings = models.JSONField(default=list)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-day", "contract", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "day", "number"], name="reconciliations_of_a_day_are_numbered"),
            models.CheckConstraint(
                name="a_gap_is_what_the_bank_has_and_the_portal_has_not",
                condition=Q(basis="nothing", bank_count=None, bank_cents=None, gap_cents=None)
                | ~Q(basis="nothing")
                & Q(bank_count__isnull=False, bank_cents__isnull=False, gap_cents__isnull=False)
                & Q(bank_cents=F("captured_cents") + F("suspended_cents") + F("gap_cents")),
            ),
            models.CheckConstraint(
                name="a_reconciliation_rests_on_what_it_names",
                condition=Q(basis="statement", statement__isnull=False) | ~Q(basis="statement") & Q(statement=None),
            ),
            models.CheckConstraint(
                name="a_clear_day_has_no_gap",
                condition=~Q(outcome="clear") | Q(gap_cents=0, booked_cents=F("captured_cents"), findings=[]),
            ),
            models.CheckConstraint(
                name="a_day_waits_for_a_statement_only_without_one",
                condition=Q(outcome="waiting", basis="nothing") | ~Q(outcome="waiting") & ~Q(basis="nothing"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.day} n° {self.number}: {self.outcome}"

    @property
    def on_clearing_cents(self) -> int:
        """All that the books put on the clearing account that day."""
        return self.booked_cents + self.other_cents

    @property
    def needs_somebody(self) -> bool:
        """Whether something is left to explain: a gap, or a case that nobody closed."""
        return any(not one["is_closed"] for one in self.findings)
