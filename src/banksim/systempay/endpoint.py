"""The one address of the service: the form of the merchant."""

import threading
from collections.abc import Mapping
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from banksim import journal, operations, pages
from banksim.operations import Operation
from banksim.systempay import order, signature
from banksim.systempay.gateway import GATEWAY
from banksim.systempay.order import ALREADY_USED, RefusedFormError, check

#: Two forms of the same number at the same instant: one is refused.
_one_at_a_time = threading.Lock()
_DAY = len("20250901")


def form(request: HttpRequest) -> HttpResponse:
    """The signed form, posted by the payer's browser: its number serves once a day."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    fields = dict(pairs)
    try:
        account = check(pairs, {account.number: account for account in GATEWAY.accounts()})
        with _one_at_a_time:
            operation = _opened(fields, account)
    except RefusedFormError as error:
        title = f"Erreur {error.number}"
        answer = pages.refused(request, GATEWAY, code=error.number, title=title, why=str(error))
        _tell(request, fields, answer, f"{error.number} : {error}")
        return answer
    opened = pages.to_step(operation, "card")
    _tell(request, fields, opened, "signature juste")
    return opened


def _opened(fields: Mapping[str, str], account: order.Account) -> Operation:
    day, number = fields["vads_trans_date"][:_DAY], fields["vads_trans_id"]
    for other in operations.listed(GATEWAY.name, limit=-1):
        used = (other.merchant, other.asked["vads_trans_date"][:_DAY], other.asked["vads_trans_id"])
        if used == (account.number, day, number):
            raise RefusedFormError(ALREADY_USED, f"vads_trans_id {number} a déjà servi le {day} (jour UTC)")
    name = order.reference(fields)
    cents = int(fields["vads_amount"])
    return GATEWAY.open(key=name, merchant=account.number, reference=name, cents=cents, asked=fields)


def _tell(request: HttpRequest, fields: Mapping[str, str], answer: HttpResponse, verdict: str) -> None:
    journal.record(
        journal.Entry(
            gateway=GATEWAY.name,
            direction="received",
            operation="formulaire",
            reference=order.reference(fields),
            method="POST",
            address=request.path,
            sent=request.body.decode("utf-8", "replace"),
            status=answer.status_code,
            signed=signature.text(fields, f"(clé {fields.get('vads_ctx_mode', '?')})"),
            verdict=verdict,
        )
    )
