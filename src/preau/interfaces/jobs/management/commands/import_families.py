"""`preau import-families familles.csv`: take over the families of the town's software."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau.domain.families.intake import READERS, IntakeReport
from preau.domain.families.services.loading import IntakeCounts, apply_intake, compare_intake
from preau.domain.town.queries import TownMissingError
from preau.foundation.audit.actors import SYSTEM
from preau.interfaces.jobs.reports import print_faults, reading_progress, writing_progress


class Command(BaseCommand):
    """Dry run by default; `--apply` writes, all or nothing."""

    help = "Reprend les familles d’un autre logiciel (simulation par défaut)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="fichier CSV, tabulé ou « texte Unicode »")
        parser.add_argument("--format", default="generique", choices=sorted(READERS))
        parser.add_argument("--apply", action="store_true", help="écrire (sans quoi rien n’est écrit)")
        parser.add_argument("--accepter-les-refus", action="store_true", help="écrire ce qui est sain")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"].is_file():
            raise CommandError(f"Fichier introuvable : {options['file']}")
        report = READERS[options["format"]](options["file"], progress=reading_progress(self.stderr))
        refused = [fault for fault in report.faults if fault.severity == "error"]
        try:
            counts = compare_intake(report=report)
        except TownMissingError as missing:
            raise CommandError(str(missing)) from missing
        self._tell(report, counts, refused=len(refused))
        if refused and not options["accepter_les_refus"]:
            self.stdout.write("Rien n’a été écrit : corrigez le fichier, ou ajoutez --accepter-les-refus.")
            sys.exit(1)
        if not options["apply"]:
            self.stdout.write("Simulation : rien n’a été écrit. Ajoutez --apply pour reprendre ces familles.")
            return
        apply_intake(report=report, by=SYSTEM, progress=writing_progress(self.stderr))
        self.stdout.write(self.style.SUCCESS("Les familles sont reprises."))

    def _tell(self, report: IntakeReport, counts: IntakeCounts, *, refused: int) -> None:
        print_faults(self.stdout, [*report.faults, *counts.remarks])
        for proposal in report.proposals:
            self.stdout.write(f"à décider (lignes {', '.join(map(str, proposal.lines))}) : {proposal.sentence}")
        self.stdout.write(
            f"{report.rows_read} ligne(s) lue(s) : {counts.created} famille(s) à créer, "
            f"{counts.updated} à mettre à jour, {counts.unchanged} déjà à jour, {refused} refus. "
            f"Adultes ajoutés : {counts.guardians_added}, enfants ajoutés : {counts.children_added}.",
        )
