"""The payer's pages. Each step is a GET page and a POST that answers 303, so that a reload repeats nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from banksim import cards, clock, controls, faults, journal
from banksim.payfip import life, outcomes, records
from banksim.payfip.errors import FunctionalError
from banksim.payfip.records import Payment
from banksim.payfip.wording import page_context

#: The code "sent by SMS".
SECURE_CODE = "123456"
_SECURE_TRIES = 3
_SEE_OTHER = 303
#: When the browser goes back by itself.
_LEFT_ALONE_SECONDS = 60
_SAME_METHOD = 307

Page = Callable[[HttpRequest, Payment], HttpResponse]


def entry(request: HttpRequest) -> HttpResponseBase:
    """Page 1, opened once within 15 minutes of the creation of the idOp."""
    fault = faults.take("page")
    if fault is not None and fault.kind in faults.INSTEAD:
        return faults.instead(fault)
    idop = request.GET.get("idop", "")
    payment = records.payment(idop=idop)
    try:
        payment = _open(payment)
    except FunctionalError as error:
        _tell(idop, "page", f"{error.code} : {error.why}")
        return render(request, "payfip/refused.html", {"error": error, "payment": payment}, status=400)
    _tell(idop, "page", "page de choix affichée")
    answer = render(request, "payfip/choice.html", _choices(payment))
    return answer if fault is None else faults.spoil(fault, answer)


def _open(payment: Payment | None) -> Payment:
    now = clock.now()
    known = life.check_known(payment, now)
    life.check_opening(known, now)
    if not records.mark_once(known.idop, "opened_at", now):
        raise FunctionalError("P3", "la page de cet idOp vient d’être ouverte ailleurs")
    return known


def _choices(payment: Payment) -> dict[str, Any]:
    defaults = controls.defaults()
    return {
        **page_context(payment),
        "scenarios": {name: label for name, label in controls.SCENARIOS.items() if name != "wait"},
        "notifications": controls.presets(outcomes.LIES, names_idop=True),
        "returns": controls.RETURNS,
        "scenario": payment.scenario or defaults.scenario,
        "return_mode": controls.return_of(payment),
    }


def _page(view: Page) -> Callable[[HttpRequest, str], HttpResponse]:
    """A step of an operation whose first page was opened; a finished one shows its ticket instead."""

    @wraps(view)
    def shown(request: HttpRequest, key: str) -> HttpResponse:
        payment = _opened(key)
        if payment.result not in {None, "A"}:
            return _to(payment, "ticket")
        return view(request, payment)

    return shown


@_page
def choice(request: HttpRequest, payment: Payment) -> HttpResponse:
    """The means of payment chosen on page 1, with the scenario for whoever tries the portal."""
    if request.method != "POST":
        raise Http404
    payment = _with_scenario(request, payment)
    match request.POST.get("moyen"):
        case "carte":
            return _to(payment, "card")
        case "prelevement":
            return _to(payment, "debit")
        case _:
            return _end(payment, "A")


def _with_scenario(request: HttpRequest, payment: Payment) -> Payment:
    """An empty choice leaves the default."""
    chosen = {
        "scenario": (request.POST.get("scenario"), controls.SCENARIOS),
        "notify": (request.POST.get("notification"), controls.NOTIFICATIONS),
        "return_mode": (request.POST.get("retour"), controls.RETURNS),
    }
    return outcomes.with_controls(payment, **{name: value for name, (value, known) in chosen.items() if value in known})


@_page
def card(request: HttpRequest, payment: Payment) -> HttpResponse:
    """Page 2. The fields of the form are looked at and forgotten."""
    refusal = None
    if request.method == "POST":
        if "abandonner" in request.POST:
            return _end(payment, "A")
        given = {name: request.POST.get(name, "") for name in ("number", "month", "year", "code")}
        refusal = cards.refusal(**given, now=clock.now().astimezone(clock.PARIS))
        if refusal is None:
            return _validated(payment, accepted="P", refused="R")
    years = cards.years(clock.now().astimezone(clock.PARIS))
    context = {"refusal": refusal, "years": years, "chosen_year": years[-2], "months": range(1, 13)}
    example = {"number": cards.EXAMPLE_NUMBER, "code": cards.EXAMPLE_CODE}
    return render(request, "payfip/card.html", {**page_context(payment), **context, "example": example})


@_page
def debit(request: HttpRequest, payment: Payment) -> HttpResponse:
    """The one-off debit; the bank account is the simulator's."""
    if request.method == "POST":
        return _end(payment, "A") if "abandonner" in request.POST else _validated(payment, accepted="V", refused="Z")
    return render(request, "payfip/debit.html", page_context(payment))


