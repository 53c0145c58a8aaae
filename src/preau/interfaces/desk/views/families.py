"""Families: found, enrolled by an agent, and the facts that prices and places rest on (V11, rules 15, 20)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.bookings.errors import EnrolmentRefusedError
from preau.domain.bookings.queries.enrolments import enrolments_of
from preau.domain.bookings.queries.requests import open_activities
from preau.domain.bookings.services.enrolments import enrol
from preau.domain.families.models import Household
from preau.domain.families.queries import FamilySheet, families_named, family_sheet, home_of_child
from preau.domain.families.services import FactRefusedError, note_child, note_quotient, note_town_link
from preau.interfaces.desk.act_forms import SearchForm
from preau.interfaces.desk.enrolment_forms import EnrolForm
from preau.interfaces.desk.family_forms import ChildForm, QuotientForm, TownLinkForm
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent, posted
from preau.interfaces.doors import or_404

_FORM = require_http_methods(["GET", "HEAD", "POST"])
_ABOVE = ("Familles", "families")
_PAGE = 30


@agent
@require_safe
def families(request: AgentRequest) -> HttpResponse:
    """`?q=`, `?page=`."""
    form = SearchForm(
        request.GET, label="Chercher une famille", hint="Numéro de dossier, nom d’un parent ou d’un enfant."
    )
    found = families_named(form.sought or "")
    page = Paginator(found, _PAGE).get_page(request.GET.get("page", ""))
    return render(request, "desk/families.html", {"page": page, "form": form, "trail": trail(here="Familles")})


@agent
@require_safe
def family(request: AgentRequest, household_id: str) -> HttpResponse:
    """Any agent may open it: a family comes to a régie for the first time. Enrolments shown are of the agent's own."""
    sheet = _sheet(household_id)
    context = {
        "sheet": sheet,
        "enrolments": enrolments_of(sheet.household).filter(activity__regie__in=request.regie_ids),
        "today": request.today,
        "trail": trail(_ABOVE, here=sheet.household.file_name),
    }
    return render(request, "desk/family.html", context)


@agent
@_FORM
def family_enrol(request: AgentRequest, household_id: str) -> HttpResponse:
    """Enrol a child of the family on the agent's word."""
    sheet = _sheet(household_id)
    activities = open_activities(request.regie_ids, today=request.today)
    children = [place.child for place in sheet.children]
    form = EnrolForm(posted(request), children=children, activities=activities)
    act = partial(enrol, household=sheet.household, by=request.actor)
    page = _form_page(sheet.household, "Inscrire un enfant", verb="Inscrire")
    if form.is_valid():
        return _enrolled(request, form, act, page)
    return _shown(request, form, page)


@agent
@_FORM
def family_child(request: AgentRequest, child_id: str) -> HttpResponse:
    """`?famille=` says from which of its homes it was opened."""
    with or_404():
        home = home_of_child(child_id=child_id, household_id=request.GET.get("famille", ""))
    form = ChildForm(request.POST) if request.method == "POST" else ChildForm.of(home.child)
    act = partial(note_child, child=home.child, by=request.actor)
    page = _form_page(home.household, f"{home.child.first_name} {home.child.last_name}")
    return _noted(request, form, lambda: act(**form.cleaned_data), page)


@agent
@_FORM
def family_link(request: AgentRequest, household_id: str) -> HttpResponse:
    sheet = _sheet(household_id)
    form = TownLinkForm(posted(request), initial={"town_link": sheet.household.town_link})
    act = partial(note_town_link, household=sheet.household, by=request.actor)
    return _noted(request, form, lambda: act(**form.cleaned_data), _form_page(sheet.household, "Lien avec la commune"))


@agent
@_FORM
def family_quotient(request: AgentRequest, household_id: str) -> HttpResponse:
    sheet = _sheet(household_id)
    form = QuotientForm(request.POST) if request.method == "POST" else QuotientForm.on(request.today)
    act = partial(note_quotient, household=sheet.household, by=request.actor)
    page = _form_page(sheet.household, "Quotient familial")
    return _noted(request, form, lambda: act(**form.said), page)


def _sheet(household_id: str) -> FamilySheet:
    with or_404():
        return family_sheet(public_id=household_id)


def _noted(request: AgentRequest, form: Form, act: Callable[[], object], page: dict[str, Any]) -> HttpResponse:
    """`act` is called with a valid form only; what it refuses is shown beside its field."""
    if form.is_valid():
        try:
            act()
        except FactRefusedError as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, "C’est noté.")
            return redirect(page["back"])
    return _shown(request, form, page)


def _enrolled(request: AgentRequest, form: EnrolForm, act: Callable[..., Any], page: dict[str, Any]) -> HttpResponse:
    try:
        made = act(**form.said(request.today))
    except EnrolmentRefusedError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _shown(request, form, page)
    messages.success(request, "L’enfant est inscrit.")
    return redirect("desk:enrolment", made.public_id)


def _shown(request: AgentRequest, form: Form, page: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/family_form.html", {"form": form, **page}, status=status)


def _form_page(household: Household, heading: str, *, verb: str = "Enregistrer") -> dict[str, Any]:
    family_page = reverse("desk:family", args=[household.public_id])
    steps = trail(_ABOVE, here=heading)
    return {
        "heading": heading,
        "household": household,
        "verb": verb,
        "back": family_page,
        "trail": [*steps[:-1], (household.file_name, family_page), steps[-1]],
    }
