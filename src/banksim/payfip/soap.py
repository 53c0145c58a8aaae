"""SOAP 1.1, document/literal, as the service writes it (payment-gateways.md 3.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from banksim.payfip.errors import EnvelopeError, ServiceError

SERVICE = (
    "http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/"
    "contrat_paiement_securise/PaiementSecuriseService"
)
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OPERATIONS = ("creerPaiementSecurise", "recupererDetailPaiementSecurise", "recupererDetailClient")
_EXCEPTIONS = "fr.gouv.finances.cp.tpa.webservice.exceptions"
#: As recorded for functional errors.
_SEVERITY = "2"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call as received; `remark` says what the sender got wrong without being refused for it."""

    operation: str
    fields: Mapping[str, str]
    remark: str = ""


def read(body: bytes) -> Call:
    """The operation and its fields. Empty elements are absent ones.

    Raises:
        EnvelopeError: not XML, not SOAP 1.1, or not an operation of this service.
    """
    if b"<!DOCTYPE" in body:
        raise EnvelopeError("une déclaration DOCTYPE n’a rien à faire dans un message SOAP")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise EnvelopeError(f"XML mal formé : {error.msg}") from error
    operation = root.find(f"{{{SOAP}}}Body/*") if root.tag == f"{{{SOAP}}}Envelope" else None
    if operation is None:
        raise EnvelopeError("enveloppe SOAP 1.1 attendue")
    name = etree.QName(operation)
    if name.namespace != SERVICE or name.localname not in OPERATIONS:
        raise EnvelopeError(f"opération inconnue : {operation.tag}")
    argument = operation.find("arg0")
    if argument is None:
        return Call(operation=name.localname, fields={}, remark="arg0 introuvable : il doit être sans espace de noms")
    texts = {str(child.tag): (child.text or "").strip() for child in argument}
    return Call(operation=name.localname, fields={field: text for field, text in texts.items() if text})


def answer(operation: str, fields: Mapping[str, str | None]) -> bytes:
    """A reply; fields without a value are left out. Their order is the schema's: alphabetical."""
    response = _element(SERVICE, f"{operation}Response")
    _fill(etree.SubElement(response, "return"), fields)
    return _enveloped(response)


def fault(error: ServiceError) -> bytes:
    """The fault of an error of the service."""
    told = _element(SERVICE, error.kind)
    label = error.label
    _fill(
        told,
        {"code": error.code, "descriptif": label, "libelle": label, "message": label, "severite": _SEVERITY},
    )
    return _fault("S:Server", f"{_EXCEPTIONS}.{error.kind}", told)


def envelope_fault(error: EnvelopeError) -> bytes:
    """The fault of the SOAP layer itself."""
    return _fault("S:Client", str(error), None)


def _fault(code: str, text: str, told: etree._Element | None) -> bytes:
    fault = _element(SOAP, "Fault")
    _fill(fault, {"faultcode": code, "faultstring": text})
    if told is not None:
        etree.SubElement(fault, "detail").append(told)
    return _enveloped(fault)


def _element(namespace: str, name: str) -> etree._Element:
    return etree.Element(f"{{{namespace}}}{name}", nsmap={"S" if namespace == SOAP else "ns2": namespace})


def _fill(parent: etree._Element, texts: Mapping[str, str | None]) -> None:
    for name, text in texts.items():
        if text is not None:
            etree.SubElement(parent, name).text = text


def _enveloped(content: etree._Element) -> bytes:
    envelope = _element(SOAP, "Envelope")
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
