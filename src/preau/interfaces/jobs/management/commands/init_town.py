"""`preau init-town NOM [--fuseau ZONE]`: the town that this installation serves."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau.domain.town.services import TownExistsError, create_town
from preau.foundation.audit.actors import SYSTEM


class Command(BaseCommand):
    """Once for an installation; the rest is set on the pages of `/bureau/reglages/`, which need a town to open."""

    help = "Donne sa commune à l’installation (une seule fois)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("nom", help="nom de la commune")
        parser.add_argument("--fuseau", default="Europe/Paris", help="fuseau horaire (Europe/Paris par défaut)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            town = create_town(name=options["nom"].strip(), time_zone=options["fuseau"], by=SYSTEM)
        except TownExistsError as existing:
            raise CommandError(str(existing)) from existing
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(self.style.SUCCESS(f"{town.name}\u202f: le portail peut ouvrir."))
        self.stdout.write("Suite\u202f: preau createsuperuser, puis /bureau/reglages/.")
