"""What must always be true of invoices and credit, whatever happened after the payments (I2–I4, I8, I12, I13, I28)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Max, QuerySet, Sum

from preau.domain.billing.invariants import received_elsewhere
from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.ledger.models import AccountKind, LedgerEntry, LedgerTransaction
from preau.domain.payments.models import (
    Allocation,
    Capture,
    CaseDecision,
    CreditNoteProposal,
    CreditUse,
    FamilyCredit,
    Refund,
    Reversal,
    ReversalPart,
)
from preau.domain.regies.models import NumberSequence
from preau.foundation.audit.models import AuditEvent
from preau.foundation.invariants import invariant

_Family = tuple[int, int]  #: (household, régie)


@invariant("I3", "Ce qu’une facture a reçu est la somme de ce qui lui est imputé, moins ce qui a été repris")
def received_equals_allocations() -> Iterable[str]:
    expected = Counter(received_elsewhere())
    for rows in (Allocation.objects.all(), CreditUse.objects.all()):
        expected.update(_sums(rows, "invoice_id"))
    parts = ReversalPart.objects.all()
    for settled in ("allocation__invoice_id", "credit_use__invoice_id"):
        expected.subtract(_sums(parts.exclude(**{settled: None}), settled))
    for invoice_id, number, received in Invoice.objects.values_list("id", "number", "received_cents"):
        if received != expected[invoice_id]:
            yield f"facture {number} : imputé {expected[invoice_id]}, inscrit {received}"


@invariant("I2", "L’avoir d’une famille est ce qui lui a été porté, moins ce qu’elle a utilisé, repris et rendu")
def family_credits_are_explained() -> Iterable[str]:
    explained: Counter[_Family] = Counter()
    family = ("household_id", "regie_id")
    explained.update(_by_family(FamilyCredit.objects.all(), *family))
    explained.update(_by_family(CreditNote.objects.filter(invoice=None), *family, cents="total_cents"))
    explained.subtract(_by_family(CreditUse.objects.all(), *family))
    explained.subtract(_by_family(Refund.objects.filter(confirmed_at__isnull=False, decision=None), *family))
    taken = ReversalPart.objects.filter(source=ReversalPart.Source.CREDIT)
    of_payer = ("reversal__capture__attempt__household_id", "reversal__regie_id")
    explained.subtract(_by_family(taken, *of_payer))
    booked = _booked(AccountKind.FAMILY_CREDIT)
    for key in sorted(explained.keys() | booked.keys()):
        if explained[key] != -booked[key]:
            yield f"famille {key[0]}, régie {key[1]} : expliqué {explained[key]}, grand livre {-booked[key]}"


@invariant("I2", "Une famille n’a jamais moins que rien à son avoir")
def credits_are_never_negative() -> Iterable[str]:
    held = _booked(AccountKind.FAMILY_CREDIT)
    return (f"famille {key[0]}, régie {key[1]} : {-cents} centimes" for key, cents in held.items() if cents > 0)


@invariant("I2", "Ce qui est à recouvrer d’une famille est ce qui lui avait été rendu et que la banque a repris")
def sums_to_recover_are_explained() -> Iterable[str]:
    given_back = ReversalPart.objects.filter(source=ReversalPart.Source.GIVEN_BACK)
    explained = Counter(_by_family(given_back, "reversal__capture__attempt__household_id", "reversal__regie_id"))
    booked = _booked(AccountKind.TO_RECOVER)
    for key in sorted(explained.keys() | booked.keys()):
        if explained[key] != booked[key]:
            yield f"famille {key[0]}, régie {key[1]} : expliqué {explained[key]}, grand livre {booked[key]}"


@invariant("I4", "Un rejet confirmé reprend tout son montant, et aucun autre ne reprend rien")
def reversals_take_back_their_amount() -> Iterable[str]:
    parts = _sums(ReversalPart.objects.all(), "reversal_id")
    for pk, cents, confirmed_at in Reversal.objects.values_list("id", "amount_cents", "confirmed_at"):
        expected = cents if confirmed_at else 0
        if parts.get(pk, 0) != expected:
            yield f"rejet {pk} : {expected} à reprendre, {parts.get(pk, 0)} repris"


@invariant("I4", "Rien n’est repris au-delà de ce qui avait été imputé ou utilisé")
def parts_stay_within_what_they_take_back() -> Iterable[str]:
    for rows, key in ((Allocation.objects, "allocation_id"), (CreditUse.objects, "credit_use_id")):
        taken = _sums(ReversalPart.objects.exclude(**{key: None}), key)
        for pk, cents in rows.filter(id__in=taken).values_list("id", "amount_cents"):
            if taken[pk] > cents:
                yield f"{key} {pk} : {cents} imputés, {taken[pk]} repris"


@invariant("I8", "D’un paiement, la banque ne reprend et la régie ne rend jamais plus que son montant")
def payments_are_not_given_back_twice() -> Iterable[str]:
    gone: Counter[int] = Counter()
    for rows in (Reversal.objects.all(), Refund.objects.exclude(capture=None)):
        gone.update(_sums(rows.filter(confirmed_at__isnull=False), "capture_id"))
    for capture in Capture.objects.filter(id__in=gone):
        if gone[capture.id] > capture.amount_cents:
            yield f"paiement {capture.gateway_reference} : {capture.amount_cents} reçus, {gone[capture.id]} rendus"


@invariant("I8", "D’une somme à rendre, on ne rend jamais plus que ce qui a été décidé")
def decisions_are_not_given_back_twice() -> Iterable[str]:
    given = _sums(Refund.objects.filter(confirmed_at__isnull=False, decision__isnull=False), "decision_id")
    for decision in CaseDecision.objects.filter(id__in=given):
        if given[decision.id] > decision.amount_cents:
            yield f"décision {decision.public_id} : {decision.amount_cents} à rendre, {given[decision.id]} rendus"


@invariant("I8", "Un remboursement, un rejet, un avoir utilisé ont une écriture, et une seule, du même montant")
def acts_are_booked_once() -> Iterable[str]:
    facts: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("reversal", Reversal.objects.filter(confirmed_at__isnull=False)),
        ("refund", Refund.objects.filter(confirmed_at__isnull=False)),
        ("credit_use", CreditUse.objects.all()),
    )
    for kind, rows in facts:
        done = dict(rows.values_list("public_id", "amount_cents"))
        credits_ = LedgerTransaction.objects.filter(source_kind=kind, entries__amount_cents__lt=0)
        booked = dict(credits_.values_list("source_key").annotate(s=-Sum("entries__amount_cents")))
        for key in sorted(done.keys() | booked.keys()):
            if done.get(key) != booked.get(key):
                yield f"{kind} {key} : fait {done.get(key)}, écrit {booked.get(key)}"


@invariant("I12", "Les avoirs émis ici, d’une régie et d’une année, se suivent de 1 à n")
def issued_credit_notes_follow() -> Iterable[str]:
    notes = CreditNote.objects.filter(proposal__isnull=False).values("regie_id", "issued_on__year")
    counted = {(row["regie_id"], row["issued_on__year"]): row["n"] for row in notes.annotate(n=Count("id"))}
    given = NumberSequence.objects.filter(kind="credit_note").values("regie_id", "year")
    last = {(row["regie_id"], row["year"]): row["last"] for row in given.annotate(last=Max("last_number"))}
    for key in sorted(counted.keys() | last.keys()):
        if counted.get(key, 0) != last.get(key, 0):
            yield f"régie {key[0]}, {key[1]} : {counted.get(key, 0)} avoirs, compteur {last.get(key, 0)}"


@invariant("I13", "Ce qui suit un paiement reste dans sa régie et dans sa famille")
def acts_stay_in_one_regie() -> Iterable[str]:
    decided = {"regie": F("decision__case__regie"), "household": F("decision__case__attempt__household")}
    paid = {"regie": F("capture__regie"), "household": F("capture__attempt__household")}
    billed = {"regie": F("invoice__regie"), "household": F("invoice__household")}
    checks: tuple[tuple[str, QuerySet[Any], dict[str, F]], ...] = (
        ("rejet", Reversal.objects.all(), {"regie": F("capture__regie")}),
        ("avoir utilisé", CreditUse.objects.all(), billed),
        ("avoir demandé", CreditNoteProposal.objects.all(), billed),
        ("remboursement", Refund.objects.exclude(capture=None), paid),
        ("remboursement", Refund.objects.exclude(decision=None), decided),
    )
    for what, rows, same in checks:
        yield from (f"{what} {pk}" for pk in rows.exclude(**same).values_list("id", flat=True))


@invariant("I28", "Un rejet, un remboursement, un avoir demandé l’ont été par deux personnes, et le journal le dit")
def acts_are_decided_by_two_people() -> Iterable[str]:
    kinds = (("reversal", Reversal), ("refund", Refund), ("credit_note", CreditNoteProposal))
    for name, model in kinds:
        told = set(AuditEvent.objects.filter(action=f"{name}.confirmed").values_list("subject", flat=True))
        for act in model.objects.filter(confirmed_at__isnull=False):
            if act.confirmed_by_id == act.proposed_by_id:
                yield f"{name} {act.public_id} : une seule personne"
            if act.public_id not in told:
                yield f"{name} {act.public_id} absent du journal"


def _sums(rows: QuerySet[Any], key: str) -> dict[int, int]:
    return {row[key]: row["s"] for row in rows.order_by().values(key).annotate(s=Sum("amount_cents"))}


def _by_family(rows: QuerySet[Any], household: str, regie: str, *, cents: str = "amount_cents") -> dict[_Family, int]:
    sums = rows.order_by().values(household, regie).annotate(s=Sum(cents))
    return {(row[household], row[regie]): row["s"] for row in sums}


def _booked(kind: AccountKind) -> Counter[_Family]:
    """Signed cents on the accounts of a kind, by family."""
    entries = LedgerEntry.objects.filter(account__kind=kind)
    return Counter(_by_family(entries, "account__household_id", "account__regie_id"))
