"""Invoices to pay, one invoice, its PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from preau.domain.billing.queries import invoice_of
from preau.domain.payments.queries.invoices import invoice_sheet
from preau.domain.payments.queries.to_pay import to_pay
from preau.domain.town.models import TownService
from preau.interfaces.documents import document
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.menu import billing_menu, trail
from preau.interfaces.portal.rights import FamilyRequest, family


@family
def invoices(request: FamilyRequest) -> HttpResponse:
    """What the family chooses to pay; `?regie=` keeps one régie, `?depuis=comptes` comes from its account (S24)."""
    regie_id = request.GET.get("regie", "")
    with or_404():
        page = to_pay(user=request.user, household=request.household, today=request.today, regie_id=regie_id)
    above = ("Mes comptes", "accounts") if request.GET.get("depuis") == "comptes" else ("Facturation", "invoices")
    count = sum(choice.tally.count for choice in page.choices)
    context = {
        "page": page,
        "menu": billing_menu("invoices", to_pay=count or None),
        "trail": trail(above, here="Payer"),
    }
    return render(request, "portal/billing/invoices.html", context)


@family
def invoice(request: FamilyRequest, public_id: str) -> HttpResponse:
    with or_404():
        sheet = invoice_sheet(request.household, public_id=public_id, today=request.today)
    context = {
        "sheet": sheet,
        "menu": billing_menu(""),
        "trail": trail(("Facturation", "invoices"), here=f"Facture {sheet.invoice.number}"),
    }
    return render(request, "portal/billing/invoice.html", context)


@family
def invoice_pdf(request: FamilyRequest, public_id: str) -> HttpResponse:
    """The PDF, found by the invoice's opaque id only: no name of a file ever comes from an address (F3)."""
    with or_404():
        pdf = invoice_of(request.household, public_id=public_id).pdf
    if pdf is None:
        raise Http404
    return document(pdf)


@family
def direct_debits(request: FamilyRequest) -> HttpResponse:
    context = {
        "services": TownService.objects.all(),
        "menu": billing_menu("direct_debits"),
        "trail": trail(("Facturation", "invoices"), here="Mes prélèvements"),
    }
    return render(request, "portal/billing/direct_debits.html", context)
