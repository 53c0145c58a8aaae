"""Money brought in advance, for what is booked « prépayé » (C24)."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from preau.domain.payments.errors import PaymentError, ReceiptAddressError
from preau.domain.payments.queries.top_ups import TopUpChoice, top_up_choices
from preau.domain.payments.services.attempts import Click, new_form_key
from preau.domain.payments.services.top_ups import start_top_up
from preau.interfaces.portal.access.proof import password_proved
from preau.interfaces.portal.billing.menu import trail
from preau.interfaces.portal.payment.forms import TopUpForm
from preau.interfaces.portal.rights import FamilyRequest, family


@family
@require_http_methods(["GET", "HEAD", "POST"])
@password_proved
def top_up(request: FamilyRequest) -> HttpResponse:
    choices = top_up_choices(request.household, today=request.today)
    if request.method != "POST":
        return _page(request, choices, _blank(request, choices))
    form = TopUpForm(request.POST, choices=choices)
    if not form.is_valid():
        return _page(request, choices, form, status=422)
    wish = form.cleaned_data
    try:
        attempt = start_top_up(
            household=request.household,
            user=request.user,
            regie_id=wish["regie"],
            click=Click(wish["email"], wish["form_key"], wish["montant"]),
            by=request.actor,
        )
    except PaymentError as refusal:
        form.add_error("email" if isinstance(refusal, ReceiptAddressError) else "montant", refusal.message)
        return _page(request, choices, form, status=409)
    return redirect("portal:payment", attempt.public_id)


def _blank(request: FamilyRequest, choices: Sequence[TopUpChoice]) -> TopUpForm:
    initial = {"email": request.user.email or request.guardian.email}
    if len(choices) == 1:
        initial["regie"] = choices[0].regie.public_id
    return TopUpForm(initial=initial, choices=choices)


def _page(
    request: FamilyRequest, choices: Sequence[TopUpChoice], form: TopUpForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "choices": choices,
        "form": form,
        "form_key": new_form_key(),
        "trail": trail(("Planning", "planning"), here="Recharger"),
    }
    return render(request, "portal/payment/top_up.html", context, status=status)
