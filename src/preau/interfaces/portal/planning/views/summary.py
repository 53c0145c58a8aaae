"""The summary: hold what was chosen, pay it, give it up, ask for more time (C34–C39)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.domain.bookings.errors import BookingError
from preau.domain.payments.errors import PaymentError, ReceiptAddressError
from preau.domain.payments.services.attempts import Click
from preau.domain.payments.services.holds import drop_bookings, erase_choices, give_more_time
from preau.domain.payments.services.orders import pay_orders
from preau.interfaces.portal.access.proof import password_proved
from preau.interfaces.portal.billing.menu import trail
from preau.interfaces.portal.payment.forms import PayForm
from preau.interfaces.portal.planning.drafting import keep_choices
from preau.interfaces.portal.planning.pages import editing_page
from preau.interfaces.portal.planning.saving import save_draft
from preau.interfaces.portal.planning.summaries import summary_page
from preau.interfaces.portal.planning.where import where_of
from preau.interfaces.portal.rights import FamilyRequest, family


@family
@require_GET
def planning_summary(request: FamilyRequest) -> HttpResponse:
    return summary_page(request)


@family
@require_POST
def planning_save(request: FamilyRequest) -> HttpResponse:
    """« Valider et terminer »: keep the boxes of the page when it sends some, then save the whole draft (C34)."""
    if "montrees" in request.POST:
        where = where_of(request.POST, today=request.today)
        posted = keep_choices(request, where)
        if posted.faults or posted.refused:
            return editing_page(request, where, posted=posted, status=422)
    return save_draft(request)


@family
@require_POST
@password_proved
def planning_pay(request: FamilyRequest) -> HttpResponse:
    form = PayForm(request.POST)
    if not form.is_valid():
        return summary_page(request, form=form, status=422)
    wish = form.cleaned_data
    click = Click(wish["email"], wish["form_key"], wish["shown_cents"], wish["checkout"])
    try:
        attempt = pay_orders(household=request.household, user=request.user, click=click, by=request.actor)
    except (BookingError, PaymentError) as refusal:
        form.add_error("email" if isinstance(refusal, ReceiptAddressError) else None, refusal.message)
        return summary_page(request, form=form, status=409)
    return _confirmed(request) if attempt is None else redirect("portal:payment", attempt.public_id)


def _confirmed(request: FamilyRequest) -> HttpResponse:
    messages.success(request, "C’est enregistré. Un e-mail vous en donne la liste.")
    return redirect("portal:planning")


@family
@require_http_methods(["GET", "POST"])
def planning_drop(request: FamilyRequest) -> HttpResponse:
    """« Tout supprimer », after a question; « Modifier » gives the places back and keeps the choices (C38)."""
    if request.method == "GET":
        context = {
            "trail": trail(("Planning", "planning"), ("Récapitulatif", "planning_summary"), here="Tout supprimer")
        }
        return render(request, "portal/planning/dropping.html", context)
    return _keep(request) if request.POST.get("garder") else _erase(request)


def _keep(request: FamilyRequest) -> HttpResponse:
    try:
        drop_bookings(household=request.household, keeps_for=request.user, by=request.actor)
    except (BookingError, PaymentError) as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:planning_summary")
    messages.info(request, "Les places ne sont plus gardées. Vos choix sont ici, à modifier puis à valider.")
    return redirect(reverse("portal:planning_edit"))


def _erase(request: FamilyRequest) -> HttpResponse:
    try:
        erase_choices(household=request.household, user=request.user, by=request.actor)
    except (BookingError, PaymentError) as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:planning_summary")
    messages.success(request, "Vos modifications sont effacées et les places rendues.")
    return redirect("portal:planning")


@family
@require_POST
def planning_extend(request: FamilyRequest) -> HttpResponse:
    try:
        give_more_time(household=request.household)
    except BookingError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Le délai pour payer est prolongé.")
    return redirect("portal:planning_summary")
