"""SOAP 1.1, document/literal, every element qualified (payment-gateways.md 8.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

from banksim.payline.errors import EnvelopeError

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
IMPL = "http://impl.ws.payline.experian.com"
OBJ = "http://obj.ws.payline.experian.com"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
#: Operations of each address.
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "WebPaymentAPI": ("doWebPayment", "getWebPaymentDetails"),
    "DirectPaymentAPI": ("doReset", "doRefund"),
}
_SCHEMA = Path(__file__).parent / "schemas" / "impl.xsd"

#: Elements of a reply by name: a text, a nil (None), inner elements, or a list of the same element several times.
Reply: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A valid call. `request` has lost its namespaces, which the schema has checked."""

    operation: str
    request: etree._Element

    def text(self, path: str) -> str:
        """The text at this path; a nil or absent element is an empty one."""
        return (self.request.findtext(path) or "").strip()


def operation_of(root: etree._Element, api: str) -> etree._Element:
    """The request in the envelope.

    Raises:
        EnvelopeError: not SOAP 1.1, or not an operation of this address.
    """
    request = root.find(f"{{{SOAP}}}Body/*") if root.tag == f"{{{SOAP}}}Envelope" else None
    if request is None:
        raise EnvelopeError("enveloppe SOAP 1.1 attendue")
    known = {f"{{{IMPL}}}{operation}Request" for operation in OPERATIONS[api]}
    if request.tag not in known:
        raise EnvelopeError(f"opération inconnue à cette adresse : {request.tag}")
    return request


def read(body: bytes, *, api: str, action: str) -> Call:
    """The operation and its request. `action` is the SOAPAction header: the operation's name.

    Raises:
        EnvelopeError: not XML, not SOAP 1.1, not an operation of this address, or not valid for its schema.
    """
    request = operation_of(_parsed(body), api)
    operation = str(etree.QName(request).localname).removesuffix("Request")
    if action.strip('"') != operation:
        raise EnvelopeError(f"SOAPAction doit valoir « {operation} », reçu « {action} »")
    try:
        # One per call: its list of errors is not shared between threads.
        etree.XMLSchema(file=str(_SCHEMA)).assertValid(request)
    except etree.DocumentInvalid as error:
        raise EnvelopeError(f"message non conforme au schéma : {error}") from error
    for element in request.iter():
        element.tag = etree.QName(element).localname
    return Call(operation=operation, request=request)


def _parsed(body: bytes) -> etree._Element:
    if b"<!DOCTYPE" in body:
        raise EnvelopeError("une déclaration DOCTYPE n’a rien à faire dans un message SOAP")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise EnvelopeError(f"XML mal formé : {error.msg}") from error


def answer(operation: str, reply: Reply) -> bytes:
    """A reply, its elements in the order given: the schema's."""
    response = etree.Element(f"{{{IMPL}}}{operation}Response", nsmap={"impl": IMPL, "obj": OBJ})
    _fill(response, reply, IMPL)
    return _enveloped(response)


def envelope_fault(error: EnvelopeError) -> bytes:
    """The fault of the SOAP layer itself."""
    fault = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soapenv": SOAP})
    etree.SubElement(fault, "faultcode").text = "soapenv:Client"
    etree.SubElement(fault, "faultstring").text = str(error)
    return _enveloped(fault)


def _fill(parent: etree._Element, content: Reply, namespace: str) -> None:
    for name, value in content.items():
        for one in value if isinstance(value, list) else [value]:
            element = etree.SubElement(parent, f"{{{namespace}}}{name}")
            if one is None:
                element.set(_NIL, "true")
            elif isinstance(one, str):
                element.text = one
            else:
                _fill(element, one, OBJ)


def _enveloped(content: etree._Element) -> bytes:
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
