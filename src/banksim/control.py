"""`/sim/api/…` shared by every gateway: clock, defaults, faults, journal, reset."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse

from banksim import clock, controls, faults, gateways, journal, notifier, store
from banksim.controls import ControlRefusedError
from banksim.jsonapi import api, body

_LONGEST_WAIT_SECONDS = 60


@api("GET", "POST")
def clock_view(request: HttpRequest) -> HttpResponse:
    """POST `offset_seconds` (from the machine's clock), `add_seconds`, or `now` (ISO 8601 with its zone)."""
    asked = body(request, "offset_seconds", "add_seconds", "now") if request.method == "POST" else {}
    try:
        if "offset_seconds" in asked:
            clock.set_offset(float(asked["offset_seconds"]))
        if "add_seconds" in asked:
            clock.shift(float(asked["add_seconds"]))
        if "now" in asked:
            clock.set_to(datetime.fromisoformat(asked["now"]))
    except (TypeError, ValueError) as error:
        raise ControlRefusedError(f"horloge : {error}") from error
    return JsonResponse({"now": clock.now().isoformat(), "offset_seconds": clock.offset().total_seconds()})


@api("GET", "POST")
def defaults_view(request: HttpRequest) -> HttpResponse:
    """POST any of `notify`, `return`, `scenario`, `short_exer`."""
    if request.method == "POST":
        controls.set_defaults(body(request, "notify", "return", "scenario", "short_exer"))
    kept = asdict(controls.defaults())
    return JsonResponse({**kept, "return": kept.pop("return_mode")})


@api("GET", "POST", "DELETE")
def faults_view(request: HttpRequest) -> HttpResponse:
    """POST `operation` ("*" for all) with `kind` and possibly `times`, `seconds`, `status`; DELETE cancels all."""
    if request.method == "DELETE":
        faults.cancel()
    if request.method == "POST":
        asked = body(request, "operation", "kind", "times", "seconds", "status")
        faults.order(asked.pop("operation", faults.EVERY_OPERATION), asked)
    operations = sorted(faults.operations())
    return JsonResponse({"faults": faults.current(), "kinds": faults.kinds(), "operations": operations})


@api("GET")
def journal_view(request: HttpRequest) -> HttpResponse:
    """The newest first; `?reference=` keeps those of one operation."""
    entries = journal.entries(reference=request.GET.get("reference", ""))
    return JsonResponse({"entries": [asdict(entry) for entry in entries]})


@api("POST")
def wait_view(request: HttpRequest) -> HttpResponse:
    """Answer once no notification is under way, or after `seconds`."""
    seconds = min(float(body(request, "seconds").get("seconds", 10)), _LONGEST_WAIT_SECONDS)
    return JsonResponse({"idle": notifier.wait_for_all(seconds)})


@api("POST")
def reset_view(request: HttpRequest) -> HttpResponse:
    """Forget operations, journal, faults, defaults and clock; clients stay declared."""
    body(request)
    store.clear()
    for gateway in gateways.each():
        gateway.clear()
    return JsonResponse({})
