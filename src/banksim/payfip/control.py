"""`/sim/api/…` of PayFiP: clients, operations and their outcome, notifications, the night."""

from collections.abc import Mapping
from concurrent.futures import wait
from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from banksim import clock
from banksim.bankcontrol import WAIT_SECONDS, arbitrary, deliveries, read_controls, read_notify
from banksim.controls import ControlRefusedError
from banksim.jsonapi import api, body
from banksim.payfip import life, outcomes, records
from banksim.payfip.errors import FunctionalError


@api("GET", "POST", "DELETE")
def clients_view(request: HttpRequest) -> HttpResponse:
    """POST a client (`numcli`, `label_1`, and possibly `label_2`, `label_3`, `secured`, `ceiling_cents`)."""
    if request.method == "DELETE":
        records.forget_clients()
    if request.method == "POST":
        try:
            records.save_client(records.read_client(body(request)))
        except TypeError as error:
            raise ControlRefusedError(f"client mal décrit : {error}") from error
    return JsonResponse({"clients": [asdict(client) for client in records.clients()]})


@api("GET")
def payments_view(request: HttpRequest) -> HttpResponse:
    """The newest first; `?refdet=` keeps those of one debt."""
    found = records.payments(refdet=request.GET.get("refdet", ""))
    return JsonResponse({"payments": [_shown(payment) for payment in found]})


@api("GET")
def payment_view(_request: HttpRequest, idop: str) -> HttpResponse:
    """One operation."""
    return JsonResponse(_shown(_known(idop)))


@api("POST")
def controls_view(request: HttpRequest, idop: str) -> HttpResponse:
    """Set the `notify`, `return` and `scenario` of one operation before its payer decides."""
    return JsonResponse(_shown(_controlled(_known(idop), body(request, "notify", "return", "scenario"))))


@api("POST")
def outcome_view(request: HttpRequest, idop: str) -> HttpResponse:
    """Decide without a browser.

    `outcome` P, V, R, Z, A or none; `notify` and `return` as in the defaults, except that without `return`
    nobody comes back. Answers once the calls that follow at once are made (`wait: false` does not wait).
    """
    asked = body(request, "outcome", "notify", "return", "wait")
    if asked.get("outcome") not in {*outcomes.RESULTS, "none"}:
        raise ControlRefusedError("outcome attendu : P, V, R, Z, A ou none")
    payment = _controlled(_known(idop), {"return": "none", **asked})
    try:
        payment, written = outcomes.decide(payment, asked["outcome"])
    except FunctionalError as error:
        return JsonResponse({"error": f"{error.code} : {error.why}"}, status=409)
    batches = [outcomes.announce(payment, returned=False) if written else None]
    returned = outcomes.play_return(payment)
    if returned is not None:
        wait([returned], WAIT_SECONDS)
        batches += [returned, outcomes.announce(payment, returned=True) if written else None]
    return JsonResponse({**_shown(payment), "deliveries": deliveries(batches) if asked.get("wait", True) else []})


@api("POST")
def notifications_view(request: HttpRequest) -> HttpResponse:
    """Notify now, any way: of an operation (`idop`, `notify`), or anything anywhere (`address`, `fields`, `method`)."""
    asked = body(request, "idop", "notify", "address", "fields", "method", "copies", "parallel")
    if "idop" in asked:
        notify = read_notify(asked.get("notify", "normal"), outcomes.LIES)
        batch = outcomes.send_notification(_known(asked["idop"]), notify)
    else:
        batch = arbitrary("payfip", asked)
    return JsonResponse({"deliveries": deliveries([batch])})


@api("POST")
def night_view(request: HttpRequest) -> HttpResponse:
    """The night passes: operations without a result are purged."""
    body(request)
    return JsonResponse({"purged": records.purge()})


def _known(idop: str) -> records.Payment:
    payment = records.payment(idop=idop)
    if payment is None:
        raise Http404(f"opération inconnue : {idop}")
    return payment


def _controlled(payment: records.Payment, asked: Mapping[str, Any]) -> records.Payment:
    return outcomes.with_controls(payment, **read_controls(asked, outcomes.LIES))


def _shown(payment: records.Payment) -> dict[str, Any]:
    return {**asdict(payment), "return": payment.return_mode, "state": life.state(payment, clock.now())}
