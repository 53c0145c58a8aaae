from collections.abc import Iterable

from preau.foundation.audit.services import broken_links
from preau.foundation.invariants import invariant


@invariant("I29", "Le journal d’audit est une chaîne sans trou ni retouche")
def audit_chain_holds() -> Iterable[str]:
    return broken_links()
