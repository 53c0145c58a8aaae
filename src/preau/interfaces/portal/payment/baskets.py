"""The basket: what is paid, to whom, where the receipt goes (V21–V24, L18, L30)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from preau.domain.payments.errors import PaymentError, ReceiptAddressError
from preau.domain.payments.queries.baskets import basket_of
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.baskets import add_to_basket, remove_from_basket, set_part
from preau.interfaces.doors import or_404
from preau.interfaces.portal.access.proof import password_proved
from preau.interfaces.portal.payment.forms import PartForm, PayForm, chosen_invoices
from preau.interfaces.portal.rights import FamilyRequest, family


@family
@require_GET
def basket(request: FamilyRequest) -> HttpResponse:
    return _page(request)


@family
@require_POST
def basket_add(request: FamilyRequest) -> HttpResponse:
    added = add_to_basket(
        user=request.user,
        household=request.household,
        invoice_ids=chosen_invoices(request.POST),
    )
    if not added:
        messages.error(request, "Cochez d’abord au moins une facture à payer.")
        return redirect("portal:invoices")
    return redirect("portal:basket")


@family
@require_POST
def basket_remove(request: FamilyRequest) -> HttpResponse:
    removed = [remove_from_basket(user=request.user, invoice_id=chosen) for chosen in chosen_invoices(request.POST)]
    if any(removed):
        messages.success(request, "La facture a été retirée du panier. Elle reste à payer.")
    return redirect("portal:basket")


@family
@require_POST
def basket_part(request: FamilyRequest) -> HttpResponse:
    form = PartForm(request.POST)
    if form.is_valid():
        invoice_id, cents = form.cleaned_data["facture"], form.cleaned_data["montant"]
        try:
            with or_404():
                set_part(user=request.user, invoice_id=invoice_id, amount_cents=cents)
        except PaymentError as refusal:
            form.add_error("montant", refusal.message)
        else:
            return redirect("portal:basket")
    return _page(request, part=form, status=422)


@family
@require_POST
@password_proved
def basket_pay(request: FamilyRequest) -> HttpResponse:
    form = PayForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    wish = form.cleaned_data
    try:
        attempt = start_payment(
            household=request.household,
            user=request.user,
            receipt_email=wish["email"],
            form_key=wish["form_key"],
            shown_cents=wish["shown_cents"],
            checkout_id=wish["checkout"],
            by=request.actor,
        )
    except PaymentError as refusal:
        form.add_error("email" if isinstance(refusal, ReceiptAddressError) else None, refusal.message)
        return _page(request, form=form, status=409)
    return redirect("portal:payment", attempt.public_id)


def _page(
    request: FamilyRequest,
    *,
    form: PayForm | None = None,
    part: PartForm | None = None,
    status: int = 200,
) -> HttpResponse:
    chosen = basket_of(user=request.user, household=request.household, today=request.today)
    context: dict[str, Any] = {
        "basket": chosen,
        "form": form or PayForm(initial={"email": request.user.email or request.guardian.email}),
        # A page's next click is a new wish, at the amount this page shows.
        "form_key": new_form_key(),
        "part": part,
        "crumbs": [("Accueil", "/accueil/"), ("Facturation", "/factures/"), ("Panier", "")],
    }
    return render(request, "portal/payment/basket.html", context, status=status)
