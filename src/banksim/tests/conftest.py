"""One simulator for the session, emptied before each test, and a merchant that listens on the loopback address."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from banksim.testing import BankSim
from banksim.tests import payline_wire
from banksim.tests.wire import Service

NUMCLI = "090909"


@pytest.fixture(scope="session")
def _running_sim(tmp_path_factory):
    with BankSim.start(tmp_path_factory.mktemp("banksim")) as started:
        started.add_client(NUMCLI, "Commune d’Arbreuil", label_2="SGC de Lantagne", label_3="CANTINE-GARDERIE")
        started.add_client("111111", "Sans accès", secured=False)
        started.add_client("222222", "Plafond bas", ceiling_cents=50_000)
        yield started


@pytest.fixture
def sim(_running_sim):
    _running_sim.reset()
    return _running_sim


@pytest.fixture
def service(sim, merchant):
    """The web service as a merchant's program calls it, addresses of `merchant` filled in."""
    return Service(sim.service_url, notify=merchant.address("/notif"), back=merchant.address("/retour"))


@dataclass(frozen=True)
class Heard:
    method: str
    path: str
    fields: dict[str, str]
    content_type: str | None
    #: The query of a GET or the body of a POST, as it travelled.
    raw: str = ""


class _Server(ThreadingHTTPServer):
    """Takes thirty notifications at once: with the usual queue of five, some would wait for a second try."""

    request_queue_size = 64


class Merchant:
    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.status = 200
        #: How long it thinks before it hears.
        self.seconds = 0.0
        merchant = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self._answer(
                    Heard("GET", parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), None, parts.query)
                )

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = dict(parse_qsl(body, keep_blank_values=True))
                self._answer(Heard("POST", self.path, fields, self.headers["Content-Type"], body))

            def _answer(self, heard: Heard) -> None:
                threading.Event().wait(merchant.seconds)
                merchant.heard.append(heard)
                self.send_response(merchant.status)
                if merchant.status == 302:
                    self.send_header("Location", merchant.address("/ailleurs"))
                self.end_headers()

            def log_message(self, *_args) -> None:
                """Silent."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def heard_at(self, path: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.path == path]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def merchant():
    listening = Merchant()
    yield listening
    listening.close()


PAYLINE_ACCOUNT = {
    "merchant_id": "12345678901234",
    "access_key": "abCdeFgHiJKLmNoPqrst",
    "contract": "1234567",
    "label": "CE DU LAMENTIN",
}
PAYLINE_NEIGHBOUR = {
    "merchant_id": "99999999999999",
    "access_key": "zYxwVutSrQPonMlKjihg",
    "contract": "7654321",
    "label": "Ville voisine",
}


@pytest.fixture
def payline(sim):
    bank = sim.bank("payline")
    for account in (PAYLINE_ACCOUNT, PAYLINE_NEIGHBOUR):
        bank.declare(**account)
    return bank


@pytest.fixture
def payline_service(sim, payline, merchant):
    """Payline as a merchant's program calls it, addresses of `merchant` filled in."""
    account = {name: PAYLINE_ACCOUNT[name] for name in ("merchant_id", "access_key", "contract")}
    return payline_wire.Service(sim.base_url, address=merchant.address, **account)
