"""`preau serve`: the web processes and the worker, in one command."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from preau.foundation.admission.capacity import Capacity

#: Connections that may wait to be accepted, then be open, all processes together.
_CONNECTIONS = 4096
#: Time left to requests under way when the server is told to stop.
_GRACE_SECONDS = 15


def _refuse_taken_port(host: str, port: int) -> None:
    """The server shares its port between processes, so a second one would silently take half of the visits.

    Raises:
        CommandError: something listens there already.
    """
    try:
        socket.create_server((host, port)).close()
    except OSError as refusal:
        raise CommandError(f"Le port {port} est déjà pris ({refusal.strerror}). Choisissez-en un autre.") from refusal


class Command(BaseCommand):
    """Checks, prepares static files, then serves until SIGTERM."""

    help = "Sert le portail (et le travailleur, sauf --no-worker)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--threads", type=int, default=2)
        parser.add_argument("--no-worker", action="store_true")
        parser.add_argument("--quiet", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_taken_port(options["host"], options["port"])
        call_command("check", databases=["default"], deploy=settings.PREAU_ENV == "production")
        if settings.PREAU_ENV != "test":
            call_command("collectstatic", interactive=False, verbosity=0)
        worker = None
        if not options["no_worker"]:
            worker = subprocess.Popen([sys.executable, "-m", "preau", "worker"])
        try:
            self._serve(options)
        finally:
            if worker is not None:
                worker.terminate()
                worker.wait(timeout=30)

    def _serve(self, options: dict[str, Any]) -> None:
        # Ctrl-C reaches the whole group; a web process that gets it besides its parent's SIGTERM never ends.
        os.register_at_fork(after_in_child=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}))
        capacity = Capacity(options["threads"], options["workers"])
        capacity.announce()
        Server(
            target="preau.config.wsgi:application",
            address=options["host"],
            port=options["port"],
            interface=Interfaces.WSGI,
            workers=options["workers"],
            blocking_threads=capacity.server_threads,
            backlog=_CONNECTIONS,
            working_dir=Path.cwd(),
            log_level=LogLevels.warning if options["quiet"] else LogLevels.info,
            respawn_failed_workers=True,
            workers_kill_timeout=_GRACE_SECONDS,
        ).serve()
