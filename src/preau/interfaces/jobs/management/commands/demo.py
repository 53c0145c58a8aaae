"""`preau demo`: a believable town on this machine, ready to be visited; Ctrl-C stops everything."""

import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau.domain.families.models import Guardian
from preau.domain.families.services.invitations import invite_guardian
from preau.domain.town.models import Town
from preau.foundation import clock, ids
from preau.foundation.audit.actors import SYSTEM
from preau.interfaces.jobs.demo.agents import agent_logins, hire_agents
from preau.interfaces.jobs.demo.banks import accounts, open_desks, point_contracts, public_key_of, sign_contracts
from preau.interfaces.jobs.demo.deliveries import write_families, write_invoices
from preau.interfaces.jobs.demo.offer import build_offer
from preau.interfaces.jobs.demo.people import LARGE, MAIN, NOT_YET, ONE_INVOICE, SETTLED
from preau.interfaces.jobs.demo.town import PASSWORD, build_regies, build_town, open_logins

_NOTES = {
    MAIN.number: "une famille, trois enfants, quatre régies à payer, quatre banques",
    ONE_INVOICE.number: "une seule facture à payer",
    LARGE.number: "six enfants, un nom long, une quarantaine de factures",
    SETTLED.number: "rien à payer",
}


class Command(BaseCommand):
    """Builds the town the first time, then serves portal, worker and bank simulators."""

    help = "Prépare et lance la commune de démonstration."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="recommence à zéro")
        parser.add_argument("--prepare-only", action="store_true", help="construit la commune sans rien lancer")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.PREAU_DEMO:
            raise CommandError("La démonstration demande PREAU_ENV=demo.")
        if options["reset"]:
            self._forget()
        call_command("migrate", verbosity=0)
        banksim_port = os.environ.get("PREAU_BANKSIM_PORT", "8100")
        banksim_url = f"http://127.0.0.1:{banksim_port}"
        if not Town.objects.exists():
            self.stdout.write("Construction de la commune de démonstration…")
            self._build()
        hire_agents()
        open_desks(today=clock.today(Town.objects.get().zone))
        point_contracts(banksim_url=banksim_url)
        self._write_card(banksim_url)
        if not options["prepare_only"]:
            self._run(banksim_port, banksim_url)

    def _forget(self) -> None:
        for entry in settings.PREAU_DATA_DIR.glob("*"):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def _build(self) -> None:
        """The town by hand, the families and invoices as any town gets them: from files."""
        town = build_town()
        today = clock.today(town.zone)
        regies = build_regies(today=today)
        sign_contracts(regies, today=today)
        folder = settings.PREAU_DATA_DIR / "livraison"
        folder.mkdir(parents=True, exist_ok=True)
        write_families(folder / "familles.csv")
        call_command("import_families", folder / "familles.csv", apply=True, stdout=self.stdout, stderr=self.stdout)
        open_logins(set(_NOTES))
        build_offer(regies, today=today)
        write_invoices(
            folder,
            town=town,
            regies=regies,
            access_codes=dict(
                Guardian.objects.filter(position=1, user__isnull=False).values_list(
                    "household__file_number",
                    "user__access_code",
                ),
            ),
            portal_url=settings.PREAU_PUBLIC_URL,
            today=today,
        )
        call_command("import_invoices", folder / "factures.csv", apply=True, stdout=self.stdout, stderr=self.stdout)

    def _write_card(self, banksim_url: str) -> None:
        """`build/demo.json` and the same on screen."""
        logins = [*self._family_logins(), self._newcomer(), *agent_logins(), self._administrator()]
        card = {
            "portal": settings.PREAU_PUBLIC_URL,
            "desk": f"{settings.PREAU_PUBLIC_URL}/bureau/",
            "banksim": banksim_url,
            "mailbox": f"{settings.PREAU_PUBLIC_URL}/boite-aux-lettres/",
            "gallery": f"{settings.PREAU_PUBLIC_URL}/galerie/",
            "logins": logins,
        }
        path = Path("build/demo.json")
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(card, ensure_ascii=False, indent=2), encoding="utf-8")
        self.stdout.write(self.style.SUCCESS(f"\nPortail           {card['portal']}"))
        self.stdout.write(f"Bureau des agents {card['desk']}")
        self.stdout.write(f"Boîte aux lettres {card['mailbox']}")
        self.stdout.write(f"Banques imitées   {card['banksim']}\n")
        for login in logins:
            self.stdout.write(f"  {login['login']}  /  {login['password']}   ({login['note']})")

    def _family_logins(self) -> list[dict[str, str]]:
        guardians = Guardian.objects.filter(household__file_number__in=_NOTES, user__isnull=False, position=1)
        return [
            {
                "role": "family",
                "login": guardian.email,
                "password": PASSWORD,
                "note": _NOTES[guardian.household.file_number],
            }
            for guardian in guardians.select_related("household").order_by("id")
        ]

    def _newcomer(self) -> dict[str, str]:
        """A fresh activation code each time: the one printed before may have been used."""
        guardian = Guardian.objects.select_related("household", "user").get(household__file_number=NOT_YET.number)
        invitation = invite_guardian(guardian=guardian, valid_for=timedelta(days=60), by=SYSTEM)
        return {
            "role": "newcomer",
            "login": invitation.user.access_code,
            "password": invitation.code,
            "note": f"première connexion : code d’accès et code d’activation, dossier {NOT_YET.number} {NOT_YET.name}",
        }

    def _administrator(self) -> dict[str, str]:
        """The IT person's account for set-up, with a password of its own at each start."""
        users = get_user_model().objects
        password = ids.grouped(ids.base32(60))
        user = users.filter(username="informatique").first() or users.create_superuser(
            display_name="Informatique",
            username="informatique",
        )
        user.set_password(password)
        user.save(update_fields=["password"])
        return {"role": "it", "login": "informatique", "password": password, "note": "réglages : /bureau/reglages/"}

    def _run(self, banksim_port: str, banksim_url: str) -> None:
        clients = settings.PREAU_DATA_DIR / "comptes-bancaires.json"
        clients.touch(mode=0o600)
        clients.write_text(json.dumps(accounts(), ensure_ascii=False), encoding="utf-8")
        data = settings.PREAU_DATA_DIR / "banksim"
        places = ["--port", banksim_port, "--data", str(data), "--clients", str(clients)]
        command = [sys.executable, "-m", "banksim", "serve", *places]
        with (settings.PREAU_DATA_DIR / "banksim.log").open("ab") as log:
            banks = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603  (our own program)
        try:
            point_contracts(banksim_url=banksim_url, public_key=public_key_of(banksim_url))
            port = int(os.environ.get("PREAU_PORT", "8000"))
            call_command("serve", port=port, quiet=True)
        finally:
            banks.terminate()
            banks.wait(timeout=15)
