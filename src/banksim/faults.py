"""Faults a test orders: the wire breaks, hangs or lies, for the next calls of one operation.

The kinds below break the transport of any gateway; each gateway adds those that alter its own answers.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse

from banksim import gateways, store

_CONTROL = "faults"
EVERY_OPERATION = "*"

#: Kinds that answer in place of the operation, which does not happen.
INSTEAD: Mapping[str, str] = {
    "close": "la connexion est fermée sans réponse",
    "http_status": "page HTML d’erreur avec le statut « status » (502 par défaut)",
    "html_200": "page HTML avec le statut 200",
    "redirect": "redirection 302 vers une autre adresse du simulateur",
}
#: Kinds that spoil the answer of an operation that did happen.
SPOILED: Mapping[str, str] = {
    "answer_lost": "l’opération a lieu, puis la connexion est fermée sans réponse",
    "cut": "la connexion est coupée au milieu de la réponse",
    "timeout": "la réponse part après « seconds » secondes",
    "slow_loris": "la réponse part octet par octet, un toutes les « seconds » secondes",
    "malformed": "la réponse est tronquée : XML mal formé",
    "wrong_content_type": "la réponse est annoncée comme une image",
}
_STATUSES = range(400, 600)


class FaultRefusedError(Exception):
    """The fault asked for does not exist; the message says why, in French."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`times` calls are hit, all of them when None. `seconds` and `status` serve some kinds only."""

    kind: str
    seconds: float = 30.0
    status: int = 502
    times: int | None = None


def kinds() -> dict[str, str]:
    """Every kind with its description."""
    own = {kind: text for gateway in gateways.each() for kind, text in gateway.faults.items()}
    return {**INSTEAD, **SPOILED, **own}


def operations() -> set[str]:
    """What a fault may be set on."""
    return {EVERY_OPERATION, *(name for gateway in gateways.each() for name in gateway.operations)}


def current() -> dict[str, dict[str, Any]]:
    """The faults in force, by operation."""
    faults: dict[str, dict[str, Any]] = store.control(_CONTROL, {})
    return faults


def order(operation: str, asked: Mapping[str, Any]) -> Fault:
    """Set the fault of an operation; it replaces the former one.

    Raises:
        FaultRefusedError: unknown operation, kind or field.
    """
    if operation not in operations():
        raise FaultRefusedError(f"opération inconnue : {operation}")
    try:
        fault = Fault(**asked)
    except TypeError as error:
        raise FaultRefusedError(f"panne mal décrite : {error}") from error
    if fault.kind not in kinds():
        raise FaultRefusedError(f"panne inconnue : {fault.kind}")
    if fault.status not in _STATUSES:
        raise FaultRefusedError("statut attendu entre 400 et 599")
    with store.writing() as connection:
        others = store.control(_CONTROL, {}, inside=connection)
        store.set_control(_CONTROL, {**others, operation: asdict(fault)}, inside=connection)
    return fault


def cancel() -> None:
    """No fault any more."""
    store.set_control(_CONTROL, {})


def take(operation: str) -> Fault | None:
    """The fault that hits this call, counted down; an operation's own comes before the general one."""
    if not current():
        return None
    with store.writing() as connection:
        faults = store.control(_CONTROL, {}, inside=connection)
        name = next((name for name in (operation, EVERY_OPERATION) if name in faults), None)
        if name is None:
            return None
        fault = Fault(**faults[name])
        if fault.times is not None:
            left = {**faults[name], "times": fault.times - 1}
            kept = {**faults, name: left} if fault.times > 1 else {key: faults[key] for key in faults if key != name}
            store.set_control(_CONTROL, kept, inside=connection)
    return fault


def instead(fault: Fault) -> HttpResponseBase:
    """The answer of a kind of `INSTEAD`."""
    html = "<!doctype html><html lang='fr'><title>Service indisponible</title><p>Service momentanément indisponible."
    match fault.kind:
        case "close":
            return _dropped(b"")
        case "http_status":
            return HttpResponse(html, status=fault.status, headers={"Retry-After": "120"})
        case "html_200":
            return HttpResponse(html)
        case _:
            return HttpResponseRedirect("/sim/ailleurs")


def spoil(fault: Fault, answer: HttpResponse) -> HttpResponseBase:
    """The answer hit by a kind of `SPOILED`; any other kind leaves it as it is."""
    match fault.kind:
        case "answer_lost":
            return _dropped(b"")
        case "cut":
            return _dropped(answer.content[: len(answer.content) // 2], like=answer)
        case "timeout":
            time.sleep(fault.seconds)
        case "slow_loris":
            return _announced(StreamingHttpResponse(_dripping(answer.content, fault.seconds)), answer)
        case "malformed":
            answer.content = answer.content[: len(answer.content) * 2 // 3]
        case "wrong_content_type":
            answer["Content-Type"] = "image/png"
    return answer


def _dripping(content: bytes, seconds: float) -> Iterator[bytes]:
    for position in range(len(content)):
        yield content[position : position + 1]
        time.sleep(seconds)


def _dropped(begun: bytes, like: HttpResponse | None = None) -> HttpResponseBase:
    answer = StreamingHttpResponse(_breaking(begun))
    return answer if like is None else _announced(answer, like)


def _announced(answer: StreamingHttpResponse, like: HttpResponse) -> StreamingHttpResponse:
    """With the headers of the whole answer, its length included, as a server cut in the middle leaves them."""
    answer.status_code = like.status_code
    answer["Content-Type"] = like["Content-Type"]
    answer["Content-Length"] = str(len(like.content))
    return answer


def _breaking(begun: bytes) -> Iterator[bytes]:
    """The WSGI server takes this error for a client that went away, and closes the connection without a word."""
    if begun:
        yield begun
    raise ConnectionAbortedError
