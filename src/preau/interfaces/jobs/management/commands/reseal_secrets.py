"""`preau reseal-secrets`: after the installation's key has changed, before the former one is forgotten."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preau.domain.regies.services import seal_secrets_again
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.sealing import SealBrokenError


class Command(BaseCommand):
    """Puts every contract's keys under the newest key; all of them, or none when one can no longer be opened."""

    help = "Rescelle les clés des contrats avec PREAU_SECRET_KEY ; ensuite, l’ancienne peut être oubliée."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = seal_secrets_again(by=SYSTEM)
        except SealBrokenError as broken:
            raise CommandError(
                f"{broken} Remettez l’ancienne clé dans PREAU_SECRET_KEY_FALLBACKS ; rien n’a été changé."
            ) from broken
        self.stdout.write(f"{count} clé(s) de contrat rescellée(s).")
