"""Between the portal and the service: names, certificates, statuses, slowness. Silence, and one call (G1, G2, G3)."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.gateway import Merchant
from preau.domain.payments.states import Verdict
from preau.plugins.gateways.payfip.gateway import PayfipGateway
from preau.plugins.gateways.payfip.tests.test_answers import PAID, envelope, reply
from tests.support.orders import make_order
from tests.support.places import missing

NUMCLI = "090909"


class Service(HTTPServer):
    """Gives the same answer to every call and counts them."""

    def __init__(self, status: int = 200, *, retry_after: str = "", body: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.retry_after, self.body = status, retry_after, body.encode()
        self.calls = 0


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        self.server.calls += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/xml;charset=utf-8")
        self.send_header("Content-Length", str(len(self.server.body)))
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_args) -> None:
        """Silent: pytest reads standard error."""


@contextmanager
def running(service: Service) -> Iterator[Service]:
    with service:
        Thread(target=service.serve_forever, args=(0.01,), daemon=True).start()
        yield service
        service.shutdown()


def merchant_at(address: str) -> Merchant:
    return Merchant(NUMCLI, "test", {"service_url": address})


def opening(merchant: Merchant, *, timeout: float = 5):
    return PayfipGateway().start(make_order(merchant), timeout=timeout)


def asking(merchant: Merchant, *, timeout: float = 5):
    return PayfipGateway().ask(merchant, PAID["idOp"], timeout=timeout)


CALLS = pytest.mark.parametrize("call", [opening, asking], ids=["opening", "asking"])


@CALLS
@pytest.mark.parametrize("retry_after", ["", "1", "Wed, 21 Oct 2099 07:28:00 GMT"], ids=["", "seconds", "date"])
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 502, 503, 504])
def test_a_status_of_error_is_silence_and_one_call(status, retry_after, call):
    """G2: nothing is created twice by itself; the schedule asks again, not this call."""
    with running(Service(status, retry_after=retry_after, body="<html>Maintenance</html>")) as service:
        with pytest.raises(GatewayUnavailableError):
            call(merchant_at(f"http://127.0.0.1:{service.server_port}/"))
        assert service.calls == 1


@CALLS
@pytest.mark.parametrize("error", [socket.EAI_NONAME, socket.EAI_AGAIN], ids=["unknown", "no server"])
def test_a_name_that_no_server_of_names_knows_is_silence(monkeypatch, call, error):
    """G1."""

    def nowhere(*_args, **_named):
        raise socket.gaierror(error, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(GatewayUnavailableError):
        call(merchant_at("https://service.invalid/tpa"))


def _openssl(*arguments: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        missing("openssl is needed to make certificates")
    subprocess.run([program, *arguments], check=True, capture_output=True)


_AUTHORITY = """
[ca]
default_ca = here
[here]
dir = {folder}
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""
_VALID = ("20200101000000Z", "20990101000000Z")
_OVER = ("20200101000000Z", "20200201000000Z")
_TO_COME = ("20980101000000Z", "20990101000000Z")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """An authority that makes certificates: `authority("localhost", since_and_until)` → a file with its key."""
    folder = tmp_path_factory.mktemp("authority")
    (folder / "index").touch()
    (folder / "serial").write_text("01\n")
    (folder / "settings").write_text(_AUTHORITY.format(folder=folder))
    key, root = str(folder / "root.key"), str(folder / "root.pem")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl("req", "-x509", *new_key, "-keyout", key, "-out", root, "-subj", "/CN=Essai", "-days", "30000")

    def make(name: str, days: tuple[str, str]):
        place = folder / f"{name}-{days[0]}-{days[1]}"
        files = {ending: f"{place}.{ending}" for ending in ("key", "csr", "pem")}
        alternative = ("-addext", f"subjectAltName=DNS:{name}")
        _openssl("req", *new_key, "-keyout", files["key"], "-out", files["csr"], "-subj", f"/CN={name}", *alternative)
        _openssl(
            "ca", "-batch", "-notext", "-config", str(folder / "settings"), "-cert", root, "-keyfile", key,
            "-startdate", days[0], "-enddate", days[1], "-in", files["csr"], "-out", files["pem"],
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files["pem"], files["key"])
        return context

    make.root = root
    return make


@contextmanager
def secured(context: ssl.SSLContext) -> Iterator[Merchant]:
    service = Service(body=envelope(reply(**PAID)))
    service.socket = context.wrap_socket(service.socket, server_side=True)
    with running(service):
        yield merchant_at(f"https://localhost:{service.server_port}/")


def test_a_certificate_in_order_lets_the_answer_in(authority, monkeypatch):
    """Without this, the refusals below could come from anything."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority.root)
    with secured(authority("localhost", _VALID)) as merchant:
        assert asking(merchant).verdict == Verdict.PAID


@CALLS
@pytest.mark.parametrize(
    ("name", "days", "trusted"),
    [
        ("localhost", _OVER, True),
        ("localhost", _TO_COME, True),
        ("banque.example", _VALID, True),
        ("localhost", _VALID, False),
    ],
    ids=["expired", "not yet valid", "another host", "unknown authority"],
)
def test_a_certificate_out_of_order_is_silence(authority, monkeypatch, call, name, days, trusted):
    """G1: no word of a service that does not prove its name is believed, "paid" least of all."""
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority.root)
    with secured(authority(name, days)) as merchant, pytest.raises(GatewayUnavailableError):
        call(merchant)


@pytest.mark.process
@CALLS
@pytest.mark.parametrize("kind", ["timeout", "slow_loris"])
def test_neither_an_opening_nor_a_question_lasts_longer_than_its_deadline(banksim, call, kind):
    """G3."""
    banksim.add_client(NUMCLI)
    merchant = merchant_at(banksim.service_url)
    banksim.set_fault("*", kind, seconds=2)
    started = time.monotonic()
    with pytest.raises(GatewayUnavailableError):
        call(merchant, timeout=0.5)
    assert time.monotonic() - started < 1.8


@pytest.mark.process
def test_a_creation_whose_answer_is_lost_is_not_made_again(banksim):
    """G2: the service opened one operation, nobody knows its name, and it is the only one."""
    banksim.add_client(NUMCLI)
    banksim.set_fault("creerPaiementSecurise", "answer_lost")
    with pytest.raises(GatewayUnavailableError):
        opening(merchant_at(banksim.service_url))
    assert len(banksim.payments()) == 1
    received = [one for one in banksim.journal() if one["operation"] == "creerPaiementSecurise"]
    assert len(received) == 1
