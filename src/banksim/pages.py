"""The payer's pages of the banks. Each step is a GET page and a POST that answers 303: a reload repeats nothing."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from banksim import cards, clock, controls, faults, notifier, operations
from banksim.bank import NOTHING
from banksim.bankcontrol import AnyBank, bank_named
from banksim.operations import Operation
from banksim.wording import euros, plain_euros

#: The code "sent by SMS".
SECURE_CODE = "123456"
SECURE_TRIES = 3
#: The scenario that three wrong codes play.
_WRONG_CODE = "wrong_code"
_SEE_OTHER = 303
_SAME_METHOD = 307
#: When the browser goes back by itself.
_LEFT_ALONE_SECONDS = 60

Page = Callable[[HttpRequest, AnyBank, Operation], HttpResponseBase]


def _found(gateway: str, key: str) -> tuple[AnyBank, Operation]:
    bank = bank_named(gateway)
    operation = operations.by_id(bank.name, key)
    if operation is None:
        raise Http404
    return bank, operation


def step(view: Page) -> Callable[[HttpRequest, str, str], HttpResponseBase]:
    """A step of an operation that can still be paid; a finished one shows its ticket, an old one that it is over."""

    @wraps(view)
    def shown(request: HttpRequest, gateway: str, key: str) -> HttpResponseBase:
        bank, operation = _found(gateway, key)
        if operation.outcome is not None and operation.outcome not in bank.resumable:
            return to_step(operation, "ticket")
        if bank.is_over(operation, clock.now()):
            bank.tell(operation, "page", "session expirée")
            why = f"la page vit {bank.life(operation).total_seconds() / 60:.0f} minutes"
            return refused(request, bank, code="session", title="La session de paiement a expiré", why=why)
        return view(request, bank, operation)

    return shown


@step
def card(request: HttpRequest, bank: AnyBank, operation: Operation) -> HttpResponseBase:
    """The card, with the scenario for whoever tries the portal. The card's fields are looked at and forgotten."""
    fault = faults.take(f"{bank.name}.page")
    if fault is not None and fault.kind in faults.INSTEAD:
        return faults.instead(fault)
    refusal = None
    if request.method == "POST":
        operation = with_scenario(request, bank, operation)
        if "abandonner" in request.POST:
            return end(bank, operation, bank.scenarios["abandon"])
        given = {name: request.POST.get(name, "") for name in ("number", "month", "year", "code")}
        refusal = cards.refusal(**given, now=clock.now().astimezone(clock.PARIS))
        if refusal is None:
            return _validated(bank, operation, request.POST.get("outcome", ""))
    else:
        operations.mark_once(operation, "opened_at", clock.now())
    answer = render(request, f"{bank.name}/card.html", {**_card_form(refusal), **choices(bank, operation)})
    return answer if fault is None else faults.spoil(fault, answer)


def _card_form(refusal: str | None) -> dict[str, Any]:
    years = cards.years(clock.now().astimezone(clock.PARIS))
    example = {"number": cards.EXAMPLE_NUMBER, "code": cards.EXAMPLE_CODE}
    return {
        "refusal": refusal,
        "years": years,
        "chosen_year": years[-2],
        "months": range(1, 13),
        "example": example,
    }


def choices(bank: AnyBank, operation: Operation) -> dict[str, Any]:
    return {
        **page_context(bank, operation),
        "scenarios": controls.SCENARIOS,
        "notifications": controls.presets(bank.lies),
        "returns": controls.RETURNS,
        "scenario": operation.scenario or controls.defaults().scenario,
        "return_mode": controls.return_of(operation),
        "outcomes": bank.outcomes,
    }


def with_scenario(request: HttpRequest, bank: AnyBank, operation: Operation) -> Operation:
    """An empty choice leaves the default."""
    asked: Mapping[str, tuple[str | None, Mapping[str, str]]] = {
        "scenario": (request.POST.get("scenario"), controls.SCENARIOS),
        "notify": (request.POST.get("notification"), controls.presets(bank.lies)),
        "return_mode": (request.POST.get("retour"), controls.RETURNS),
    }
    chosen = {name: value for name, (value, known) in asked.items() if value in known}
    return operations.change(operation, **chosen) if chosen else operation


def _validated(bank: AnyBank, operation: Operation, outcome: str) -> HttpResponse:
    """What the scenario makes of « VALIDER »; a code of the bank chosen by name comes first."""
    chosen = outcome or bank.forced(operation)
    if chosen in bank.outcomes:
        return end(bank, operation, chosen)
    match operation.scenario or controls.defaults().scenario:
        case "pay_3ds":
            return to_step(operation, "secure")
        case "pay" if bank.challenges(operation):
            return to_step(operation, "secure")
        case "expire":
            return to_step(operation, "ticket")
        case "abandon_then_pay":
            return end(bank, operation, bank.scenarios["abandon"])
        case scenario:
            return end(bank, operation, bank.scenarios[scenario])


