"""`preau reconcile [--day AAAA-MM-JJ] [--regie CODE] [--statement FICHIER --gateway CODE]`: the truth about a day."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.gateway import gateway_choices
from preau.domain.payments.models import Reconciliation
from preau.domain.payments.services.reconciliation import contracts_on, reconcile, reconcile_statement
from preau.domain.payments.services.statements import import_statement
from preau.domain.regies.models import Channel, GatewayContract, Regie
from preau.domain.town.queries import TownMissingError, the_town
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.interfaces.jobs.constats import told

_GAP, _REFUSED = 1, 2


class Command(BaseCommand):
    """Exit code 0 when nothing is left to explain, 1 when something is, 2 when nothing could be done."""

    help = "Rapproche un jour de paiements en ligne : banque, portail, grand livre (hier par défaut)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, metavar="AAAA-MM-JJ", help="jour de la commune")
        parser.add_argument("--regie", metavar="CODE", help="une seule régie")
        parser.add_argument("--statement", type=Path, metavar="FICHIER", help="relevé de la banque à importer d’abord")
        parser.add_argument("--gateway", metavar="CODE", help="passerelle de ce relevé")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            constats = self._statement(options) if options["statement"] else self._day(options)
        except StatementRefusedError as refused:
            for line, sentence in refused.faults:
                self.stderr.write(f"ligne {line} : {sentence}" if line else sentence)
            self.stderr.write("Rien n’a été importé.")
            sys.exit(_REFUSED)
        except TownMissingError as problem:
            raise CommandError(str(problem), returncode=_REFUSED) from problem
        for constat in constats:
            self.stdout.write(told(constat))
        gaps = sum(constat.needs_somebody for constat in constats)
        self.stdout.write(f"{len(constats)} constat(s), {gaps} à examiner." if gaps else _clear(constats))
        if gaps:
            sys.exit(_GAP)

    def _day(self, options: dict[str, Any]) -> list[Reconciliation]:
        today = clock.today(the_town().zone)
        day: date = options["day"] or today - timedelta(days=1)
        if day > today:
            raise CommandError("Ce jour n’est pas encore venu.", returncode=_REFUSED)
        regie = self._regie(options)
        contracts = [one for one in contracts_on(day) if regie is None or one.regie_id == regie.id]
        return [reconcile(contract=contract, day=day, by=SYSTEM) for contract in contracts]

    def _statement(self, options: dict[str, Any]) -> list[Reconciliation]:
        """The days of the file; `--day` tells that of a file without any operation, `--regie` whose it is."""
        code, regie = options["gateway"], self._regie(options)
        banks = dict(gateway_choices(Channel.ONLINE))
        if code not in banks:
            known = ", ".join(banks)
            raise CommandError(f"Dites de quelle passerelle est ce relevé : --gateway, parmi {known}.", returncode=2)
        among = GatewayContract.objects.filter(gateway=code, **({"regie": regie} if regie else {}))
        try:
            content = options["statement"].read_bytes()
        except OSError as problem:
            raise CommandError(f"Ce fichier ne s’ouvre pas : {problem.strerror}.", returncode=_REFUSED) from problem
        statement = import_statement(
            gateway=code,
            content=content,
            name=options["statement"].name,
            by=SYSTEM,
            among=list(among),
            first_day=options["day"],
            last_day=options["day"],
        )
        return reconcile_statement(statement, by=SYSTEM)

    def _regie(self, options: dict[str, Any]) -> Regie | None:
        if options["regie"] is None:
            return None
        regie = Regie.objects.filter(code=options["regie"]).first()
        if regie is None:
            raise CommandError(f"Aucune régie n’a le code {options['regie']}.", returncode=_REFUSED)
        return regie


def _clear(constats: list[Reconciliation]) -> str:
    waiting = sum(one.outcome == Reconciliation.Outcome.WAITING for one in constats)
    return f"{len(constats)} constat(s), aucun écart" + (f", {waiting} relevé(s) attendu(s)." if waiting else ".")