@_page
def secure(request: HttpRequest, payment: Payment) -> HttpResponse:
    """3-D Secure: three tries, then refused."""
    left = _SECURE_TRIES - payment.wrong_codes
    if request.method == "POST":
        if "abandonner" in request.POST:
            return _end(payment, "A")
        if request.POST.get("code", "").strip() == SECURE_CODE:
            return _end(payment, "P")
        left = _SECURE_TRIES - records.count_wrong_code(payment.idop)
    if left <= 0:
        return _end(payment, "R")
    return render(request, "payfip/secure.html", {**page_context(payment), "left": left, "tries": _SECURE_TRIES})


def ticket(request: HttpRequest, key: str) -> HttpResponse:
    """How it ended, and the way back."""
    payment = _opened(key)
    coming_back = {"return_mode": controls.return_of(payment), "return_fields": outcomes.return_fields(payment)}
    answer = render(request, "payfip/ticket.html", {**page_context(payment), **coming_back})
    if coming_back["return_mode"] == "normal":
        answer["Refresh"] = f"{_LEFT_ALONE_SECONDS}; url={reverse('payfip_back', args=[key])}"
    return answer


@_page
def resume(request: HttpRequest, payment: Payment) -> HttpResponse:
    """After an abandonment the payer may come back while the page lives: A, then P on the same idOp."""
    if request.method != "POST":
        raise Http404
    return _to(records.change(payment.idop, scenario="pay"), "card")


def back(request: HttpRequest, key: str) -> HttpResponse:
    """The browser goes back to the merchant, by the method of the request."""
    payment = _opened(key)
    mode = controls.return_of(payment)
    _tell(payment.idop, "retour du navigateur", f"vers {payment.urlredirect} ({controls.RETURNS[mode]})")
    if records.mark_once(payment.idop, "returned_at", clock.now()) and payment.result is not None:
        outcomes.announce(payment, returned=True)
    if mode == "duplicated":
        outcomes.play_second_return(payment)
    if request.method == "POST":
        return HttpResponseRedirect(payment.urlredirect, status=_SAME_METHOD)
    return HttpResponseRedirect(outcomes.return_address(payment))


def _validated(payment: Payment, *, accepted: str, refused: str) -> HttpResponse:
    """What the scenario makes of « VALIDER »."""
    match payment.scenario or controls.defaults().scenario:
        case "pay_3ds" if accepted == "P":
            return _to(payment, "secure")
        case "refuse":
            return _end(payment, refused)
        case "abandon" | "abandon_then_pay":
            return _end(payment, "A")
        case "expire" | "wait":
            return _to(payment, "ticket")
        case _:
            return _end(payment, accepted)


def _end(payment: Payment, outcome: str) -> HttpResponse:
    try:
        ended, written = outcomes.decide(payment, outcome, replace=False)
    except FunctionalError as error:
        raise Http404(error.why) from error
    if written:
        outcomes.announce(ended, returned=False)
    return _to(ended, "ticket")


def _opened(key: str) -> Payment:
    payment = records.payment(page_key=key)
    if payment is None or payment.opened_at is None:
        raise Http404
    return payment


def _to(payment: Payment, step: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"payfip_{step}", args=[payment.page_key]), status=_SEE_OTHER)


def _tell(idop: str, operation: str, verdict: str) -> None:
    journal.record(
        journal.Entry(
            gateway="payfip", direction="received", operation=operation, reference=idop, method="GET", verdict=verdict
        )
    )
