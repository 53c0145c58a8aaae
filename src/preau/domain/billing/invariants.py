"""What invoices must always say (I2, I3, I11, I12)."""

from collections.abc import Iterable

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from preau.domain.billing.models import CreditNote, Invoice, InvoiceLine, ReceiptElsewhere, TopUp
from preau.domain.billing.rules import content_digest
from preau.domain.ledger.models import AccountKind, LedgerEntry
from preau.domain.regies.models import NumberSequence
from preau.foundation.invariants import invariant


@invariant("I2", "La créance d’une famille est ce qui reste dû sur ses factures")
def receivables_equal_what_is_left() -> Iterable[str]:
    left = {
        (row["household_id"], row["regie_id"]): row["left"]
        for row in Invoice.objects.values("household_id", "regie_id").annotate(left=Sum("left_cents"))
    }
    booked = {
        (row["account__household_id"], row["account__regie_id"]): row["summed"]
        for row in LedgerEntry.objects.filter(account__kind=AccountKind.RECEIVABLE)
        .values("account__household_id", "account__regie_id")
        .annotate(summed=Sum("amount_cents"))
    }
    for key in sorted(left.keys() | booked.keys()):
        if left.get(key, 0) != booked.get(key, 0):
            yield f"famille {key[0]}, régie {key[1]} : factures {left.get(key, 0)}, grand livre {booked.get(key, 0)}"


@invariant("I3", "Ce qui est annulé sur une facture est la somme de ses avoirs")
def credited_equals_credit_notes() -> Iterable[str]:
    """So a cancelled invoice has « avoirs » of its whole amount (I11)."""
    notes = (
        CreditNote.objects.filter(invoice=OuterRef("pk")).values("invoice").annotate(s=Sum("total_cents")).values("s")
    )
    wrong = Invoice.objects.annotate(noted=Coalesce(Subquery(notes), 0)).exclude(credited_cents=F("noted"))
    return (f"facture {i.number} : avoirs {i.noted}, inscrit {i.credited_cents}" for i in wrong)


@invariant("I3", "Une facture ne reçoit jamais plus que son montant et n’est soldée que si rien ne reste")
def settled_iff_nothing_left() -> Iterable[str]:
    over = Invoice.objects.filter(left_cents__lt=0)
    undated = Invoice.objects.filter(left_cents=0, settled_on__isnull=True)
    dated = Invoice.objects.filter(left_cents__gt=0, settled_on__isnull=False)
    return (f"facture {invoice.number} : reste {invoice.left_cents}" for invoice in over | undated | dated)


@invariant("I11", "Une facture émise garde son contenu, et ses lignes font son montant")
def invoices_keep_their_content() -> Iterable[str]:
    for invoice in Invoice.objects.prefetch_related("lines").order_by("id").iterator(chunk_size=500):
        lines: list[InvoiceLine] = list(invoice.lines.all())
        if content_digest(invoice, lines) != invoice.content_digest:
            yield f"facture {invoice.number} : contenu modifié depuis son émission"
        if lines and sum(line.total_cents for line in lines) != invoice.total_cents:
            yield f"facture {invoice.number} : les lignes ne font pas le montant"


@invariant("I12", "Les compteurs de numéros ne sont jamais en retard sur les factures émises ici")
def issued_numbers_follow() -> Iterable[str]:
    issued = Invoice.objects.exclude(source=Invoice.Source.IMPORTED)
    for sequence in NumberSequence.objects.filter(kind="invoice"):
        count = issued.filter(regie=sequence.regie_id, issued_on__year=sequence.year).count()
        if count != sequence.last_number:
            yield f"régie {sequence.regie_id}, {sequence.year} : {count} factures, compteur {sequence.last_number}"


@invariant("I3", "Une recharge payée est à l’avoir de la famille, une seule fois et en entier")
def paid_top_ups_are_credit() -> Iterable[str]:
    paid = TopUp.objects.filter(invoice__settled_on__isnull=False, invoice__received_cents=F("invoice__total_cents"))
    wrong = paid.exclude(credit_note__total_cents=F("invoice__total_cents"), credit_note__invoice=None)
    yield from (f"recharge {number}" for number in wrong.values_list("invoice__number", flat=True))
    alone = Invoice.objects.filter(source=Invoice.Source.TOP_UP, top_up=None).values_list("number", flat=True)
    yield from (f"facture {number} : recharge sans demande" for number in alone)


def received_elsewhere() -> dict[int, int]:
    """Cents received outside the portal, by invoice id."""
    rows = ReceiptElsewhere.objects.values("invoice_id").annotate(summed=Sum("amount_cents"))
    return {row["invoice_id"]: row["summed"] for row in rows}
