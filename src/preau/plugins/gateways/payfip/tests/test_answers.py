"""Answers that no honest service gives, written by hand: what is believed of them (G4, G5, N8, N13)."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from preau.domain.payments.errors import GatewayUnavailableError
from preau.domain.payments.gateway import Merchant
from preau.domain.payments.states import Verdict
from preau.plugins.gateways.payfip.gateway import PayfipGateway
from tests.support.orders import make_order

SERVICE = (
    "http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/contrat_paiement_securise/"
    "PaiementSecuriseService"
)
PAID = {
    "idOp": "0d6d44b5-2d1b-4b12-a4f2-7a1b6f0e0001",
    "montant": "4250",
    "numauto": "112233445566-tip",
    "numcli": "090909",
    "refdet": "RP202610041270051ABCD",
    "resultrans": "P",
    "saisie": "T",
    "dattrans": "08102026",
    "heurtrans": "1535",
}


def envelope(content: str, *, before: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>{content}</S:Body></S:Envelope>'
    )


def reply(operation: str = "recupererDetailPaiementSecurise", **fields: str) -> str:
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in sorted(fields.items()))
    return f'<ns2:{operation}Response xmlns:ns2="{SERVICE}"><return>{inside}</return></ns2:{operation}Response>'


@contextmanager
def service_saying(body: str):
    """A service that gives this answer to every call."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            content = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/xml;charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args) -> None:
            """Silent: pytest reads standard error."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Merchant("090909", "test", {"service_url": f"http://127.0.0.1:{server.server_port}/"})
        server.shutdown()


def asked(body: str):
    with service_saying(body) as merchant:
        return PayfipGateway().ask(merchant, PAID["idOp"], timeout=5)


def opened(body: str):
    with service_saying(body) as merchant:
        return PayfipGateway().start(make_order(merchant), timeout=5)


def test_an_honest_answer_is_read():
    report = asked(envelope(reply(**PAID)))
    assert (report.verdict, report.gateway_reference, report.amount_cents) == (Verdict.PAID, PAID["idOp"], 4250)
    assert report.occurred_at.isoformat() == "2026-10-08T13:35:00+00:00"


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body>Maintenance</body></html>",
        envelope(""),
        envelope(reply("recupererDetailClient", numcli="090909")),
        envelope('<x:recupererDetailPaiementSecuriseResponse xmlns:x="http://example.org/"><return>'
                 "<resultrans>P</resultrans></return></x:recupererDetailPaiementSecuriseResponse>"),
        envelope(reply(**PAID), before="<!DOCTYPE x>"),
        envelope(reply(**{**PAID, "idOp": "&c;"}), before=BOMB),
        envelope(reply(**{**PAID, "idOp": "&f;"}), before='<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'),
    ],
    ids=["empty", "html", "no body", "other operation", "other namespace", "doctype", "bomb", "external entity"],
)  # fmt: skip
def test_what_is_no_answer_to_the_question_is_silence(body):
    with pytest.raises(GatewayUnavailableError):
        asked(body)


@pytest.mark.parametrize("amount", ["", "-4250", "42,50", "42.50", "4250 ", "٤٢٥٠", "1e4", "9" * 40])
def test_an_amount_that_is_no_whole_number_of_cents_is_no_amount(amount):
    assert asked(envelope(reply(**{**PAID, "montant": amount}))).amount_cents is None


def test_an_endless_name_of_operation_is_cut_to_what_is_stored():
    report = asked(envelope(reply(**{**PAID, "idOp": "a" * 5000})))
    assert report.gateway_reference == "a" * 64


@pytest.mark.parametrize("idop", ["", "a b", "a&amp;montant=1", "a" * 65, "../..", "é", "a\r\nSet-Cookie: x"])
def test_an_odd_name_of_operation_sends_nobody_anywhere(idop):
    with pytest.raises(GatewayUnavailableError):
        opened(envelope(reply("creerPaiementSecurise", idOp=idop)))


@pytest.mark.parametrize(
    ("day", "hour", "instant"),
    [
        ("25102026", "0230", "2026-10-25T00:30:00+00:00"),  # this half hour exists twice: the first of the two (D7)
        ("29032026", "0230", "2026-03-29T01:30:00+00:00"),  # this one does not exist
        ("31122026", "2359", "2026-12-31T22:59:00+00:00"),
        ("29022027", "1200", None),
        ("", "", None),
        ("08102026", "9999", None),
    ],
)
def test_the_hour_of_a_payment_is_that_of_paris(day, hour, instant):
    occurred_at = asked(envelope(reply(**{**PAID, "dattrans": day, "heurtrans": hour}))).occurred_at
    assert (occurred_at and occurred_at.isoformat()) == instant
