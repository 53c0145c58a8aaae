"""Booking and cancelling for a family, on its word: by telephone, at the counter (V11, U12)."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.bookings.errors import BookingError
from preau.domain.bookings.models import Booking, Enrolment
from preau.domain.bookings.queries.agents import (
    DayToBook,
    agent_proposal,
    days_to_book,
    enrolments_in,
    families_found,
    family_sheet,
    live_in,
    shares_back,
)
from preau.domain.bookings.queries.proposals import Proposal
from preau.domain.payments.errors import PaymentError
from preau.domain.payments.services.agent_bookings import Cancelled, book_for_family, cancel_for_family
from preau.foundation import clock
from preau.foundation.money import format_cents
from preau.interfaces.desk.act_forms import SearchForm
from preau.interfaces.desk.day_forms import month_around, month_named
from preau.interfaces.desk.family_booking_forms import CancelForm, FamilyBookingForm
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.desk.telling import told_words
from preau.interfaces.doors import or_404

_FORM = require_http_methods(["GET", "HEAD", "POST"])
_ABOVE = ("Réserver", "booking")
_HINT = "Numéro de dossier, nom de la famille, nom ou prénom d’un enfant."


@agent
@require_safe
def booking(request: AgentRequest) -> HttpResponse:
    """`?q=`."""
    form = SearchForm(request.GET, label="Chercher une famille", hint=_HINT)
    found = families_found(request.regie_ids, form.sought or "")
    context = {"form": form, "found": found, "sought": form.sought, "trail": trail(here="Réserver")}
    return render(request, "desk/booking.html", context)


@agent
@require_safe
def booking_family(request: AgentRequest, household_id: str) -> HttpResponse:
    with or_404():
        sheet = family_sheet(request.regie_ids, household_id=household_id, today=request.today)
    context = {"sheet": sheet, "trail": trail(_ABOVE, here=sheet.household.label)}
    return render(request, "desk/booking_family.html", context)


@agent
@_FORM
def booking_days(request: AgentRequest, enrolment_id: str) -> HttpResponse:
    """`?mois=AAAA-MM`. First sent, the days are priced and their rules told; sent again with that price, booked.

    A word too short is asked again on the priced page, which holds its field.
    """
    enrolment = _enrolment(request, enrolment_id)
    days, page = _month(request, enrolment)
    form = FamilyBookingForm(request.POST if request.method == "POST" else None, enrolment=enrolment, days=days)
    if request.method != "POST" or form.errors.keys() - {"derogation"}:
        return _days_page(request, page, form, status=422 if request.method == "POST" else 200)
    proposal = agent_proposal(enrolment, form.wanted, form.days, now=clock.now(), zone=request.town.zone)
    is_wrong = bool(form.errors or proposal.refused)
    if "confirmer" in request.POST and not is_wrong:
        return _booked(request, page, form, proposal)
    return _days_page(request, page | {"proposal": proposal}, form, status=422 if is_wrong else 200)


def _month(request: AgentRequest, enrolment: Enrolment) -> tuple[list[DayToBook], dict[str, Any]]:
    first = month_named(request.GET.get("mois"), otherwise=_first_month(enrolment, request.today))
    last, before, after = month_around(first)
    days = days_to_book(enrolment, first=first, last=last, now=clock.now(), zone=request.town.zone)
    page = {
        **_place(enrolment),
        "days": days,
        "first": first,
        "before": before if before.replace(day=28) >= enrolment.first_day.replace(day=1) else None,
        "after": after if after <= enrolment.last_day else None,
    }
    return days, page


def _place(enrolment: Enrolment) -> dict[str, Any]:
    """Where the page is, and where it leads back."""
    back = reverse("desk:booking_family", args=[enrolment.household.public_id])
    steps = trail(_ABOVE, here=f"{enrolment.child.first_name}, {enrolment.activity.name}")
    where = [*steps[:-1], (enrolment.household.label, back), steps[-1]]
    return {"enrolment": enrolment, "back": back, "trail": where}


def _first_month(enrolment: Enrolment, today: date) -> date:
    return min(max(today, enrolment.first_day), enrolment.last_day)


def _booked(request: AgentRequest, page: dict[str, Any], form: FamilyBookingForm, proposal: Proposal) -> HttpResponse:
    enrolment = page["enrolment"]
    try:
        book_for_family(enrolment=enrolment, by=request.actor, **form.said)
    except BookingError as refusal:
        past = any(change.past for change in proposal.changes)
        form.add_error("derogation" if past and not form.cleaned_data["derogation"] else None, refusal.message)
        return _days_page(request, page | {"proposal": proposal}, form, status=422)
    told = told_words(enrolment.household)
    messages.success(request, f"C’est réservé pour {enrolment.child.first_name}. {told}")
    return redirect(page["back"])


def _days_page(request: AgentRequest, page: dict[str, Any], form: FamilyBookingForm, *, status: int) -> HttpResponse:
    proposal: Proposal | None = page.get("proposal")
    context = {
        **page,
        "form": form,
        "ticked": set(request.POST.getlist("jours")),
        "key": form.key if proposal else "",
        "needs_reason": proposal is not None and any(change.past for change in proposal.changes),
    }
    return render(request, "desk/booking_days.html", context, status=status)


@agent
@_FORM
def booking_cancel(request: AgentRequest, booking_id: str) -> HttpResponse:
    with or_404():
        found = live_in(request.regie_ids).get(public_id=booking_id)
    form = CancelForm(request.POST or None, shares=shares_back(found))
    if request.method != "POST" or not form.is_valid():
        return _cancel_page(request, found, form, status=422 if request.method == "POST" else 200)
    try:
        done = cancel_for_family(regie_ids=request.regie_ids, booking_id=booking_id, **form.said, by=request.actor)
    except (BookingError, PaymentError) as refusal:
        form.add_error(None, refusal.message)
        return _cancel_page(request, found, form, status=422)
    messages.success(request, _cancelled_words(done))
    return redirect("desk:booking_family", found.household.public_id)


def _cancel_page(request: AgentRequest, found: Booking, form: CancelForm, *, status: int) -> HttpResponse:
    back = reverse("desk:booking_family", args=[found.household.public_id])
    steps = trail(_ABOVE, here="Annuler")
    where = [*steps[:-1], (found.household.label, back), steps[-1]]
    context = {"booking": found, "form": form, "back": back, "trail": where}
    return render(request, "desk/booking_cancel.html", context, status=status)


def _cancelled_words(done: Cancelled) -> str:
    said = ["C’est annulé."]
    if done.credited_cents:
        said.append(f"{format_cents(done.credited_cents)} sont à l’avoir de la famille.")
    if done.lowered_cents:
        said.append(f"{format_cents(done.lowered_cents)} ne lui sont plus demandés.")
    said.append(
        "Elle est prévenue par e-mail." if done.is_told else "Elle n’a pas d’adresse e-mail\u202f: téléphonez-lui."
    )
    return " ".join(said)


def _enrolment(request: AgentRequest, enrolment_id: str) -> Enrolment:
    with or_404():
        return enrolments_in(request.regie_ids).prefetch_related("activity__units").get(public_id=enrolment_id)
