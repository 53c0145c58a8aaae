"""Paybox's addresses: the form of the merchant, the page that says the server is up, the public key."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from banksim import faults, journal, pages
from banksim.paybox import signature
from banksim.paybox.gateway import GATEWAY, received
from banksim.paybox.order import RefusedFormError, check

_REFUSED_TITLE = "Problème d’identification du commerce. Accès refusé\u202f!"


def form(request: HttpRequest) -> HttpResponseBase:
    """The signed form, posted by the payer's browser: each one accepted is a new operation."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    pairs = received(request.body)
    try:
        account = check(pairs, {account.number: account for account in GATEWAY.accounts()})
    except RefusedFormError as error:
        answer = pages.refused(request, GATEWAY, code=error.field, title=_REFUSED_TITLE, why=str(error))
        _tell(request, pairs, answer, f"refusé : {error}")
        return answer
    given = dict(pairs)
    operation = GATEWAY.open(
        key=given["PBX_CMD"],
        merchant=account.number,
        reference=given["PBX_CMD"],
        cents=int(given["PBX_TOTAL"]),
        asked=given,
    )
    opened = pages.to_step(operation, "card")
    missing = " ; panier ou adresse absents : 3-D Secure demandera un code" if GATEWAY.challenges(operation) else ""
    _tell(request, pairs, opened, f"signature juste{missing}")
    return opened


def load(_request: HttpRequest) -> HttpResponseBase:
    """Whether the server is up: merchants look for « OK »."""
    fault = faults.take("paybox.load")
    if fault is not None and fault.kind in faults.INSTEAD:
        return faults.instead(fault)
    answer = HttpResponse('<!doctype html><html><body><div id="server_status">OK</div></body></html>')
    return answer if fault is None else faults.spoil(fault, answer)


def public_key(_request: HttpRequest) -> HttpResponse:
    """The public half of the key that signs the answers."""
    return HttpResponse(signature.public_key(), content_type="application/x-pem-file")


def _tell(request: HttpRequest, pairs: signature.Pairs, answer: HttpResponse, verdict: str) -> None:
    journal.record(
        journal.Entry(
            gateway=GATEWAY.name,
            direction="received",
            operation="formulaire",
            reference=dict(pairs).get("PBX_CMD", ""),
            method="POST",
            address=request.path,
            sent=request.body.decode("utf-8", "replace"),
            status=answer.status_code,
            signed=signature.request_text(pairs),
            verdict=verdict,
        )
    )
