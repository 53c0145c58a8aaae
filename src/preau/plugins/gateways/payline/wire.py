"""Payline's WebPaymentAPI on the wire: SOAP written by hand, read without trust (payment-gateways 8.3, 8.8).

Nearly every element of its schema is mandatory and may be nil: those we leave empty are sent as nil, in the order of
the schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import requests
from lxml import etree

from preau.foundation.outbound import DeadlineError, within

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_IMPL = "http://impl.ws.payline.experian.com"
_OBJ = "http://obj.ws.payline.experian.com"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: No answer of the service comes near this.
_MOST_BYTES = 256 * 1024
_CHUNK = 8192

#: A tree of elements to send: text, None (nil), or its children in the order of the schema.
Tree = Mapping[str, "str | Tree | None"]


class SilenceError(Exception):
    """Nothing usable came back: the operation's state is unknown."""


class AccessRefusedError(Exception):
    """The service does not know this merchant or its key (401, 403)."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the service is and who asks; the key is never shown."""

    endpoint: str
    merchant_id: str
    key: str

    def __repr__(self) -> str:
        return f"Access({self.endpoint!r}, {self.merchant_id!r})"


class Answer:
    """The answer of one operation, read by paths of local names: `answer.text("result", "code")`."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element

    def text(self, *path: str) -> str:
        """The text at a path, empty when it is absent or nil."""
        found = self._find(path)
        return (found.text or "").strip() if found is not None else ""

    def private(self, key: str) -> str:
        """A value of our own that the operation carries (`privateDataList`)."""
        for pair in self._element.iterfind(f"{{*}}privateDataList/{{{_OBJ}}}privateData"):
            entry = Answer(pair)
            if entry.text("key") == key:
                return entry.text("value")
        return ""

    def _find(self, path: tuple[str, ...]) -> etree._Element | None:
        return self._element.find("/".join(f"{{*}}{name}" for name in path))


def call(access: Access, operation: str, content: Tree, *, timeout: float) -> Answer:
    """One call.

    Raises:
        AccessRefusedError: the service refuses who asks.
        SilenceError: no usable answer in time.
    """
    message = envelope(operation, content)
    try:
        status, body = within(timeout, lambda: _posted(access, operation, message, timeout))
    except (DeadlineError, requests.RequestException) as silence:
        raise SilenceError(type(silence).__name__) from silence
    if status in {requests.codes.unauthorized, requests.codes.forbidden}:
        raise AccessRefusedError(f"status {status}")
    if status != requests.codes.ok:
        raise SilenceError(f"status {status}")
    return _read(operation, body)


def envelope(operation: str, content: Tree) -> bytes:
    """The message of an operation."""
    names = {"soapenv": _SOAP, "impl": _IMPL, "obj": _OBJ, "xsi": XSI}
    root = etree.Element(f"{{{_SOAP}}}Envelope", nsmap=names)
    request = etree.SubElement(etree.SubElement(root, f"{{{_SOAP}}}Body"), f"{{{_IMPL}}}{operation}Request")
    _fill(request, content, _IMPL)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fill(parent: etree._Element, content: Tree, namespace: str) -> None:
    """The message's own elements are of one namespace, what they contain of the other."""
    for name, value in content.items():
        child = etree.SubElement(parent, f"{{{namespace}}}{name}")
        if value is None:
            child.set(f"{{{XSI}}}nil", "true")
        elif isinstance(value, str):
            child.text = value
        else:
            _fill(child, value, _OBJ)


def _posted(access: Access, operation: str, message: bytes, timeout: float) -> tuple[int, bytes]:
    """Status and body. No redirect is followed: it would carry the key elsewhere."""
    with (
        requests.Session() as session,
        session.post(
            access.endpoint,
            data=message,
            headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": operation},
            auth=(access.merchant_id, access.key),
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        ) as answer,
    ):
        body = b""
        for chunk in answer.iter_content(_CHUNK):
            body += chunk
            if len(body) > _MOST_BYTES:
                raise SilenceError("an answer without end")
        return answer.status_code, body


def _read(operation: str, body: bytes) -> Answer:
    if b"<!DOCTYPE" in body:
        raise SilenceError("an answer with a document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as broken:
        raise SilenceError("not XML") from broken
    found = root.find(f"{{{_SOAP}}}Body/{{{_IMPL}}}{operation}Response")
    if root.tag != f"{{{_SOAP}}}Envelope" or found is None:
        raise SilenceError("an answer to something else")
    return Answer(found)
