"""The address of the web service: its description, and the calls."""

import uuid
from collections.abc import Callable, Mapping

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from banksim import faults, journal
from banksim.payfip import contract, operations, soap
from banksim.payfip.errors import EnvelopeError, ServiceError, TechnicalError

CONTENT_TYPE = "text/xml;charset=utf-8"
#: Faults that change one field of a reply that has it (G5, N8, N9).
_LIES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "other_idop": ("idOp", lambda _: str(uuid.uuid4())),
    "altered_amount": ("montant", lambda cents: str(int(cents) + 1)),
    "other_numcli": ("numcli", lambda numcli: f"{(int(numcli) + 1) % 1_000_000:06d}"),
    "other_saisie": ("saisie", lambda saisie: "W" if saisie == "T" else "T"),
    "other_refdet": ("refdet", lambda refdet: f"{refdet[:-1]}{'0' if refdet[-1] != '0' else '1'}"),
    "paid_twice": ("numauto", lambda numauto: f"9{numauto[1:]}" if numauto[0] != "9" else f"8{numauto[1:]}"),
}
_FORGED_DTD = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'


def service(request: HttpRequest) -> HttpResponseBase:
    """GET `?wsdl` and `?xsd=1` to `3`; POST the calls."""
    if request.method == "POST":
        return _called(request)
    address = request.build_absolute_uri(request.path)
    if "wsdl" in request.GET:
        return HttpResponse(contract.wsdl(address), content_type=CONTENT_TYPE)
    schema = contract.schemas(address).get(request.GET.get("xsd", ""))
    if schema is None:
        raise Http404
    return HttpResponse(schema, content_type=CONTENT_TYPE)


def _called(request: HttpRequest) -> HttpResponseBase:
    try:
        call = _read(request)
    except EnvelopeError as error:
        answer = HttpResponse(soap.envelope_fault(error), status=500, content_type=CONTENT_TYPE)
        _record(request, operation="?", reference="", answer=answer, verdict=f"refusé : {error}")
        return answer
    fault = faults.take(call.operation)
    if fault is not None and fault.kind in faults.INSTEAD:
        _record(request, operation=call.operation, reference="", answer=None, verdict=f"panne : {fault.kind}")
        return faults.instead(fault)
    answer, reference, verdict = _answered(call, fault)
    told = verdict if fault is None else f"{verdict} ; panne : {fault.kind}"
    _record(request, operation=call.operation, reference=reference, answer=answer, verdict=told)
    return answer if fault is None else faults.spoil(fault, answer)


def _read(request: HttpRequest) -> soap.Call:
    if request.content_type != "text/xml":
        raise EnvelopeError(f"Content-Type text/xml attendu, reçu {request.content_type}")
    return soap.read(request.body)


def _answered(call: soap.Call, fault: faults.Fault | None) -> tuple[HttpResponse, str, str]:
    """The answer, the idOp it is about, the verdict."""
    try:
        _fail_technically(fault)
        reply, reference = operations.run(call.operation, call.fields)
    except ServiceError as error:
        answer = HttpResponse(soap.fault(error), status=500, content_type=CONTENT_TYPE)
        why = f"{error.why} ({call.remark})" if call.remark else error.why
        return answer, call.fields.get("idOp", ""), f"{error.code} : {why}"
    body = soap.answer(call.operation, _lied(reply, fault))
    return HttpResponse(_disguised(body, fault), content_type=CONTENT_TYPE), reference, "accepté"


def _fail_technically(fault: faults.Fault | None) -> None:
    if fault is not None and fault.kind == "technical_999":
        raise TechnicalError("panne demandée")
    if fault is not None and fault.kind == "unavailable":
        raise TechnicalError("panne demandée", "TechIndisponibiliteErreur")


def _lied(reply: operations.Reply, fault: faults.Fault | None) -> operations.Reply:
    if fault is None or fault.kind not in _LIES:
        return reply
    name, lie = _LIES[fault.kind]
    told = reply.get(name)
    return reply if told is None else {**reply, name: lie(told)}


def _disguised(body: bytes, fault: faults.Fault | None) -> bytes:
    if fault is not None and fault.kind == "wrong_namespace":
        return body.replace(soap.SERVICE.encode(), b"http://example.org/autre")
    if fault is not None and fault.kind == "external_entity":
        declaration, envelope = body.split(b"?>", 1)
        return declaration + b"?>" + _FORGED_DTD + envelope.replace(b"</idOp>", b"&f;</idOp>")
    return body


def _record(request: HttpRequest, *, operation: str, reference: str, answer: HttpResponse | None, verdict: str) -> None:
    journal.record(
        journal.Entry(
            gateway="payfip",
            direction="received",
            operation=operation,
            reference=reference,
            method="POST",
            address=request.path,
            sent=request.body.decode("utf-8", "replace"),
            status=None if answer is None else answer.status_code,
            answer="" if answer is None else answer.content.decode(),
            verdict=verdict,
        )
    )
