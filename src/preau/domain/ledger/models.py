from django.db import models

from preau.domain.families.models import Household
from preau.domain.regies.models import GatewayContract, Regie


class AccountKind(models.TextChoices):
    """The chart of accounts of a régie (reliability E.3)."""

    RECEIVABLE = "receivable", "Créances sur les familles"
    PRODUCT = "product", "Produits des services"
    CLEARING = "clearing", "En cours d’encaissement à la passerelle"
    FAMILY_CREDIT = "family_credit", "Avoirs des familles"
    SUSPENSE = "suspense", "Sommes à identifier"
    REFUND_DUE = "refund_due", "Remboursements à faire"
    RECEIVED_ELSEWHERE = "received_elsewhere", "Encaissé hors du portail"
    GIVEN_BACK = "given_back", "Rendu hors du portail"
    TO_RECOVER = "to_recover", "Trop rendu, à recouvrer"


PER_HOUSEHOLD = (AccountKind.RECEIVABLE, AccountKind.FAMILY_CREDIT, AccountKind.TO_RECOVER)


class LedgerAccount(models.Model):
    """One account of one régie: of a family, of a contract, or of the régie itself."""

    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="ledger_accounts")
    kind = models.CharField(max_length=20, choices=AccountKind)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="ledger_accounts")
    contract = models.ForeignKey(GatewayContract, on_delete=models.PROTECT, null=True, related_name="ledger_accounts")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["regie", "kind", "household"],
                condition=models.Q(household__isnull=False),
                name="one_account_per_regie_kind_and_household",
            ),
            models.UniqueConstraint(
                fields=["regie", "kind", "contract"],
                condition=models.Q(contract__isnull=False),
                name="one_account_per_regie_kind_and_contract",
            ),
            models.UniqueConstraint(
                fields=["regie", "kind"],
                condition=models.Q(household__isnull=True, contract__isnull=True),
                name="one_account_per_regie_and_kind",
            ),
            models.CheckConstraint(
                name="ledger_account_has_the_holder_its_kind_asks",
                condition=models.Q(kind__in=PER_HOUSEHOLD, household__isnull=False, contract__isnull=True)
                | models.Q(kind=AccountKind.CLEARING, household__isnull=True, contract__isnull=False)
                | ~models.Q(kind__in=[*PER_HOUSEHOLD, AccountKind.CLEARING])
                & models.Q(household__isnull=True, contract__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regie_id}/{self.kind}"


class LedgerTransaction(models.Model):
    """A balanced set of entries of one régie, booked once for its source (I1, I5). Append-only."""

    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="ledger_transactions")
    source_kind = models.CharField(max_length=30)
    source_key = models.CharField(max_length=64)
    label = models.CharField(max_length=150)
    #: The day it counts for in the books, in the town's zone.
    booked_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_kind", "source_key"], name="a_source_is_booked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_key}"


class LedgerEntry(models.Model):
    """A debit (positive cents) or a credit (negative cents) on one account. Append-only."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="entries")
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="ledger_entry_is_never_zero", condition=~models.Q(amount_cents=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_cents}"
