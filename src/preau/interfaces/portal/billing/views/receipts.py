"""The family's receipts, kept for ever (S29)."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from preau.domain.payments.queries.aftermath import reversals_of
from preau.domain.payments.queries.attempts import receipts_of
from preau.domain.payments.queries.receipts import receipt_of
from preau.domain.payments.receipts import receipt_document
from preau.interfaces.documents import document
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.menu import billing_menu, trail
from preau.interfaces.portal.rights import FamilyRequest, family

RECEIPTS_PER_PAGE = 25


@family
def receipts(request: FamilyRequest) -> HttpResponse:
    page = Paginator(receipts_of(request.household), RECEIPTS_PER_PAGE).get_page(request.GET.get("page"))
    gone = reversals_of(page)
    context = {
        "page": page,
        "entries": [(receipt, gone.get(receipt.id, [])) for receipt in page],
        "menu": billing_menu("receipts"),
        "trail": trail(("Facturation", "invoices"), here="Mes reçus"),
    }
    return render(request, "portal/billing/receipts.html", context)


@family
def receipt_pdf(request: FamilyRequest, code: str) -> HttpResponse:
    """The ticket, drawn the first time it is asked for."""
    with or_404():
        receipt = receipt_of(request.household, code=code)
    return document(receipt_document(receipt).file)
