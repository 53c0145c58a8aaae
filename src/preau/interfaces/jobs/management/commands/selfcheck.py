"""`preau selfcheck`: the statements that must never be false, as queries."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from preau.foundation.invariants import declared, violations


class Command(BaseCommand):
    """Exit code 1 and the names of what is broken, or one line saying that all holds."""

    help = "Vérifie les invariants des comptes, des paiements et du journal."

    def handle(self, *args: Any, **options: Any) -> None:
        found = violations()
        for one in found:
            self.stdout.write(self.style.ERROR(f"{one.code} – {one.statement} : {one.detail}"))
        codes = sorted({one.code for one in found}, key=lambda code: int(code[1:]))
        if found:
            self.stdout.write(f"{len(found)} anomalie(s), invariants rompus : {', '.join(codes)}")
            sys.exit(1)
        self.stdout.write(f"{len(declared())} invariants vérifiés, aucun écart.")
