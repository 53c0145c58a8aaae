"""From the portal to the gateway's pages, in the same tab (A17–A19)."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from preau.domain.payments.errors import PaymentError
from preau.domain.payments.gateway import Redirect
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.queries.attempts import attempts_of, page_origins
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.states import AttemptState
from preau.interfaces.portal.rights import FamilyRequest, family
from preau.interfaces.portal.waiting_room.doors import never_waits


@never_waits
@family
@require_GET
def payment(request: FamilyRequest, attempt_id: str) -> HttpResponse:
    """The preparation page, then, once the payer was sent to the bank, where the payment stands."""
    attempt = get_object_or_404(attempts_of(request.household), public_id=attempt_id)
    if attempt.state not in {AttemptState.PREPARED, AttemptState.SENT, AttemptState.UNKNOWN}:
        return redirect("portal:payment_result", attempt.return_token)
    prepared = attempt.state == AttemptState.PREPARED
    template = "portal/payment/preparation.html" if prepared else "portal/payment/under_way.html"
    can_reopen = attempt.window_ends_at is not None and request.town_now < attempt.window_ends_at
    response = render(request, template, {"attempt": attempt, "can_reopen": can_reopen})
    return _may_leave(response, attempt)


@never_waits
@family
@require_POST
def payment_send(request: FamilyRequest, attempt_id: str) -> HttpResponse:
    """Open the operation and go there; a second click goes to the same place or waits for the first."""
    attempt = get_object_or_404(attempts_of(request.household), public_id=attempt_id)
    try:
        there = send_attempt(attempt=attempt, link_for=addresses_of, by=request.actor)
    except PaymentError as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:basket")
    if there is None:
        return redirect("portal:payment", attempt.public_id)
    if there.fields:
        return _form_page(request, attempt, there)
    return HttpResponseRedirect(there.url, status=303)


def _form_page(request: FamilyRequest, attempt: PaymentAttempt, there: Redirect) -> HttpResponse:
    """The form that the browser posts to the bank, by itself or by its button."""
    response = render(request, "portal/payment/to_bank.html", {"attempt": attempt, "there": there})
    # Signed values and a name: nobody finds them by going back on a shared computer.
    response["Cache-Control"] = "no-store"
    return _may_leave(response, attempt)


def _may_leave(response: HttpResponse, attempt: PaymentAttempt) -> HttpResponse:
    """Let the page's forms lead to the bank, and to nobody else."""
    response._csp_update = {"form-action": page_origins(attempt)}  # type: ignore[attr-defined]  # noqa: SLF001
    return response


@never_waits
@family
@require_POST
def payment_cancel(request: FamilyRequest, attempt_id: str) -> HttpResponse:
    """Stop waiting: the invoices are free again at once (9.4); what ended meanwhile shows its result."""
    attempt = get_object_or_404(attempts_of(request.household), public_id=attempt_id)
    if cancel_attempt(attempt=attempt, by=request.actor):
        messages.success(request, "Le paiement est annulé. Vos factures sont de nouveau à payer.")
        return redirect("portal:basket")
    return redirect("portal:payment_result", attempt.return_token)


def addresses_of(attempt: PaymentAttempt) -> tuple[str, str]:
    """Where the gateway notifies and where it sends the browser back, built from the settings alone (W5)."""
    token = attempt.return_token
    notification = reverse("webhooks:notification", args=[attempt.contract.gateway, token])
    back = reverse("portal:payment_return", args=[token])
    return settings.PREAU_PUBLIC_URL + notification, settings.PREAU_PUBLIC_URL + back
