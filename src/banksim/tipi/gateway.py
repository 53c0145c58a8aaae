"""What the common parts must know of the form: creditors, outcomes, the unsigned result, the daily return file."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from banksim import clock, controls, operations
from banksim.bank import NOTHING, NOTIFICATION, Bank, Batch
from banksim.controls import ControlRefusedError, Notify, ReturnMode
from banksim.gateways import Row
from banksim.notifier import Call
from banksim.operations import Operation
from banksim.tipi.fields import Creditor

_STATES: Mapping[str, str] = {
    "P": "payée",
    "V": "payée par prélèvement",
    "R": "refusée",
    "Z": "prélèvement refusé",
    "A": "abandonnée",
}
#: What comes back to the merchant besides the result; not `urlcl`, which is where it comes back.
_ECHOED = ("numcli", "exer", "refdet", "objet", "montant", "mel", "saisie")


class Tipi(Bank[Creditor]):
    """The web form of the régies."""

    name = "tipi"
    label = "PayFiP / TIPI, formulaire"
    account_kind = Creditor
    operations = ("tipi.page",)
    columns = ("numcli", "exer", "refdet", "montant", "dattrans", "heurtrans", "numauto", "resultrans", "saisie")
    outcomes: Mapping[str, str] = {
        "P": "Paiement accepté",
        "V": "Prélèvement accepté",
        "R": "Paiement refusé",
        "Z": "Prélèvement refusé",
        "A": "Paiement abandonné",
    }
    accepted = frozenset({"P", "V"})
    resumable = frozenset({"A"})
    scenarios: Mapping[str, str] = {"pay": "P", "refuse": "R", "abandon": "A", "wait": NOTHING, "wrong_code": "R"}
    lies = frozenset({"forged", "altered", "other_reference", "other_merchant", "other_mode", "replay"})
    session = timedelta(minutes=15)

    def given(self, operation: Operation, outcome: str, code: str) -> Mapping[str, Any]:  # noqa: ARG002  (no such code here)
        """Nothing when refused or abandoned; 16 characters in test and for debits, else 6 digits."""
        if outcome not in self.accepted:
            return {}
        return {"numauto": _number(long=operation.asked["saisie"] == "T" or outcome == "V")}

    def notification(self, operation: Operation, notify: Notify) -> Call:
        """The result, by POST to `urlcl`: whoever has read the address of the page could send the same.

        Raises:
            ControlRefusedError: nothing to tell, and no lie asked for.
        """
        told = {name: operation.asked[name] for name in _ECHOED if name in operation.asked}
        if notify.lie in {"forged", "other_reference"}:
            result, number, at = "P", _number(long=True), clock.now()
        elif operation.outcome is None or operation.outcome_at is None:
            raise ControlRefusedError("rien à notifier : le payeur n’a rien décidé")
        else:
            result, number, at = operation.outcome, operation.given.get("numauto", ""), operation.outcome_at
        told |= _lied(told, notify)
        local = at.astimezone(clock.PARIS)
        told |= {"resultrans": result, "dattrans": f"{local:%d%m%Y}", "heurtrans": f"{local:%H%M}"}
        return Call(
            gateway=self.name,
            operation=NOTIFICATION,
            reference=operation.key,
            address=operation.asked.get("urlcl", ""),
            fields={**told, **({"numauto": number} if number else {}), **notify.extra},
            method=notify.method or "POST",
        )

    def return_call(self, operation: Operation, mode: ReturnMode) -> None:
        """There is no address to come back to: the page is a window that the payer closes."""

    def state(self, operation: Operation, now: datetime) -> str:
        """By its result."""
        if operation.outcome is not None:
            return _STATES[operation.outcome]
        return "périmée" if self.is_over(operation, now) else "page ouverte"

    def notifies(self, operation: Operation) -> bool:
        """Every result is told to who gave an address."""
        return operation.outcome is not None and "urlcl" in operation.asked

    def announce(self, operation: Operation, *, returned: bool) -> Batch | None:  # noqa: ARG002  (nobody returns)
        """What would wait for the browser's return goes at once."""
        return super().announce(operation, returned=controls.notify_of(operation).when == "after_return")

    def page(self, operation: Operation) -> str:
        """The choice of card or debit."""
        return reverse("tipi_choice", args=[operation.id])

    def rows(self, merchant: str) -> Iterable[Row]:
        """The daily return file: card payments and debits accepted, as they were asked."""
        for movement in self.movements(merchant):
            asked, local = movement.operation.asked, movement.at.astimezone(clock.PARIS)
            cells = {
                **{name: asked.get(name, "") for name in ("numcli", "exer", "refdet", "saisie")},
                "dattrans": f"{local:%d%m%Y}",
                "heurtrans": f"{local:%H%M}",
                "numauto": movement.given["numauto"],
                "resultrans": movement.outcome,
            }
            yield Row(at=movement.at, reference=asked["refdet"], amount_cents=movement.amount_cents, cells=cells)

    def write_amount(self, cents: int) -> str:
        """Cents."""
        return str(cents)


def _lied(told: Mapping[str, str], notify: Notify) -> Mapping[str, str]:
    """The fields that a false message changes."""
    match notify.lie:
        case "altered":
            return {"montant": str(int(told["montant"]) + 1)}
        case "other_reference":
            known = operations.by_key(GATEWAY.name, notify.of) if notify.of else None
            return {"refdet": known.reference if known else secrets.token_hex(len(told["refdet"]) // 2)}
        case "other_merchant":
            return {"numcli": f"{(int(told['numcli']) + 1) % 1_000_000:06d}"}
        case "other_mode":
            return {"saisie": "A" if told["saisie"] == "T" else "T"}
        case _:
            return {}


def _number(*, long: bool) -> str:
    return f"{secrets.randbelow(10**12):012d}-tip" if long else f"{secrets.randbelow(10**6):06d}"


GATEWAY = Tipi()
