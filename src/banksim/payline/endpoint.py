"""The addresses of the web services: who calls, what is asked, and the faults that spoil the answer."""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from banksim import faults, journal
from banksim.payline import answers, soap
from banksim.payline.answers import Answer, Caller
from banksim.payline.errors import EnvelopeError
from banksim.payline.gateway import GATEWAY, new_token
from banksim.payline.soap import Reply

CONTENT_TYPE = "text/xml;charset=UTF-8"
_FORGED_DTD = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'


def _other(text: str) -> str:
    """The same length, another last character."""
    return f"{text[:-1]}{'0' if text[-1] != '0' else '1'}"


#: Faults that change some texts of a reply that has them (G5, G7, N8, N9).
_LIES: Mapping[str, tuple[tuple[str, ...], Callable[[str], str]]] = {
    "other_token": (("token",), lambda _: new_token()),
    "altered_amount": (("payment/amount", "authorization/authorizedAmount"), lambda cents: str(int(cents) + 1)),
    "other_currency": (("payment/currency", "authorization/authorizedCurrency"), lambda _: "840"),
    "other_contract": (("payment/contractNumber", "contractNumber"), _other),
    "other_ref": (("order/ref",), _other),
    "other_private_data": (("privateDataList/privateData/0/value",), _other),
    "paid_twice": (("transaction/id", "authorization/number"), _other),
}


def service(request: HttpRequest, api: str) -> HttpResponseBase:
    """POST the calls; the key is looked at before the message."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    caller, verdict = _identified(request)
    if caller is None:
        return _unauthorized(request, verdict)
    try:
        call = _read(request, api)
    except EnvelopeError as error:
        answer = HttpResponse(soap.envelope_fault(error), status=500, content_type=CONTENT_TYPE)
        _record(request, "?", answer, verdict=f"refusé : {error}", signed=verdict)
        return answer
    fault = faults.take(call.operation)
    if fault is not None and fault.kind == "unauthorized":
        return _unauthorized(request, verdict, operation=call.operation, fault=fault.kind)
    if fault is not None and fault.kind in faults.INSTEAD:
        _record(request, call.operation, None, verdict=f"panne : {fault.kind}", signed=verdict)
        return faults.instead(fault)
    told = _answered(call, caller, fault)
    answer = HttpResponse(
        _disguised(soap.answer(call.operation, _lied(told.reply, fault)), fault), content_type=CONTENT_TYPE
    )
    suffix = "" if fault is None else f" ; panne : {fault.kind}"
    _record(request, call.operation, answer, verdict=told.verdict + suffix, signed=verdict, token=told.token)
    return answer if fault is None else faults.spoil(fault, answer)


def _identified(request: HttpRequest) -> tuple[Caller | None, str]:
    """The merchant whose key is right, and what the journal may say of it: never the key."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        merchant_id, _, key = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        merchant_id = key = ""
    if kind.lower() != "basic" or not key:
        return None, "Authorization Basic absente ou illisible"
    accounts = [account for account in GATEWAY.accounts() if account.merchant_id == merchant_id]
    if not accounts:
        return None, f"Authorization Basic : commerçant « {merchant_id} » inconnu"
    right = [account for account in accounts if hmac.compare_digest(account.access_key.encode(), key.encode())]
    if not right:
        return None, f"Authorization Basic : clé d’accès fausse pour le commerçant {merchant_id}"
    caller = Caller(
        merchant_id=merchant_id,
        contracts=[account.contract for account in right],
        base=request.build_absolute_uri("/").rstrip("/"),
    )
    return caller, f"Authorization Basic : clé d’accès juste pour le commerçant {merchant_id}"


def _unauthorized(request: HttpRequest, verdict: str, *, operation: str = "?", fault: str = "") -> HttpResponse:
    answer = HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="Payline"'})
    _record(request, operation, answer, verdict=f"panne : {fault}" if fault else "refusé : 401", signed=verdict)
    return answer


def _read(request: HttpRequest, api: str) -> soap.Call:
    if request.content_type != "text/xml":
        raise EnvelopeError(f"Content-Type text/xml attendu, reçu {request.content_type}")
    return soap.read(request.body, api=api, action=request.headers.get("SOAPAction", ""))


def _answered(call: soap.Call, caller: Caller, fault: faults.Fault | None) -> Answer:
    """A technical error is told instead of what happened, which does not happen."""
    if fault is not None and fault.kind.startswith("technical_"):
        return answers.technical(call.operation, fault.kind.removeprefix("technical_"))
    return answers.run(call, caller)


def _lied(reply: Reply, fault: faults.Fault | None) -> Reply:
    if fault is None or fault.kind not in _LIES:
        return reply
    paths, lie = _LIES[fault.kind]
    for path in paths:
        reply = _changed(reply, path.split("/"), lie)
    return reply


def _changed(value: Any, path: list[str], lie: Callable[[str], str]) -> Any:
    if not path:
        return lie(value) if isinstance(value, str) and value else value
    step, *rest = path
    if isinstance(value, list):
        return [_changed(one, rest, lie) if str(at) == step else one for at, one in enumerate(value)]
    if isinstance(value, Mapping) and step in value:
        return {**value, step: _changed(value[step], rest, lie)}
    return value


def _disguised(body: bytes, fault: faults.Fault | None) -> bytes:
    if fault is not None and fault.kind == "wrong_namespace":
        return body.replace(soap.IMPL.encode(), b"http://example.org/autre")
    if fault is not None and fault.kind == "external_entity":
        declaration, envelope = body.split(b"?>", 1)
        return declaration + b"?>" + _FORGED_DTD + envelope.replace(b"</obj:longMessage>", b"&f;</obj:longMessage>")
    return body


def _record(
    request: HttpRequest, operation: str, answer: HttpResponse | None, *, verdict: str, signed: str, token: str = ""
) -> None:
    journal.record(
        journal.Entry(
            gateway=GATEWAY.name,
            direction="received",
            operation=operation,
            reference=token,
            method="POST",
            address=request.path,
            sent=request.body.decode("utf-8", "replace"),
            status=None if answer is None else answer.status_code,
            answer="" if answer is None else answer.content.decode(),
            signed=signed,
            verdict=verdict,
        )
    )
