"""What happens once a payment was captured: money taken back, credit used, money given back. Nothing is edited.

A captured payment stays captured for ever; each of these is a fact beside it with its own entries (reliability E.1).
"""

from django.db import models
from django.db.models import F, Q

from preau.domain.accounts.models import User
from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.families.models import Household
from preau.domain.payments.models.captures import Allocation, Capture
from preau.domain.payments.models.cases import CaseDecision
from preau.domain.payments.outcomes import LONGEST_REASON
from preau.domain.regies.models import GatewayContract, Regie
from preau.foundation import ids


class TwoPersonAct(models.Model):
    """What one agent proposes about money of a régie; another one confirms it or sends it back, once (W14)."""

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="+")
    amount_cents = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=LONGEST_REASON)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refusal_reason = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        abstract = True

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for its second person."""
        return self.confirmed_at is None and self.refused_at is None


#: Nobody answered yet; or somebody confirmed; or somebody sent it back and said why.
_UNANSWERED = Q(confirmed_by=None, confirmed_at=None, refused_by=None, refused_at=None, refusal_reason="")
_CONFIRMED = Q(
    confirmed_by__isnull=False, confirmed_at__isnull=False, refused_by=None, refused_at=None, refusal_reason=""
)
_SENT_BACK = Q(confirmed_by=None, confirmed_at=None, refused_by__isnull=False, refused_at__isnull=False) & ~Q(
    refusal_reason=""
)


def _by_two_people(thing: str) -> list[models.BaseConstraint]:
    """What the database asks of every `TwoPersonAct`; `thing` completes the sentences."""
    return [
        models.CheckConstraint(
            name=f"{thing}_is_confirmed_by_another_person",
            condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
        ),
        models.CheckConstraint(
            name=f"{thing}_is_sent_back_by_another_person",
            condition=Q(refused_by__isnull=True) | ~Q(refused_by=F("proposed_by")),
        ),
        models.CheckConstraint(
            name=f"{thing}_has_one_dated_answer_at_most", condition=_UNANSWERED | _CONFIRMED | _SENT_BACK
        ),
        models.CheckConstraint(name=f"{thing}_gives_its_reason", condition=~Q(reason="")),
        models.CheckConstraint(name=f"{thing}_is_positive", condition=Q(amount_cents__gt=0)),
    ]


class Reversal(TwoPersonAct):
    """Money of a capture that the bank took back: all of it, or less when a payer contests a part (I8)."""

    class Kind(models.TextChoices):
        BOUNCED_DEBIT = "bounced_debit", "Prélèvement rejeté"
        CHARGEBACK = "chargeback", "Paiement contesté"
        BOUNCED_CHEQUE = "bounced_cheque", "Chèque rejeté"
        REFUSED_VOUCHER = "refused_voucher", "Titres refusés par leur émetteur"
        MISTAKE = "mistake", "Erreur de saisie au guichet"

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="reversals")
    kind = models.CharField(max_length=15, choices=Kind)
    #: What proves it: the number of the bank's notice or of the line of its statement, and its day.
    notice = models.CharField(max_length=100)
    noticed_on = models.DateField()

    class Meta:
        ordering = ["proposed_at", "id"]
        constraints = [
            *_by_two_people("a_reversal"),
            models.CheckConstraint(name="a_reversal_names_the_notice_of_the_bank", condition=~Q(notice="")),
            models.UniqueConstraint(
                fields=["capture"],
                condition=Q(confirmed_at__isnull=True, refused_at__isnull=True),
                name="a_capture_has_one_reversal_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.amount_cents}"


class CreditUse(models.Model):
    """Credit that a family chose to use on an invoice of the same régie (payment-gateways 9.5). Append-only.

    It has no receipt number: no money comes in, and what brought the credit has its own receipt or credit note.
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    #: Ties the click to its page: the same form sent twice uses the credit once (U7).
    form_key = models.CharField(max_length=64, unique=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="credit_uses")
    regie = models.ForeignKey(Regie, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_uses")
    amount_cents = models.PositiveBigIntegerField()
    used_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField()

    class Meta:
        ordering = ["used_at", "id"]
        constraints = [models.CheckConstraint(name="credit_use_is_positive", condition=Q(amount_cents__gt=0))]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount_cents}"


