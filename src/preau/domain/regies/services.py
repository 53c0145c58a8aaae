"""Writes about régies."""

from datetime import timedelta

from django.db import transaction

from preau.domain.regies.models import ContractSecret, GatewayContract, NumberSequence, Regie
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.sealing import seal, seal_again


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


@transaction.atomic
def set_secret(*, contract: GatewayContract, name: str, value: str, overlap: timedelta, by: Actor) -> None:
    """Give a contract a new key; the former one stays good for `overlap`, the time the bank takes to change (G10)."""
    GatewayContract.objects.select_for_update().get(id=contract.id)
    now = clock.now()
    held = ContractSecret.objects.filter(contract=contract, name=name, usable_until__isnull=True)
    held.update(usable_until=now + overlap)
    ContractSecret.objects.create(contract=contract, name=name, sealed=seal(value), usable_from=now)
    record(by=by, action="contract.secret_set", subject=contract.public_id, details={"name": name})


@transaction.atomic
def seal_secrets_again(*, by: Actor) -> int:
    """Put every contract secret under the installation's newest key; how many.

    Raises:
        SealBrokenError: one of them was sealed with a key that is gone; nothing has changed.
    """
    secrets = list(ContractSecret.objects.select_for_update())
    for secret in secrets:
        secret.sealed = seal_again(secret.sealed)
    ContractSecret.objects.bulk_update(secrets, ["sealed"])
    record(by=by, action="contract.secrets_sealed_again", subject="", details={"count": len(secrets)})
    return len(secrets)
