"""What a régie owes the family, and the invoice on which the family chooses to use it (payment-gateways 9.5)."""

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
    form = CreditForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        refusal = _STALE if request.method == "POST" else ""
        return _page(request, public_id, refusal=refusal, status=422 if refusal else 200)
    try:
        with or_404():
            use = use_credit(
                household=request.household,
                user=request.user,
                invoice_id=public_id,
                by=request.actor,
                **form.cleaned_data,
            )
    except CreditRefusedError as refused:
        return _page(request, public_id, refusal=refused.message, status=409)
    messages.success(request, f"{format_cents(use.amount_cents)} de votre avoir ont été utilisés sur cette facture.")
    return redirect("portal:invoice", public_id)


def _page(request: FamilyRequest, public_id: str, *, refusal: str, status: int) -> HttpResponse:
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
