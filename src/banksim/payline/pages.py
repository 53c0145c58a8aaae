"""The page of the `redirectURL`: the token opens the common steps, as often as the payer likes."""

from django.http import HttpRequest, HttpResponseBase

from banksim import operations, pages
from banksim.payline.gateway import GATEWAY


def entry(request: HttpRequest) -> HttpResponseBase:
    """`?token=`: the card form, or how the payment ended."""
    operation = operations.by_key(GATEWAY.name, request.GET.get("token", ""))
    if operation is None:
        why = "ce jeton n’a pas été rendu par doWebPayment"
        return pages.refused(request, GATEWAY, code="token", title="Cette page de paiement n’existe pas", why=why)
    return pages.to_step(operation, "card")
