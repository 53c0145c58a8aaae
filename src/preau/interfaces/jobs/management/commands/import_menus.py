"""`preau import-menus menus.csv`: take over menus or dishes written in the public schemas."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau.domain.activities.services.menus import LARGEST, MenuCounts, compare_menus, import_menus
from preau.foundation.audit.actors import SYSTEM
from preau.interfaces.jobs.reports import print_faults


class Command(BaseCommand):
    """Dry run by default; `--apply` writes, all or nothing."""

    help = "Reprend des menus ou des plats aux schémas publics SCDL (simulation par défaut)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="fichier CSV menus-collectifs ou plats-menus-collectifs")
        parser.add_argument("--apply", action="store_true", help="écrire (sans quoi rien n’est écrit)")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"Fichier introuvable : {path}")
        if path.stat().st_size > LARGEST:
            raise CommandError("Ce fichier dépasse 5 Mo : découpez-le.")
        content = path.read_bytes()
        told, counts = compare_menus(content=content)
        print_faults(self.stdout, told.faults)
        self._tell(told.rows_read, counts, refused=len(told.errors))
        if told.errors:
            self.stdout.write("Rien n’a été écrit : corrigez le fichier.")
            sys.exit(1)
        if not options["apply"]:
            self.stdout.write("Simulation : rien n’a été écrit. Ajoutez --apply pour prendre ce fichier.")
            return
        import_menus(content=content, by=SYSTEM)
        self.stdout.write(self.style.SUCCESS("Le fichier est pris."))

    def _tell(self, rows: int, counts: MenuCounts, *, refused: int) -> None:
        what = "menu(s)" if counts.kind == "menus" else "plat(s)"
        self.stdout.write(
            f"{rows} ligne(s) lue(s) : {counts.created} {what} à créer, {counts.updated} à changer, "
            f"{counts.unchanged} déjà à jour, {refused} refus.",
        )
