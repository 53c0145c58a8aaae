"""What statements and constats must always say (I24, I31)."""

from collections.abc import Iterable
from datetime import timedelta

from preau.domain.payments.models import StatementEntry
from preau.domain.payments.queries.reconciliation import outdated_constats
from preau.foundation import clock
from preau.foundation.invariants import invariant

_LINE_PATIENCE = timedelta(hours=24)


@invariant("I31", "Chaque constat en vigueur dit du compte d’encaissement ce que disait le grand livre ce jour-là")
def constats_agree_with_the_books() -> Iterable[str]:
    for constat, cents in outdated_constats():
        yield f"contrat {constat.contract_id}, {constat.day} : constaté {constat.on_clearing_cents}, écrit {cents}"


@invariant("I24", "Toute ligne d’un relevé importé est traitée dans la journée")
def no_line_is_forgotten() -> Iterable[str]:
    late = StatementEntry.objects.filter(
        handled_at__isnull=True, statement__imported_at__lt=clock.now() - _LINE_PATIENCE
    )
    return (f"relevé {entry.statement.public_id}, ligne {entry.line}" for entry in late.select_related("statement"))
