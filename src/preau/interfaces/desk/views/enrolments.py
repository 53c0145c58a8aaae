"""Enrolments: those that wait for an answer, one of them, and what an agent decides (C12, C13, V11)."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from preau.domain.bookings.errors import EnrolmentRefusedError
from preau.domain.bookings.queries.requests import (
    RequestSheet,
    activities_of_regies,
    listed_requests,
    request_sheet,
    years_of,
)
from preau.domain.bookings.services.enrolments import decide_enrolment, end_enrolment, note_papers
from preau.interfaces.desk.enrolment_forms import AcceptForm, EndForm, RefuseForm, request_filters
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.desk.telling import told_words
from preau.interfaces.doors import or_404

ABOVE = ("Inscriptions", "enrolments")


@agent
@require_safe
def enrolments(request: AgentRequest) -> HttpResponse:
    """`?etat=`, `?annee=`, `?activite=`, `?page=`; without `etat`, what waits for an answer."""
    activities = activities_of_regies(request.regie_ids)
    filters, form = request_filters(request.GET, activities=activities, years=years_of(activities))
    seen = listed_requests(request.regie_ids, filters=filters, page=request.GET.get("page", ""))
    context = {"seen": seen, "form": form, "today": request.today, "trail": trail(here="Inscriptions")}
    return render(request, "desk/enrolments.html", context)


@agent
@require_safe
def enrolment(request: AgentRequest, enrolment_id: str) -> HttpResponse:
    return _page(request, _sheet(request, enrolment_id))


@agent
@require_POST
def enrolment_accept(request: AgentRequest, enrolment_id: str) -> HttpResponse:
    sheet = _sheet(request, enrolment_id)
    form = AcceptForm(request.POST, groups=sheet.groups)
    act = partial(decide_enrolment, enrolment_id=enrolment_id, accepted=True, by=request.actor)
    said = f"L’inscription est acceptée. {told_words(sheet.enrolment.household)}"
    return _done(request, sheet, "accept", form, lambda: act(group=form.chosen), said=said)


@agent
@require_POST
def enrolment_refuse(request: AgentRequest, enrolment_id: str) -> HttpResponse:
    sheet = _sheet(request, enrolment_id)
    form = RefuseForm(request.POST, motives=sheet.motives)
    act = partial(decide_enrolment, enrolment_id=enrolment_id, accepted=False, by=request.actor)
    told = told_words(sheet.enrolment.household, told="La famille est prévenue par e-mail, avec le motif.")
    said = f"La demande est refusée. {told}"
    return _done(request, sheet, "refuse", form, lambda: act(**form.cleaned_data), said=said)


@agent
@require_POST
def enrolment_papers(request: AgentRequest, enrolment_id: str) -> HttpResponse:
    _sheet(request, enrolment_id)
    note_papers(enrolment_id=enrolment_id, received=request.POST.getlist("paper"), by=request.actor)
    messages.success(request, "C’est noté.")
    return redirect("desk:enrolment", enrolment_id)


@agent
@require_POST
def enrolment_end(request: AgentRequest, enrolment_id: str) -> HttpResponse:
    sheet, form = _sheet(request, enrolment_id), EndForm(request.POST)
    act = partial(end_enrolment, enrolment_id=enrolment_id, by=request.actor)
    return _done(request, sheet, "end", form, lambda: act(**form.cleaned_data), said="La fin est enregistrée.")


def _sheet(request: AgentRequest, enrolment_id: str) -> RequestSheet:
    with or_404():
        return request_sheet(request.regie_ids, public_id=enrolment_id, today=request.today)


def _done(
    request: AgentRequest, sheet: RequestSheet, name: str, form: Form, act: Callable[[], object], *, said: str
) -> HttpResponse:
    """`act` is called with a valid form only; what it refuses is shown beside its field."""
    if form.is_valid():
        try:
            act()
        except EnrolmentRefusedError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, said)
            return redirect("desk:enrolment", sheet.enrolment.public_id)
    return _page(request, sheet, status=422, **{name: form})


def _page(request: AgentRequest, sheet: RequestSheet, *, status: int = 200, **typed: Form) -> HttpResponse:
    child = sheet.enrolment.child
    context = {
        "sheet": sheet,
        "accept": AcceptForm(groups=sheet.groups),
        "refuse": RefuseForm(motives=sheet.motives),
        "end": EndForm(initial={"on": request.today}),
        "today": request.today,
        "trail": trail(ABOVE, here=f"{child.first_name} {child.last_name}"),
    }
    return render(request, "desk/enrolment.html", context | typed, status=status)