@step
def secure(request: HttpRequest, bank: AnyBank, operation: Operation) -> HttpResponseBase:
    """3-D Secure: three tries, then refused."""
    left = SECURE_TRIES - operation.wrong_codes
    if request.method == "POST":
        if "abandonner" in request.POST:
            return end(bank, operation, bank.scenarios.get("abandon_3ds", bank.scenarios["abandon"]))
        if request.POST.get("code", "").strip() == SECURE_CODE:
            return end(bank, operation, bank.scenarios["pay"])
        left = SECURE_TRIES - operations.count_wrong_code(operation)
    if left <= 0:
        operations.change(operation, wrong_codes=0)
        return end(bank, operation, bank.scenarios[_WRONG_CODE])
    context = {**page_context(bank, operation), "left": left, "tries": SECURE_TRIES}
    return render(request, "bank/secure.html", context)


def ticket(request: HttpRequest, gateway: str, key: str) -> HttpResponse:
    """How it ended, and the way back."""
    bank, operation = _found(gateway, key)
    mode = controls.return_of(operation)
    call = bank.return_call(operation, mode)
    context = {
        **page_context(bank, operation),
        "return_mode": mode,
        "method": call and call.method,
        "return_fields": parse_qsl(call.encoded, keep_blank_values=True) if call else [],
        "can_resume": operation.outcome in bank.resumable and not bank.is_over(operation, clock.now()),
    }
    answer = render(request, "bank/ticket.html", context)
    if mode != "none" and call and call.method == "GET":
        answer["Refresh"] = f"{_LEFT_ALONE_SECONDS}; url={reverse('bank_back', args=[gateway, key])}"
    return answer


@step
def resume(request: HttpRequest, _bank: AnyBank, operation: Operation) -> HttpResponse:
    """While the page lives the payer may try again: abandoned or refused, then paid."""
    if request.method != "POST":
        raise Http404
    return to_step(operations.change(operation, scenario="pay"), "card")


def back(request: HttpRequest, gateway: str, key: str) -> HttpResponse:
    """The browser goes back to the merchant, by the method of the request."""
    bank, operation = _found(gateway, key)
    mode = controls.return_of(operation)
    call = bank.return_call(operation, mode)
    if call is None:
        raise Http404
    bank.tell(operation, "retour du navigateur", f"vers {call.address} ({controls.RETURNS[mode]})")
    if operations.mark_once(operation, "returned_at", clock.now()):
        bank.announce(operation, returned=True)
    if mode == "duplicated":
        notifier.launch([call])
    if request.method == "POST":
        return HttpResponseRedirect(call.address, status=_SAME_METHOD)
    return HttpResponseRedirect(call.url)


def refused(request: HttpRequest, bank: AnyBank, *, code: str, title: str, why: str) -> HttpResponse:
    """The error page of the bank: its `code`, one sentence for the payer, and why for whoever tries the portal."""
    context = {"layout": f"{bank.name}/page.html", "code": code, "title": title, "why": why}
    return render(request, "bank/refused.html", context, status=400)


def page_context(bank: AnyBank, operation: Operation) -> dict[str, Any]:
    """The operation, its merchant, its amount in words of a page, and how it ended."""
    done_at = (operation.outcome_at or clock.now()).astimezone(clock.PARIS)
    return {
        "bank": bank,
        "layout": f"{bank.name}/page.html",
        "order": f"{bank.name}/order.html",
        "operation": operation,
        "account": bank.account(operation.merchant),
        "amount": euros(operation.amount_cents),
        "amount_dotted": plain_euros(operation.amount_cents, "."),
        "created_at": operation.created_at.astimezone(clock.PARIS),
        "done_at": f"{done_at:%d/%m/%Y} à {done_at:%H}\u202fh\u202f{done_at:%M}",
        "settled": operation.outcome in bank.accepted,
        "outcome_label": bank.outcomes.get(operation.outcome or "", "Vous avez quitté la page"),
    }


def to_step(operation: Operation, step: str) -> HttpResponse:
    """On to a step: card, secure or ticket."""
    return HttpResponseRedirect(reverse(f"bank_{step}", args=[operation.gateway, operation.id]), status=_SEE_OTHER)


def end(bank: AnyBank, operation: Operation, outcome: str) -> HttpResponse:
    ended, written = bank.decide(operation, outcome, replace=False)
    if written and outcome != NOTHING:
        bank.announce(ended, returned=False)
    return to_step(ended, "ticket")
