"""Writes about régies."""

from django.db import transaction

from preau.domain.regies.models import NumberSequence, Regie


def take_number(*, regie: Regie, kind: str, year: int) -> int:
    """The next number of an unbroken series; call it in the transaction that issues the document (I12).

    The counter stays locked until that transaction ends, so numbers follow the order of issue and none is lost.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is taken inside the transaction that issues the document")
    NumberSequence.objects.get_or_create(regie=regie, kind=kind, year=year)
    sequence = NumberSequence.objects.select_for_update().get(regie=regie, kind=kind, year=year)
    sequence.last_number += 1
    sequence.save(update_fields=["last_number"])
    return sequence.last_number