class ReversalPart(models.Model):
    """Where the money of a confirmed reversal was: on an invoice, in the credit, or given back already. Append-only."""

    class Source(models.TextChoices):
        ALLOCATION = "allocation", "repris sur une facture"
        CREDIT = "credit", "repris sur l’avoir de la famille"
        CREDIT_USE = "credit_use", "repris sur une facture réglée par avoir"
        GIVEN_BACK = "given_back", "déjà rendu, à recouvrer"

    reversal = models.ForeignKey(Reversal, on_delete=models.PROTECT, related_name="parts")
    source = models.CharField(max_length=10, choices=Source)
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, null=True, related_name="reversal_parts")
    credit_use = models.ForeignKey(CreditUse, on_delete=models.PROTECT, null=True, related_name="reversal_parts")
    amount_cents = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="reversal_part_is_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="a_reversal_part_names_what_it_takes_back",
                condition=Q(source="allocation", allocation__isnull=False, credit_use=None)
                | Q(source="credit_use", allocation=None, credit_use__isnull=False)
                | Q(source__in=["credit", "given_back"], allocation=None, credit_use=None),
            ),
            models.UniqueConstraint(
                fields=["reversal", "source"],
                condition=Q(source__in=["credit", "given_back"]),
                name="a_reversal_takes_back_credit_once",
            ),
            models.UniqueConstraint(fields=["reversal", "allocation"], name="a_reversal_takes_an_allocation_back_once"),
            models.UniqueConstraint(fields=["reversal", "credit_use"], name="a_reversal_takes_a_credit_use_back_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.amount_cents}"


class Refund(TwoPersonAct):
    """Money given back: of a family's credit or, with `decision`, of what a case decided to give back."""

    class Means(models.TextChoices):
        TRANSFER = "transfer", "Virement"
        CHEQUE = "cheque", "Chèque"
        CASH = "cash", "Espèces"
        CARD = "card", "Carte recréditée sur le site de la banque"

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="refunds")
    decision = models.ForeignKey(CaseDecision, on_delete=models.PROTECT, null=True, related_name="refunds")
    #: The payment whose card was credited, when the money is the family's credit; and the bank account it left.
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, null=True, related_name="refunds")
    contract = models.ForeignKey(GatewayContract, on_delete=models.PROTECT, null=True, related_name="+")
    means = models.CharField(max_length=10, choices=Means)
    #: Number of the transfer, of the cheque, of the bank's operation, of the receipt signed at the counter.
    reference = models.CharField(max_length=64)

    class Meta:
        ordering = ["proposed_at", "id"]
        constraints = [
            *_by_two_people("a_refund"),
            models.CheckConstraint(name="a_refund_names_its_reference", condition=~Q(reference="")),
            models.CheckConstraint(
                name="a_refund_leaves_a_contract_only_by_card",
                condition=Q(means="card", contract__isnull=False) | (~Q(means="card") & Q(contract=None, capture=None)),
            ),
            models.CheckConstraint(
                name="a_refund_by_card_names_a_payment_or_a_decision",
                condition=~Q(means="card")
                | Q(capture__isnull=False, decision=None)
                | Q(capture=None, decision__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.means}: {self.amount_cents}"


class CreditNoteProposal(TwoPersonAct):
    """A credit note that an agent asks for on a service already paid: once confirmed, the family's credit."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_note_proposals")
    #: What the credit note says, and the family reads.
    label = models.CharField(max_length=200)
    note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, null=True, related_name="proposal")

    class Meta:
        ordering = ["proposed_at", "id"]
        constraints = [
            *_by_two_people("a_credit_note_proposal"),
            models.CheckConstraint(name="a_credit_note_proposal_has_its_wording", condition=~Q(label="")),
            models.CheckConstraint(
                name="a_credit_note_is_issued_iff_it_is_confirmed",
                condition=Q(confirmed_at__isnull=True, note=None) | Q(confirmed_at__isnull=False, note__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount_cents}"
