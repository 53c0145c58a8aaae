"""The program itself: its files, its clients, a threaded WSGI server on the loopback address, its clean stop."""

import json
import signal
import socketserver
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django
from django.core.wsgi import get_wsgi_application

from banksim import gateways, store

HOST = "127.0.0.1"


class _ThreadedServer(socketserver.ThreadingMixIn, WSGIServer):
    # A call that a fault keeps hanging must not keep the program from stopping.
    daemon_threads = True
    request_queue_size = 256

    def server_bind(self) -> None:
        """Without the look-up of a host name, which may be slow and leaves the machine."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    """One request per connection (HTTP/1.0), so that a fault that drops an answer closes the connection."""

    def log_message(self, *_args: object) -> None:
        """Nothing: the journal tells what was asked, without card numbers."""


def run(*, port: int, clients: Path | None) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes a free one. The address is printed once it answers.

    `clients` is a JSON file of the merchants declared before the first call: lists by gateway; a list alone
    is PayFiP's.
    """
    django.setup()
    store.prepare()
    if clients is not None:
        declared = json.loads(clients.read_text(encoding="utf-8"))
        _declare({"payfip": declared} if isinstance(declared, list) else declared)
    _serve(port)


def _declare(merchants: Mapping[str, list[Mapping[str, Any]]]) -> None:
    for name, declared in merchants.items():
        gateway = gateways.named(name)
        if gateway is None:
            raise SystemExit(f"passerelle inconnue : {name}")
        for merchant in declared:
            gateway.declare(merchant)


def _serve(port: int) -> None:
    server = _ThreadedServer((HOST, port), _Handler)
    server.set_app(get_wsgi_application())

    def stop(_signal: int, _frame: FrameType | None) -> Any:
        # shutdown() waits for the loop, which this very thread runs.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"Simulateur bancaire : http://{HOST}:{server.server_port}/", flush=True)  # noqa: T201  (read by programs)
    with server:
        server.serve_forever(poll_interval=0.05)
