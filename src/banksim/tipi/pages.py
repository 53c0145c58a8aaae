"""The form's address, the choice of card or debit, and the debit; the other steps are those of every bank."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from banksim import controls, faults, journal, pages
from banksim.bankcontrol import AnyBank
from banksim.operations import Operation
from banksim.payfip.errors import ServiceError
from banksim.tipi.fields import check
from banksim.tipi.gateway import GATEWAY

_SEE_OTHER = 303


def entry(request: HttpRequest) -> HttpResponseBase:
    """The address with the parameters, often opened in a window of its own: each one accepted is a new operation."""
    fault = faults.take("tipi.page")
    if fault is not None and fault.kind in faults.INSTEAD:
        return faults.instead(fault)
    given = request.GET.dict()
    try:
        asked, cents = check(given, GATEWAY.account(given.get("numcli", "")))
    except ServiceError as error:
        answer = pages.refused(request, GATEWAY, code=error.code, title=error.label.rstrip("."), why=error.why)
        _tell(request, answer, f"{error.code} : {error.why}")
        return answer
    operation = GATEWAY.open(
        key=asked["refdet"], merchant=asked["numcli"], reference=asked["refdet"], cents=cents, asked=asked
    )
    opened = HttpResponseRedirect(GATEWAY.page(operation), status=_SEE_OTHER)
    _tell(request, opened, "accepté" if "urlcl" in asked else "accepté, mais sans urlcl la mairie ne saura rien")
    return opened if fault is None else faults.spoil(fault, opened)


@pages.step
def choice(request: HttpRequest, bank: AnyBank, operation: Operation) -> HttpResponseBase:
    """Card or debit, with the scenario for whoever tries the portal."""
    if request.method != "POST":
        return render(request, "payfip/choice.html", {**_context(bank, operation), **_bench()})
    operation = pages.with_scenario(request, bank, operation)
    match request.POST.get("moyen"):
        case "carte":
            return pages.to_step(operation, "card")
        case "prelevement":
            return HttpResponseRedirect(reverse("tipi_debit", args=[operation.id]), status=_SEE_OTHER)
        case _:
            return pages.end(bank, operation, bank.scenarios["abandon"])


@pages.step
def debit(request: HttpRequest, bank: AnyBank, operation: Operation) -> HttpResponseBase:
    """The one-off debit; the bank account is the simulator's."""
    if request.method != "POST":
        return render(request, "payfip/debit.html", _context(bank, operation))
    if "abandonner" in request.POST:
        return pages.end(bank, operation, "A")
    match operation.scenario or controls.defaults().scenario:
        case "refuse":
            return pages.end(bank, operation, "Z")
        case "abandon" | "abandon_then_pay":
            return pages.end(bank, operation, "A")
        case "expire" | "wait":
            return pages.to_step(operation, "ticket")
        case _:
            return pages.end(bank, operation, "V")


def _bench() -> dict[str, Any]:
    """What the yellow frame offers: nothing waits here, and nobody comes back."""
    presets = controls.presets(GATEWAY.lies)
    return {
        "scenarios": {name: label for name, label in controls.SCENARIOS.items() if name != "wait"},
        "notifications": {name: label for name, label in presets.items() if not name.endswith("_return")},
        "returns": {},
        "outcomes": {},
    }


def _context(bank: AnyBank, operation: Operation) -> dict[str, Any]:
    """The common context, with the names that PayFiP's own pages use."""
    common = pages.choices(bank, operation)
    return {**common, "action": bank.page(operation), "client": common["account"], "payment": operation.asked}


def _tell(request: HttpRequest, answer: HttpResponse, verdict: str) -> None:
    journal.record(
        journal.Entry(
            gateway=GATEWAY.name,
            direction="received",
            operation="formulaire",
            reference=request.GET.get("refdet", ""),
            method="GET",
            address=request.path,
            sent=request.META["QUERY_STRING"],
            status=answer.status_code,
            verdict=verdict,
        )
    )
