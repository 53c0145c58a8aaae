"""What the chains of receipts must always say (I12)."""

from collections.abc import Iterable

from preau.domain.payments.queries.chain import broken_anchors, broken_chains
from preau.foundation.invariants import invariant


@invariant("I12", "Les reçus d’une régie et d’une année forment une chaîne sans trou ni retouche")
def receipt_chains_hold() -> Iterable[str]:
    return broken_chains()


@invariant("I12", "Les reçus de chaque mois mènent à l’empreinte qui a été publiée")
def receipt_anchors_hold() -> Iterable[str]:
    return broken_anchors()
