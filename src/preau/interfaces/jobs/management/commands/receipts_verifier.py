"""`preau receipts-verifier > verifier_recus.py`: the program that verifies a chain of receipts without Préau."""

from typing import Any

from django.core.management.base import BaseCommand

from preau.domain.payments.queries.chain import VERIFIER


class Command(BaseCommand):
    """The same file as the one that anybody downloads from `/verifier/empreintes/`."""

    help = "Écrit le programme qui vérifie les reçus hors ligne."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(VERIFIER.read_text(encoding="utf-8"), ending="")
