"""`preau import-invoices factures.csv|livraison.zip [--pdf DOSSIER]`: take over issued invoices."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from preau.domain.billing.importing import InvoicePlan, apply_plan, plan_invoices
from preau.domain.billing.intake import READERS
from preau.domain.payments.queries.baskets import attempts_holding
from preau.domain.town.queries import TownMissingError
from preau.foundation.audit.actors import SYSTEM
from preau.interfaces.jobs.deliveries import DeliveryError, opened
from preau.interfaces.jobs.reports import print_faults, reading_progress, writing_progress


class Command(BaseCommand):
    """Dry run by default; `--apply` writes, all or nothing."""

    help = "Reprend les factures du logiciel de facturation (simulation par défaut)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="fichier CSV, ou zip contenant le CSV et les PDF")
        parser.add_argument("--pdf", type=Path, help="dossier ou zip des PDF (par défaut : à côté du fichier)")
        parser.add_argument("--regie", help="code de la régie des factures qui n’en nomment pas")
        parser.add_argument("--format", default="generique", choices=sorted(READERS))
        parser.add_argument("--apply", action="store_true", help="écrire (sans quoi rien n’est écrit)")
        parser.add_argument("--accepter-les-refus", action="store_true", help="écrire ce qui est sain")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with opened(options["file"], options["pdf"]) as delivery:
                report = READERS[options["format"]](delivery.table, progress=reading_progress(self.stderr))
                plan = plan_invoices(report, default_regie=options["regie"], pdfs=delivery.pdfs)
                self._tell(plan, rows=report.rows_read)
                if plan.errors and not options["accepter_les_refus"]:
                    self.stdout.write("Rien n’a été écrit : corrigez le fichier, ou ajoutez --accepter-les-refus.")
                    sys.exit(1)
                if not options["apply"]:
                    self.stdout.write("Simulation : rien n’a été écrit. Ajoutez --apply pour reprendre ces factures.")
                    return
                apply_plan(plan, pdfs=delivery.pdfs, by=SYSTEM, progress=writing_progress(self.stderr))
                self.stdout.write(self.style.SUCCESS("Les factures sont reprises."))
        except (DeliveryError, TownMissingError) as problem:
            raise CommandError(str(problem)) from problem
        except IntegrityError as race:
            raise CommandError("Une autre reprise écrivait en même temps\u202f: relancez celle-ci.") from race

    def _tell(self, plan: InvoicePlan, *, rows: int) -> None:
        print_faults(self.stdout, plan.faults)
        received = [invoice for invoice, _, _ in plan.to_receive]
        held = attempts_holding(received)
        for number in (invoice.number for invoice in received if invoice.id in held):
            self.stdout.write(
                f"à vérifier : facture {number} : un paiement en ligne est en cours ; "
                "ce qui dépassera son montant ira au crédit de la famille",
            )
        self.stdout.write(
            f"{rows} ligne(s) lue(s) : {len(plan.to_create)} facture(s) à créer, "
            f"{len(plan.credit_notes)} avoir(s), {len(plan.to_receive)} règlement(s) à reporter, "
            f"{len(plan.to_attach)} PDF à joindre, {plan.unchanged} déjà à jour, {len(plan.errors)} refus.",
        )
