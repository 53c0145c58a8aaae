"""How an operation ends, and how the merchant hears of it."""

import secrets
import uuid
from concurrent.futures import Future
from urllib.parse import urlencode, urlsplit, urlunsplit

from banksim import clock, controls, journal, notifier
from banksim.payfip import life, records
from banksim.payfip.records import Payment

#: P card, V debit, R card refused, Z debit refused, A abandoned; "none" leaves the operation as it is.
RESULTS = ("P", "V", "R", "Z", "A")
#: What the browser page waits for a notification that must come before the return.
_BEFORE_RETURN_SECONDS = 25

#: How a notification may be false: fields that the service's own never has.
LIES = frozenset({"forged"})
_FORGED = {"resultrans": "P", "montant": "100"}

Batch = Future[list[notifier.Delivery]]


def decide(payment: Payment, outcome: str, *, replace: bool = True) -> tuple[Payment, bool]:
    """Write the result. A later one replaces it: after A the payer may come back, and P twice is two debits (G7).

    Gives the operation and whether this call wrote its result. With `replace=False`, as on the payment
    pages, only nothing or an abandonment is replaced.

    Raises:
        FunctionalError: P1, the operation was purged.
    """
    life.check_known(payment, clock.now())
    if outcome == "none":
        _tell(payment, "le payeur n’a rien décidé")
        return payment, False
    number = _authorisation(payment, outcome)
    written = records.conclude(payment.idop, result=outcome, at=clock.now(), numauto=number, replace=replace)
    ended = records.payment(idop=payment.idop) or payment
    was = "" if payment.result is None else f", remplace {payment.result}"
    _tell(ended, f"{outcome}{was}" if written else f"{outcome} ignoré : déjà {ended.result}")
    return ended, written


def _authorisation(payment: Payment, outcome: str) -> str | None:
    """Absent when refused or abandoned; 16 characters in test mode and for debits, else 6 digits."""
    if outcome not in {"P", "V"}:
        return None
    if payment.saisie == "T" or outcome == "V":
        return f"{secrets.randbelow(10**12):012d}-tip"
    return f"{secrets.randbelow(10**6):06d}"


def announce(payment: Payment, *, returned: bool) -> Batch | None:
    """Notify if the moment has come: at once when the result falls, or once the browser has returned."""
    notify = controls.notify_of(payment)
    if notify.when == "never" or (notify.when == "after_return") != returned:
        return None
    batch = send_notification(payment, notify)
    if notify.when == "before_return":
        batch.result(_BEFORE_RETURN_SECONDS)
    return batch


def send_notification(payment: Payment, notify: controls.Notify) -> Batch:
    """Notify now, this way, whatever the moment."""
    if notify.shift_seconds:
        clock.shift(notify.shift_seconds)
    identifier = payment.idop if notify.identifier == "own" else str(uuid.uuid4())
    call = notifier.Call(
        gateway="payfip",
        operation="notification",
        reference=payment.idop,
        address=payment.urlnotif,
        fields={notify.parameter: identifier, **(_FORGED if notify.lie == "forged" else {}), **notify.extra},
        method=notify.method or "POST",
    )
    return notifier.launch([call] * notify.copies, parallel=notify.parallel, delay_seconds=notify.delay_seconds)


def return_address(payment: Payment) -> str:
    """Where the browser goes back: `urlredirect` with `idop` added to its query."""
    parts = urlsplit(payment.urlredirect)
    query = urlencode(return_fields(payment))
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


def return_fields(payment: Payment) -> dict[str, str]:
    """What the browser brings back."""
    if controls.return_of(payment) == "altered":
        return {"idop": str(uuid.uuid4()), "resultrans": "P", "montant": "100"}
    return {"idop": payment.idop}


def play_return(payment: Payment) -> Batch | None:
    """Come back without a browser: no cookie, no session."""
    mode = controls.return_of(payment)
    if mode == "none":
        return None
    call = notifier.Call(
        gateway="payfip",
        operation="retour",
        reference=payment.idop,
        address=payment.urlredirect,
        fields=return_fields(payment),
        method="POST" if mode == "post" else "GET",
    )
    return notifier.launch([call] * (2 if mode == "duplicated" else 1))


def play_second_return(payment: Payment) -> Batch:
    """The other request of a duplicated return; the browser makes the first."""
    return notifier.launch(
        [
            notifier.Call(
                gateway="payfip",
                operation="retour en double",
                reference=payment.idop,
                address=payment.urlredirect,
                fields=return_fields(payment),
                method="GET",
            )
        ]
    )


def _tell(payment: Payment, verdict: str) -> None:
    journal.record(
        journal.Entry(
            gateway="payfip", direction="received", operation="résultat", reference=payment.idop, verdict=verdict
        )
    )


def with_controls(payment: Payment, **chosen: object) -> Payment:
    """The same operation with controls of its own."""
    return records.change(payment.idop, **chosen) if chosen else payment
