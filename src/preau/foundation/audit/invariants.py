from collections.abc import Iterable

from preau.foundation.audit.services import broken_links
from preau.foundation.barriers import missing_barriers
from preau.foundation.invariants import invariant


@invariant("I29", "Le journal d’audit est une chaîne sans trou ni retouche")
def audit_chain_holds() -> Iterable[str]:
    return broken_links()


@invariant("I29", "Ce que la base doit refuser est toujours refusé : déclencheurs, liens et contraintes sont en place")
def barriers_stand() -> Iterable[str]:
    return (f"« {name} » manque" for name in missing_barriers())
