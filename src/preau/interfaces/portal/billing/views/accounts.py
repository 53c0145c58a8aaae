"""The family's accounts, régie by régie, and their statements."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from preau.domain.payments.queries.overview import accounts_of, family_statement
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.menu import billing_menu, trail
from preau.interfaces.portal.rights import FamilyRequest, family

ACCOUNTS_PER_PAGE = 10
MOVEMENTS_PER_PAGE = 25


@family
def accounts(request: FamilyRequest) -> HttpResponse:
    """One line per régie: balance, its date, its state; choose one to see its invoices (S20–S23)."""
    found = accounts_of(user=request.user, household=request.household, today=request.today)
    context = {
        "page": Paginator(found, ACCOUNTS_PER_PAGE).get_page(request.GET.get("page")),
        "menu": billing_menu("accounts"),
        "trail": trail(here="Mes comptes"),
    }
    return render(request, "portal/billing/accounts.html", context)


@family
def statement(request: FamilyRequest, regie_id: str) -> HttpResponse:
    """Every debit and credit with the running balance, most recent first (C17)."""
    with or_404():
        found = family_statement(request.household, regie_id=regie_id)
    context = {
        "statement": found,
        "page": Paginator(found.movements, MOVEMENTS_PER_PAGE).get_page(request.GET.get("page")),
        "menu": billing_menu("accounts"),
        "trail": trail(("Mes comptes", "accounts"), here="Relevé"),
    }
    return render(request, "portal/billing/statement.html", context)
