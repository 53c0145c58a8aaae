"""What the books must always say (I1, I2, I10, I13)."""

from collections.abc import Iterable

from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce

from preau.domain.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from preau.foundation.invariants import invariant


@invariant("I1", "Chaque écriture du grand livre a deux lignes au moins et s’équilibre")
def transactions_balance() -> Iterable[str]:
    counted = LedgerTransaction.objects.annotate(
        lines=Count("entries"),
        summed=Coalesce(Sum("entries__amount_cents"), 0),
    )
    wrong = counted.exclude(lines__gte=2, summed=0)
    return (f"écriture {t.source_kind} {t.source_key} : {t.lines} lignes, somme {t.summed}" for t in wrong)


@invariant("I2", "Dans chaque régie, la somme de toutes les écritures est nulle")
def regies_sum_to_zero() -> Iterable[str]:
    sums = LedgerEntry.objects.values("account__regie__label").annotate(summed=Sum("amount_cents")).exclude(summed=0)
    return (f"{row['account__regie__label']} : {row['summed']} centimes" for row in sums)


@invariant("I10", "Aucune ligne du grand livre n’est nulle")
def entries_are_not_zero() -> Iterable[str]:
    return (f"ligne {pk} nulle" for pk in LedgerEntry.objects.filter(amount_cents=0).values_list("id", flat=True))


@invariant("I13", "Une écriture ne touche que des comptes de sa régie")
def entries_stay_in_their_regie() -> Iterable[str]:
    wrong = LedgerEntry.objects.exclude(account__regie=F("transaction__regie"))
    yield from (f"ligne {pk} d’une autre régie" for pk in wrong.values_list("id", flat=True))
    astray = LedgerAccount.objects.filter(contract__isnull=False).exclude(contract__regie=F("regie"))
    yield from (f"compte {pk} d’un contrat d’une autre régie" for pk in astray.values_list("id", flat=True))
