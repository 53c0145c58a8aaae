"""Places: what is taken day by day, capacity changed, closed days still booked (U4)."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.activities.models import Activity
from preau.domain.bookings.errors import BookingError
from preau.domain.bookings.queries.month_of_places import (
    activities_with_places,
    activity_of,
    counts_of,
    month_of_places,
)
from preau.domain.bookings.services.agents import change_capacity
from preau.domain.payments.queries.closed_days import closed_but_booked, closing_reason, families_of_day
from preau.domain.payments.services.agent_bookings import AT_ONCE, ClosedDayDone, cancel_closed_day
from preau.foundation import french
from preau.interfaces.desk.day_forms import day_named, month_around, month_named
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.occupancy import occupancy_of
from preau.interfaces.desk.places_forms import CapacityForm, CloseForm
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404

_FORM = require_http_methods(["GET", "HEAD", "POST"])
_ABOVE = ("Places", "places")


@agent
@require_safe
def places(request: AgentRequest) -> HttpResponse:
    """Activities of the agent's régies, and the closed days that still hold bookings."""
    zone, today = request.town.zone, request.today
    context = {
        "rows": activities_with_places(request.regie_ids, today=today),
        "closed": closed_but_booked(request.regie_ids, today=today, zone=zone),
        "trail": trail(here="Places"),
    }
    return render(request, "desk/places.html", context)


@agent
@_FORM
def places_of_activity(request: AgentRequest, activity_id: str) -> HttpResponse:
    """`?mois=AAAA-MM`, `?compte=`; what is sent changes the capacity of a stretch of days."""
    activity = _activity(request, activity_id)
    today = request.today
    form = CapacityForm(request.POST or None, activity=activity, counts=counts_of(activity), today=today)
    if request.method != "POST" or not form.is_valid():
        return _month(request, activity, form, status=422 if request.method == "POST" else 200)
    try:
        days = _changed(request, activity, form)
    except BookingError as refusal:
        form.add_error("du", refusal.message)
        return _month(request, activity, form, status=422)
    messages.success(request, f"C’est changé pour {days} jour{'s' if days > 1 else ''}.")
    first = form.cleaned_data["du"]
    return redirect(f"{request.path}?mois={first:%Y-%m}&compte={form.cleaned_data['compte']}")


def _changed(request: AgentRequest, activity: Activity, form: CapacityForm) -> int:
    return change_capacity(
        activity=activity,
        group=form.count.group,
        first=form.cleaned_data["du"],
        last=form.cleaned_data["au"],
        parts=[form.count.part],
        capacity=form.cleaned_data["places"],
        by=request.actor,
    )


def _month(request: AgentRequest, activity: Activity, form: CapacityForm, *, status: int) -> HttpResponse:
    zone, today = request.town.zone, request.today
    first = month_named(request.GET.get("mois"), otherwise=min(max(today, activity.first_day), activity.last_day))
    last, before, after = month_around(first)
    chosen = form.rank_of(request.GET.get("compte", ""))
    seen = month_of_places(activity, first=first, last=last, chosen=chosen, today=today, zone=zone)
    drawing = occupancy_of(seen.open_days) if seen.shown else None
    context = {"activity": activity, "seen": seen, "drawing": drawing, "chosen": chosen, "form": form}
    context |= {"first": first, "before": before, "after": after, "trail": trail(_ABOVE, here=activity.name)}
    return render(request, "desk/places_activity.html", context, status=status)


@agent
@_FORM
def places_closed(request: AgentRequest, activity_id: str) -> HttpResponse:
    """`?jour=AAAA-MM-JJ`: the families of a closed day; what is sent cancels their bookings and tells them."""
    activity = _activity(request, activity_id)
    day = day_named(request.GET.get("jour"), otherwise=request.today)
    form = CloseForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _closed(request, activity, day, form, status=422 if request.method == "POST" else 200)
    try:
        done = cancel_closed_day(activity=activity, day=day, reason=form.cleaned_data["raison"], by=request.actor)
    except BookingError as refusal:
        form.add_error(None, refusal.message)
        return _closed(request, activity, day, form, status=422)
    return _told(request, done)


def _closed(request: AgentRequest, activity: Activity, day: date, form: CloseForm, *, status: int) -> HttpResponse:
    context = {
        "activity": activity,
        "day": day,
        "reason": closing_reason(activity, day, zone=request.town.zone),
        "families": families_of_day(activity, day),
        "form": form,
        "at_once": AT_ONCE,
        "trail": trail(_ABOVE, here=french.weekday_and_day(day)),
    }
    return render(request, "desk/places_closed.html", context, status=status)


def _told(request: AgentRequest, done: ClosedDayDone) -> HttpResponse:
    plural = "s" if done.families > 1 else ""
    messages.success(request, f"{done.families} famille{plural}\u202f: réservations annulées.")
    for household in done.untold:
        messages.warning(request, f"{household.file_name} n’a pas d’adresse e-mail\u202f: téléphonez-lui.")
    if done.paying:
        words = f"{done.paying} famille(s) paient en ce moment\u202f: revenez dans une demi-heure."
        messages.warning(request, words)
    if done.left or done.paying:
        return redirect(request.get_full_path())
    return redirect(reverse("desk:places"))


def _activity(request: AgentRequest, activity_id: str) -> Activity:
    with or_404():
        return activity_of(request.regie_ids, activity_id=activity_id)
