"""Payline on the wire: what we send, what we believe of an answer (payment-gateways 8)."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from lxml import etree

from preau.domain.payments.gateway import Merchant
from preau.domain.payments.states import Verdict
from preau.plugins.gateways.payline import codes, messages, wire
from tests.support.orders import make_order

ACCESS = ("12345678901234", "abCdeFgHiJKLmNoPqrst")
DETAILS = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<getWebPaymentDetailsResponse xmlns="http://impl.ws.payline.experian.com">'
    "<result><code>00000</code><shortMessage>ACCEPTED</shortMessage></result>"
    "</getWebPaymentDetailsResponse></s:Body></s:Envelope>"
)


class Heard:
    authorization = action = ""
    body = b""


@contextmanager
def service(answer: str | bytes, status: int = 200, **headers: str) -> Iterator[tuple[wire.Access, Heard]]:
    heard = Heard()
    content = answer.encode() if isinstance(answer, str) else answer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.authorization, heard.action = self.headers["Authorization"], self.headers["SOAPAction"]
            heard.body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in {"Content-Type": "text/xml", **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args) -> None:
            """Silent: pytest reads standard error."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield wire.Access(f"http://127.0.0.1:{server.server_port}/", *ACCESS), heard
        server.shutdown()


def details(access: wire.Access) -> wire.Answer:
    return wire.call(access, "getWebPaymentDetails", {"version": "26", "token": "T"}, timeout=5)


def test_who_asks_is_told_as_the_vector_says_and_never_shown():
    with service(DETAILS) as (access, heard):
        answer = details(access)
    assert heard.authorization == "Basic MTIzNDU2Nzg5MDEyMzQ6YWJDZGVGZ0hpSktMbU5vUHFyc3Q="
    assert (heard.action, answer.text("result", "code")) == ("getWebPaymentDetails", "00000")
    assert ACCESS[1] not in repr(access)


def test_an_operation_is_written_in_the_order_of_the_schema():
    order = make_order(Merchant("1234567", "test", {}))
    message = etree.fromstring(wire.envelope("doWebPayment", messages.web_payment(order, version="26")))
    (request,) = message.find("{*}Body")
    names = [etree.QName(child).localname for child in request]
    assert " ".join(names) == (
        "version payment returnURL cancelURL order notificationURL selectedContractList secondSelectedContractList"
        " privateDataList languageCode customPaymentPageCode buyer owner securityMode recurring"
        " customPaymentTemplateURL contractNumberWalletList merchantName subMerchant miscData"
        " asynchronousRetryTimeout threeDSInfo merchantScore skipSmartDisplay"
    )
    nil = [name for name, child in zip(names, request, strict=True) if child.get(f"{{{wire.XSI}}}nil") == "true"]
    assert {"securityMode", "privateDataList", "payment", "order", "buyer"} & set(nil) == set()
    assert request.findtext("{*}payment/{*}amount") == request.findtext("{*}order/{*}amount") == "4250"
    assert request.findtext("{*}buyer/{*}lastName") == "L’Haÿ-Martin"


@pytest.mark.parametrize(
    ("answer", "status", "headers"),
    [
        ("", 200, {}),
        ("<html>Maintenance</html>", 200, {}),
        ("Bad gateway", 502, {}),
        (DETAILS.replace("getWebPaymentDetailsResponse", "doWebPaymentResponse"), 200, {}),
        (DETAILS.replace("impl.ws.payline", "ailleurs"), 200, {}),
        (DETAILS[:-20], 200, {}),
        (DETAILS.replace("?>", '?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>', 1), 200, {}),
        (b"\xff\xfe\x00", 200, {}),
        (" " * 300_000, 200, {}),
        ("", 302, {"Location": "http://127.0.0.1:9/"}),
    ],
    ids=["empty", "html", "502", "other answer", "other namespace", "cut", "dtd", "bytes", "endless", "redirect"],
)
def test_an_answer_that_is_none_is_silence(answer, status, headers):
    with service(answer, status, **headers) as (access, _), pytest.raises(wire.SilenceError):
        details(access)


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_the_service_refuses_is_told_apart(status):
    with service("", status) as (access, _), pytest.raises(wire.AccessRefusedError):
        details(access)


@pytest.mark.parametrize(
    ("code", "short", "verdict"),
    [
        *(
            (code, "ACCEPTED", Verdict.PAID)
            for code in ("00000", "02400", "02500", "02501", "02517", "02520", "02616", "03000", "04000")
        ),
        ("00000", "INPROGRESS", Verdict.PENDING),
        *((code, "INPROGRESS", Verdict.PENDING) for code in ("02306", "02000", "02005", "04001", "02015")),
        *((code, "CANCELLED", Verdict.CANCELLED) for code in ("02319", "02008", "03022")),
        *((code, "ERROR", Verdict.EXPIRED) for code in ("02304", "02324", "02534")),
        *((code, "REFUSED", Verdict.REFUSED) for code in ("01100", "01116", "01131", "01200", "01209", "04002")),
        *((code, "ERROR", Verdict.PENDING) for code in ("01109", "01185", "01907", "02101", "02303", "99999", "")),
    ],
)
def test_each_code_has_its_verdict(code, short, verdict):
    assert codes.verdict_of(code, short) == verdict
