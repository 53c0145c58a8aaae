"""`/sim/api/<gateway>/…`: accounts, operations and their outcome, notifications, of every bank that has accounts."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as LateError
from dataclasses import asdict
from typing import Any, TypeAlias

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from banksim import accounts, clock, controls, gateways, notifier, operations
from banksim.bank import Bank
from banksim.controls import ControlRefusedError
from banksim.jsonapi import api, body
from banksim.operations import Operation

AnyBank: TypeAlias = Bank[Any]
#: What the caller waits for a notification to be answered.
WAIT_SECONDS = 60


def bank_named(name: str) -> AnyBank:
    """The bank of this name.

    Raises:
        Http404: there is none, or it has no accounts.
    """
    bank = gateways.named(name)
    if not isinstance(bank, Bank):
        raise Http404(f"banque inconnue : {name}")
    return bank


@api("GET", "POST", "DELETE")
def accounts_view(request: HttpRequest, gateway: str) -> HttpResponse:
    """POST an account; its fields are those of the gateway."""
    bank = bank_named(gateway)
    if request.method == "DELETE":
        accounts.forget(bank.name)
    if request.method == "POST":
        bank.declare(body(request))
    return JsonResponse({"accounts": [asdict(account) for account in bank.accounts()]})


@api("GET")
def payments_view(request: HttpRequest, gateway: str) -> HttpResponse:
    """The newest first; `?reference=` keeps those of one reference of the merchant."""
    bank = bank_named(gateway)
    found = operations.listed(bank.name, reference=request.GET.get("reference", ""))
    return JsonResponse({"payments": [shown(bank, operation) for operation in found]})


@api("GET")
def payment_view(_request: HttpRequest, gateway: str, key: str) -> HttpResponse:
    """The newest operation of this key."""
    bank = bank_named(gateway)
    return JsonResponse(shown(bank, _known(bank, key)))


@api("POST")
def controls_view(request: HttpRequest, gateway: str, key: str) -> HttpResponse:
    """Set the `notify`, `return` and `scenario` of one operation before its payer decides."""
    bank = bank_named(gateway)
    return JsonResponse(
        shown(bank, _controlled(bank, _known(bank, key), body(request, "notify", "return", "scenario")))
    )


@api("POST")
def outcome_view(request: HttpRequest, gateway: str, key: str) -> HttpResponse:
    """Decide without a browser.

    `outcome` is a native code or `none`, `code` that of the authorisation centre where the bank tells both;
    `notify` and `return` as in the defaults, except that without `return` nobody comes back. Answers once the calls
    that follow at once are made (`wait: false` does not wait).
    """
    bank = bank_named(gateway)
    asked = body(request, "outcome", "code", "notify", "return", "wait")
    known = _controlled(bank, _known(bank, key), {"return": "none", **asked})
    operation, written = bank.decide(known, str(asked.get("outcome")), code=str(asked.get("code", "")))
    batches = [bank.announce(operation, returned=False) if written else None]
    returned = bank.play_return(operation)
    if returned is not None:
        wait([returned], WAIT_SECONDS)
        batches += [returned, bank.announce(operation, returned=True) if written else None]
    made = deliveries(batches) if asked.get("wait", True) else []
    return JsonResponse({**shown(bank, operations.fresh(operation)), "deliveries": made})


@api("POST")
def notifications_view(request: HttpRequest, gateway: str) -> HttpResponse:
    """Notify now, any way: of an operation (`key`, `notify`), or anything anywhere.

    Anything is `address`, with `fields`, or `content` to send a text already encoded to the letter, and possibly
    `method`, `copies`, `parallel`.
    """
    bank = bank_named(gateway)
    asked = body(request, "key", "notify", "address", "fields", "content", "method", "copies", "parallel")
    if "key" not in asked:
        return JsonResponse({"deliveries": deliveries([arbitrary(bank.name, asked)])})
    notify = read_notify(asked.get("notify", "normal"), bank.lies)
    batch = bank.send_notification(_known(bank, str(asked["key"])), notify)
    return JsonResponse({"deliveries": deliveries([batch])})


def arbitrary(gateway: str, asked: Mapping[str, Any]) -> Future[list[notifier.Delivery]]:
    """Send what a test wrote itself, to a loopback address.

    Raises:
        ControlRefusedError: another machine's address.
    """
    if not notifier.is_loopback(str(asked.get("address", ""))):
        raise ControlRefusedError("adresse refusée : le simulateur n’appelle que ce poste")
    call = notifier.Call(
        gateway=gateway,
        operation="notification libre",
        reference="",
        address=asked["address"],
        fields={str(name): str(value) for name, value in asked.get("fields", {}).items()},
        content=str(asked.get("content", "")),
        method="GET" if asked.get("method") == "GET" else "POST",
    )
    return notifier.launch([call] * int(asked.get("copies", 1)), parallel=bool(asked.get("parallel", False)))


def read_notify(asked: Any, lies: frozenset[str]) -> controls.Notify:
    """A way to notify that this gateway can follow.

    Raises:
        ControlRefusedError: unknown, or a lie without meaning in its protocol.
    """
    notify = controls.read_notify(asked)
    if notify.lie not in {"", *lies}:
        raise ControlRefusedError(f"notification sans objet pour cette passerelle : {notify.lie}")
    return notify


def read_controls(asked: Mapping[str, Any], lies: frozenset[str]) -> dict[str, Any]:
    """`notify`, `return` and `scenario` as the columns of an operation; what was not asked is not there.

    Raises:
        ControlRefusedError: unknown name or value.
    """
    if "notify" in asked:
        read_notify(asked["notify"], lies)
    if asked.get("scenario", "pay") not in controls.SCENARIOS:
        raise ControlRefusedError(f"scénario inconnu : {asked['scenario']}")
    return_mode = controls.read_return(asked["return"]) if "return" in asked else None
    chosen = {"notify": asked.get("notify"), "return_mode": return_mode, "scenario": asked.get("scenario")}
    return {name: value for name, value in chosen.items() if value is not None}


def deliveries(batches: Sequence[Future[list[notifier.Delivery]] | None]) -> list[dict[str, Any]]:
    """Each call made with what was answered, waited for."""
    made: list[dict[str, Any]] = []
    for batch in batches:
        try:
            made += [asdict(delivery) for delivery in (batch.result(WAIT_SECONDS) if batch else [])]
        except LateError:
            made.append({"status": None, "verdict": f"encore en cours après {WAIT_SECONDS} s"})
    return made


def shown(bank: AnyBank, operation: Operation) -> dict[str, Any]:
    """An operation as JSON."""
    more = {"return": operation.return_mode, "state": bank.state(operation, clock.now()), "page": bank.page(operation)}
    return {**asdict(operation), **more}


def _known(bank: AnyBank, key: str) -> Operation:
    operation = operations.by_key(bank.name, key)
    if operation is None:
        raise Http404(f"opération inconnue : {key}")
    return operation


def _controlled(bank: AnyBank, operation: Operation, asked: Mapping[str, Any]) -> Operation:
    chosen = read_controls(asked, bank.lies)
    return operations.change(operation, **chosen) if chosen else operation
