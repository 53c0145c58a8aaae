"""Coming back from the gateway: nothing the browser brings is believed, the gateway is asked (N11, L34, U8)."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from preau.domain.payments.gateway import Message
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.queries.attempts import Outcome, outcome_of
from preau.domain.payments.queries.baskets import Basket, basket_of
from preau.domain.payments.queries.summaries import booked_by
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.inbox import MAX_BODY, payer_returned
from preau.interfaces.doors import TownRequest
from preau.interfaces.network import address_of, body_of
from preau.interfaces.portal.rights import FamilyRequest, public
from preau.interfaces.portal.waiting_room.doors import never_waits


@csrf_exempt
@never_waits
@public
@require_http_methods(["GET", "POST"])
def payment_return(request: TownRequest, token: str) -> HttpResponse:
    """The payer is back, with or without a session, by GET or POST: keep the message, ask the bank, show the result."""
    body = body_of(request, most=MAX_BODY)
    if body is None:
        return HttpResponse(status=413)
    payer_returned(
        return_token=token,
        method=request.method or "",
        message=Message(
            query=request.META.get("QUERY_STRING", ""),
            body=body,
            content_type=request.content_type or "",
        ),
        source_address=address_of(request),
    )
    return HttpResponseRedirect(reverse("portal:payment_result", args=[token]), status=303)


@never_waits
@public
@require_GET
def payment_result(request: FamilyRequest, token: str) -> HttpResponse:
    """Success, refusal, abandonment or waiting; without the family's session, no name and no detail (S32)."""
    outcome = _outcome(token)
    if not _is_theirs(request, outcome.attempt):
        return render(request, "portal/payment/result_neutral.html", {"outcome": outcome})
    context = {
        "outcome": outcome,
        "rest": _rest(request, outcome.attempt),
        "booked": booked_by(outcome.attempt) if outcome.is_paid else [],
        "form_key": new_form_key(),
    }
    return render(request, "portal/payment/result.html", context)


@never_waits
@public
@require_GET
def payment_status(request: TownRequest, token: str) -> HttpResponse:
    """Asked by the waiting page: 205 once there is something new to show, else the sentence to keep showing."""
    outcome = _outcome(token)
    if outcome.is_waiting:
        return render(request, "portal/payment/waiting.html", {"outcome": outcome})
    return HttpResponse(status=205)


def _outcome(token: str) -> Outcome:
    outcome = outcome_of(token)
    if outcome is None:
        raise Http404("no such payment")
    return outcome


def _rest(request: FamilyRequest, attempt: PaymentAttempt) -> Basket:
    """What the payer may go on with; another adult's basket is no part of it, nor would its receipt reach them."""
    if attempt.checkout.user_id != request.user.id:
        return Basket(())
    return basket_of(user=request.user, household=request.household, today=request.today)


def _is_theirs(request: FamilyRequest, attempt: PaymentAttempt) -> bool:
    """Whether the session belongs to the family that pays."""
    household = getattr(request, "household", None)
    return household is not None and household.id == attempt.household_id
