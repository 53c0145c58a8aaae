"""`preau invitations [--csv LETTRES] [--courriel] [--apply]`: activation codes for those without login (C03)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from preau.domain.families.models import Guardian
from preau.domain.families.queries import guardians_without_login
from preau.domain.families.services import invite_guardians, mail_invitations, note_letters
from preau.domain.town.queries import TownMissingError, the_town
from preau.foundation.audit.actors import SYSTEM
from preau.interfaces.jobs.letters import write_letters

_VALID_DAYS = 60


class Command(BaseCommand):
    """Dry run by default. With both ways, mail goes to those who have an address, letters to the others."""

    help = "Invite les familles à ouvrir leur compte (simulation par défaut)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--csv", type=Path, metavar="FICHIER", help="écrire le tableau des lettres à imprimer")
        parser.add_argument("--courriel", action="store_true", help="envoyer un e-mail à ceux qui ont une adresse")
        parser.add_argument("--jours", type=int, default=_VALID_DAYS, help="durée des codes (60 jours par défaut)")
        parser.add_argument("--apply", action="store_true", help="inviter (sans quoi rien n’est fait)")

    def handle(self, *args: Any, **options: Any) -> None:
        people = list(guardians_without_login())
        mailed = [person for person in people if options["courriel"] and person.email]
        printed = [person for person in people if options["csv"] and person not in set(mailed)]
        aside = len(people) - len(mailed) - len(printed)
        self.stdout.write(
            f"Adultes sans compte actif\u202f: {len(people)} "
            f"(par e-mail\u202f: {len(mailed)}, par lettre\u202f: {len(printed)}, laissés de côté\u202f: {aside}).",
        )
        if not options["apply"]:
            self.stdout.write("Simulation\u202f: personne n’est invité. Ajoutez --apply pour inviter.")
            return
        if not options["csv"] and not options["courriel"]:
            raise CommandError("Dites comment inviter\u202f: --csv FICHIER, --courriel, ou les deux.")
        self._invite(mailed, printed, valid_for=timedelta(days=options["jours"]), path=options["csv"])

    def _invite(self, mailed: list[Guardian], printed: list[Guardian], *, valid_for: timedelta, path: Path) -> None:
        """All or nothing: no code is issued that nobody receives."""
        address = f"{settings.PREAU_PUBLIC_URL}{reverse('portal:first_access')}"
        try:
            with transaction.atomic():
                by_mail = invite_guardians(guardians=mailed, valid_for=valid_for, by=SYSTEM)
                on_paper = invite_guardians(guardians=printed, valid_for=valid_for, by=SYSTEM)
                mail_invitations(invitations=by_mail, address=address, by=SYSTEM)
                note_letters(invitations=on_paper, by=SYSTEM)
                if path:
                    write_letters(path, on_paper, town=the_town(), address=address)
        except FileExistsError as existing:
            raise CommandError(f"{path} existe déjà\u202f: choisissez un autre nom.") from existing
        except OSError as problem:
            raise CommandError(f"{path} ne peut pas être écrit\u202f: {problem.strerror}.") from problem
        except TownMissingError as missing:
            raise CommandError(str(missing)) from missing
        done = f"E-mails en route\u202f: {len(by_mail)}. Lettres à imprimer\u202f: {len(on_paper)}."
        self.stdout.write(self.style.SUCCESS(done))
        if path:
            self.stdout.write(f"{path} contient des codes secrets\u202f: imprimez, puis effacez-le.")
