"""The waiting list of a full day, and the places that it offers."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from preau.domain.bookings.errors import BookingError, WaitingRefusedError
from preau.domain.bookings.queries.waiting import day_to_wait_for
from preau.domain.bookings.services.waiting import join_waiting_list, leave_waiting_list
from preau.domain.payments.errors import PaymentError
from preau.domain.payments.services.holds import answer_offer
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.menu import trail
from preau.interfaces.portal.planning.forms import WaitForm
from preau.interfaces.portal.rights import FamilyRequest, family


@family
@require_http_methods(["GET", "POST"])
def waiting_join(request: FamilyRequest) -> HttpResponse:
    """Say what waiting means, then put the child on the list."""
    form = WaitForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _nothing_to_wait_for(request)
    return _join(request, form) if request.method == "POST" else _explain(request, form)


def _nothing_to_wait_for(request: FamilyRequest) -> HttpResponse:
    messages.error(request, "Choisissez d’abord un jour complet dans le planning.")
    return redirect("portal:planning")


def _explain(request: FamilyRequest, form: WaitForm) -> HttpResponse:
    with or_404():
        seen = day_to_wait_for(household=request.household, **form.wanted)
    context = {"seen": seen, "trail": trail(("Planning", "planning"), here="Liste d’attente")}
    return render(request, "portal/planning/waiting.html", context)


def _join(request: FamilyRequest, form: WaitForm) -> HttpResponse:
    asked = form.cleaned_data
    try:
        with or_404():
            join_waiting_list(household=request.household, **form.wanted)
    except WaitingRefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "C’est noté\u202f: si une place se libère, vous recevez un e-mail.")
    return redirect(_back(asked))


def _back(asked: dict[str, object]) -> str:
    return f"{reverse('portal:planning')}?{urlencode({'enfant': asked['enfant'], 'jour': asked['jour']})}"


@family
@require_POST
def waiting_leave(request: FamilyRequest, entry_id: str) -> HttpResponse:
    if not leave_waiting_list(household=request.household, entry_id=entry_id):
        raise Http404("no such entry")
    messages.success(request, "Vous n’êtes plus sur la liste d’attente de ce jour.")
    return redirect("portal:planning")


@family
@require_POST
def offer_answer(request: FamilyRequest, order_id: str) -> HttpResponse:
    """« Prendre la place » or « Laisser »."""
    accepts = request.POST.get("reponse") == "prendre"
    try:
        with or_404():
            order = answer_offer(
                household=request.household, user=request.user, order_id=order_id, accepts=accepts, by=request.actor
            )
    except (BookingError, PaymentError) as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:planning_summary")
    messages.success(request, _answered(accepts=accepts, is_open=order.ended_at is None))
    return redirect("portal:planning_summary")


def _answered(*, accepts: bool, is_open: bool) -> str:
    if not accepts:
        return "La place est laissée à la famille suivante."
    return "La place est à vous dès que vous l’aurez payée." if is_open else "La place est réservée."
