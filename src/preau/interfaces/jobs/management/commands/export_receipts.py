"""`preau export-receipts --regie CODE --year 2026 [--with-content] > recus-2026.json`: a chain, to verify elsewhere."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau.domain.payments.queries.chain import export
from preau.domain.regies.models import Regie


class Command(BaseCommand):
    """Numbers, instants and digests only, unless the contents are asked for: these name families."""

    help = "Écrit la chaîne des reçus d’une régie et d’une année, à vérifier hors ligne."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--regie", required=True, metavar="CODE", help="code de la régie")
        parser.add_argument("--year", required=True, type=int, metavar="ANNÉE", help="année des reçus")
        parser.add_argument(
            "--with-content", action="store_true", help="ajouter ce que disent les reçus (noms, montants)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        regie = Regie.objects.filter(code=options["regie"]).first()
        if regie is None:
            raise CommandError(f"Aucune régie n’a le code {options['regie']}.")
        chain = export(regie, year=options["year"], with_content=options["with_content"])
        if not chain["receipts"]:
            raise CommandError(f"La régie {regie.code} n’a aucun reçu en {options['year']}.")
        self.stdout.write(json.dumps(chain, ensure_ascii=False, indent=1))
        if options["with_content"]:
            self.stderr.write("Ce fichier contient des données de familles : gardez-le, puis effacez-le.")
