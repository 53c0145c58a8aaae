"""Waiting lists: in order, day by day; an agent takes a child off with a reason, and changes no turn."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.bookings.errors import BookingError
from preau.domain.bookings.models import WaitingEntry
from preau.domain.bookings.queries.month_of_places import activities_with_places
from preau.domain.bookings.queries.waiting_lists import entry_of, waiting_lists
from preau.domain.bookings.services.agents import remove_entry
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.places_forms import why_field
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404


class RemovalForm(forms.Form):
    """Why a child leaves a list; its family reads it."""

    raison = why_field("Motif", hint="La famille le lira.")


@agent
@require_safe
def waiting(request: AgentRequest) -> HttpResponse:
    """`?activite=`; `?tout=1` adds who waits no more."""
    today = request.today
    chosen, ended = request.GET.get("activite", ""), bool(request.GET.get("tout"))
    activities = activities_with_places(request.regie_ids, today=today)
    kept = chosen if any(one.activity.public_id == chosen for one in activities) else ""
    context = {
        "lists": waiting_lists(request.regie_ids, first=today, activity=kept, ended=ended),
        "activities": [one for one in activities if one.waiting or one.activity.public_id == kept],
        "chosen": kept,
        "ended": ended,
        "trail": trail(here="Listes d’attente"),
    }
    return render(request, "desk/waiting.html", context)


@agent
@require_http_methods(["GET", "HEAD", "POST"])
def waiting_remove(request: AgentRequest, entry_id: str) -> HttpResponse:
    with or_404():
        entry = entry_of(request.regie_ids, entry_id=entry_id)
    form = RemovalForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, entry, form, status=422 if request.method == "POST" else 200)
    reason = form.cleaned_data["raison"]
    try:
        remove_entry(entry_id=entry_id, regie_ids=request.regie_ids, reason=reason, by=request.actor)
    except BookingError as refusal:
        form.add_error(None, refusal.message)
        return _page(request, entry, form, status=422)
    messages.success(request, f"{entry.child.first_name} n’est plus sur la liste. Les suivants avancent d’un rang.")
    return redirect("desk:waiting")


def _page(request: AgentRequest, entry: WaitingEntry, form: RemovalForm, *, status: int) -> HttpResponse:
    context = {"entry": entry, "form": form, "trail": trail(("Listes d’attente", "waiting"), here="Retirer")}
    return render(request, "desk/waiting_remove.html", context, status=status)
