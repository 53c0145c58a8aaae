"""The PayFiP web service on the wire: eopayment's SOAP client, made to speak to a configured address.

DGFiP, « régie, web service », version 19. One client per call: eopayment's is not safe to share between
threads (payment-gateways 2.8).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import zeep
from eopayment.payfip_ws import PayFiP, PayFiPError
from lxml import etree
from requests import Session
from zeep.exceptions import XMLParseError
from zeep.helpers import serialize_object
from zeep.transports import Transport

from preau.foundation.outbound import DeadlineError, within

SERVICE_URL = "https://www.payfip.gouv.fr/tpa/services/securite"
_SERVICE = (
    "http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/contrat_paiement_securise/"
    "PaiementSecuriseService"
)
_BINDING = f"{{{_SERVICE}}}PaiementSecuriseServicePortBinding"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
#: An idOp is a UUID of 36 characters (3.4); it goes into an address and into the database.
_IDOP = re.compile(r"[0-9A-Za-z-]{1,64}")


class SilenceError(Exception):
    """Nothing usable came back: the operation's state is unknown."""


class FaultError(Exception):
    """The service answered with one of its own codes (`P5`, `M3`…)."""

    def __init__(self, code: str, label: str) -> None:
        super().__init__(f"{code}: {label}")
        self.code, self.label = code, label


class _AnswersToOurQuestion(zeep.Plugin):
    """Refuses any answer but the one of the operation asked: zeep reads the first element by its place alone (G4)."""

    def ingress(self, envelope: etree._Element, http_headers: Any, operation: Any) -> tuple[etree._Element, Any]:
        answer = envelope.find(f"{{{_SOAP}}}Body/*")
        if answer is None or answer.tag not in {f"{{{_SERVICE}}}{operation.name}Response", f"{{{_SOAP}}}Fault"}:
            raise XMLParseError("an answer to something else")
        return envelope, http_headers


class _AddressedClient(zeep.Client):
    """The description shipped with eopayment, the operations sent to our address."""

    def __init__(self, wsdl: str, *, address: str, transport: Transport) -> None:
        strict = zeep.Settings(forbid_dtd=True, forbid_entities=True)
        super().__init__(wsdl, transport=transport, settings=strict, plugins=[_AnswersToOurQuestion()])
        self._address = address

    @property
    def service(self) -> Any:
        return self.create_service(_BINDING, self._address)


class _AddressedPayFiP(PayFiP):  # type: ignore[misc]  # eopayment has no types
    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    @property
    def client(self) -> zeep.Client:
        if not hasattr(self, "_client"):
            session = Session()
            session.max_redirects = 0
            self._client = _AddressedClient(
                self.wsdl_url,
                address=self._address,
                transport=Transport(session=session),
            )
        return self._client


def open_operation(address: str, *, timeout: float, **fields: Any) -> str:
    """`creerPaiementSecurise`: the identifier (idOp) of an operation, to be opened within 15 minutes.

    Raises:
        FaultError: refused by the service.
        SilenceError: no usable answer.
    """
    idop = _call(address, timeout, lambda service, seconds: service.get_idop(timeout=seconds, **fields))
    if not isinstance(idop, str) or not _IDOP.fullmatch(idop):
        raise SilenceError("answer without a usable idOp")
    return idop


def operation_detail(address: str, idop: str, *, timeout: float) -> Mapping[str, str]:
    """`recupererDetailPaiementSecurise`: the fields of an operation that has a result, empty ones left out.

    Raises:
        FaultError: P5 no result yet, P1 unknown or purged…
        SilenceError: no usable answer.
    """
    answer = _call(address, timeout, lambda service, seconds: service.get_info_paiement(idop, timeout=seconds))
    return _filled(answer)


def client_labels(address: str, numcli: str, *, timeout: float) -> str:
    """`recupererDetailClient`: who a client number is, as the service names it.

    Raises:
        FaultError: T1 to T4, not a client that may be paid here.
        SilenceError: no usable answer.
    """
    answer = _filled(_call(address, timeout, lambda service, _: service.get_info_client(numcli)))
    return ", ".join(answer[name] for name in ("libelleN1", "libelleN2", "libelleN3") if answer.get(name))


def _filled(answer: Any) -> dict[str, str]:
    values = serialize_object(answer, dict)
    if not isinstance(values, dict):
        raise SilenceError("answer of another shape")
    return {name: str(value) for name, value in values.items() if value is not None}


def _call(address: str, timeout: float, ask: Callable[[PayFiP, float], Any]) -> Any:
    service = _AddressedPayFiP(address)
    try:
        answer = within(timeout, lambda: ask(service, timeout))
    except DeadlineError as late:
        raise SilenceError(str(late)) from late
    except PayFiPError as error:
        if _is_functional(str(error.code)):
            raise FaultError(str(error.code), str(error.message)) from error
        raise SilenceError(f"{error.code}") from error
    if answer is None:
        raise SilenceError("empty answer")
    return answer


def _is_functional(code: str) -> bool:
    """`P5`, `M3`, `T2`…: a letter and a digit; anything else (999, HTTP, SOAP) is a technical silence."""
    return len(code) in {2, 3} and code[0].isalpha() and code[1:].isdigit()
