"""Past invoices: the last months, and the archives."""

from django.http import HttpResponse
from django.shortcuts import render

from preau.domain.payments.queries.invoices import archives as archived
from preau.domain.payments.queries.invoices import history as recent
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.menu import billing_menu, trail
from preau.interfaces.portal.rights import FamilyRequest, family


@family
def history(request: FamilyRequest) -> HttpResponse:
    """Invoices of the last months, by month (A23, A24, A25); `?regie=` and `?page=`."""
    regie_id, page, months = request.GET.get("regie", ""), request.GET.get("page", ""), request.town.history_months
    with or_404():
        seen = recent(request.household, today=request.today, months=months, regie_id=regie_id, page=page)
    context = {
        "seen": seen,
        "menu": billing_menu("history"),
        "trail": trail(("Facturation", "invoices"), here="Historique"),
    }
    return render(request, "portal/billing/history.html", context)


@family
def archives(request: FamilyRequest) -> HttpResponse:
    """Everything with nothing more to pay here, since ever (V03, V09, V10); `?regie=` and `?page=`."""
    regie_id, page = request.GET.get("regie", ""), request.GET.get("page", "")
    with or_404():
        seen = archived(request.household, today=request.today, regie_id=regie_id, page=page)
    context = {
        "seen": seen,
        "menu": billing_menu("archives"),
        "trail": trail(("Facturation", "invoices"), here="Archives"),
    }
    return render(request, "portal/billing/archives.html", context)
