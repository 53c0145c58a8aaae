"""What a régie owes the family, and the invoice on which the family chooses to use it (payment-gateways 9.5)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.payments.errors import CreditRefusedError
from preau.domain.payments.queries.aftermath import credit_offer
from preau.domain.payments.queries.aftermath import credit_page as found_credit
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.credits import use_credit
from preau.foundation.money import format_cents
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.forms import CreditForm
from preau.interfaces.portal.billing.menu import billing_menu, trail
from preau.interfaces.portal.rights import FamilyRequest, family

_STALE = "Cette page n’est plus à jour\u202f: rien n’a été utilisé. Vérifiez, puis recommencez."


@family
@require_safe
def credit(request: FamilyRequest, regie_id: str) -> HttpResponse:
    """The credit in one régie, and the invoices that it may settle."""
    with or_404():
        page = found_credit(request.household, regie_id=regie_id)
    context = {
        "page": page,
        "menu": billing_menu("accounts"),
        "trail": trail(("Mes comptes", "accounts"), here="Mon avoir"),
    }
    return render(request, "portal/billing/credit.html", context)


@family
@require_http_methods(["GET", "HEAD", "POST"])
def invoice_credit(request: FamilyRequest, public_id: str) -> HttpResponse:
    """What using it would do; sent, it is used."""
    return _use(request, public_id) if request.method == "POST" else _page(request, public_id)


def _use(request: FamilyRequest, public_id: str) -> HttpResponse:
    form = CreditForm(request.POST)
    if not form.is_valid():
        return _page(request, public_id, refusal=_STALE, status=422)
    who: dict[str, Any] = {"household": request.household, "user": request.user, "by": request.actor}
    try:
        with or_404():
            use = use_credit(invoice_id=public_id, **who, **form.cleaned_data)
    except CreditRefusedError as refused:
        return _page(request, public_id, refusal=refused.message, status=409)
    messages.success(request, f"{format_cents(use.amount_cents)} de votre avoir ont été utilisés sur cette facture.")
    return redirect("portal:invoice", public_id)


def _page(request: FamilyRequest, public_id: str, *, refusal: str = "", status: int = 200) -> HttpResponse:
    with or_404():
        offer = credit_offer(request.household, invoice_id=public_id)
    context = {
        "offer": offer,
        "refusal": refusal,
        "form_key": new_form_key(),
        "menu": billing_menu("invoices"),
        "trail": trail(("Facturation", "invoices"), here="Utiliser mon avoir"),
    }
    return render(request, "portal/billing/invoice_credit.html", context, status=status)
