"""What a child is enrolled in, and asking for more (C12, C13, C47)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from preau.domain.bookings.errors import EnrolmentRefusedError
from preau.domain.bookings.queries.enrolments import (
    Possibility,
    child_files,
    child_of,
    children_of,
    enrolment_of,
    possibilities,
)
from preau.domain.bookings.queries.renewals import renewals_of
from preau.domain.bookings.services.enrolments import request_again, request_enrolment, withdraw_enrolment
from preau.domain.families.models import Child
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.menu import trail
from preau.interfaces.portal.enrolments.forms import RequestForm
from preau.interfaces.portal.rights import FamilyRequest, family

_ABOVE = ("Inscriptions", "enrolments")
_AGAIN = "Votre demande est envoyée\u202f: {}. Vous recevez un e-mail pour chacune."


@family
@require_safe
def enrolments(request: FamilyRequest) -> HttpResponse:
    """Each child with what it is enrolled in, what was refused, what is over; and the year to come."""
    context = {
        "files": child_files(request.household, today=request.today),
        "renewals": renewals_of(request.household, today=request.today),
        "today": request.today,
        "trail": trail(here="Inscriptions"),
    }
    return render(request, "portal/enrolments/enrolments.html", context)


@family
@require_safe
def enrolment_children(request: FamilyRequest) -> HttpResponse:
    """Which child; the only one there is, is chosen."""
    children = children_of(request.household)
    if len(children) == 1:
        return redirect("portal:enrolment_ask", children[0][1].public_id)
    context = {"children": children, "trail": trail(_ABOVE, here="Demander une inscription")}
    return render(request, "portal/enrolments/children.html", context)


@family
@require_http_methods(["GET", "HEAD", "POST"])
def enrolment_ask(request: FamilyRequest, child_id: str) -> HttpResponse:
    """`?activite=` opens the form of an activity; without it, what the child may be enrolled in."""
    with or_404():
        child = child_of(request.household, public_id=child_id)
    found = possibilities(child, today=request.today)
    named = (request.POST if request.method == "POST" else request.GET).get("activite", "")
    chosen = next((one for one in found if one.activity.public_id == named and not one.refusal), None)
    if chosen is None:
        return _not_chosen(request, child, found)
    form = RequestForm(request.POST or None, papers=chosen.activity.required_papers)
    if request.method == "POST" and form.is_valid():
        return _asked(request, child, chosen, form)
    context = {"child": child, "activity": chosen.activity, "form": form, "trail": trail(_ABOVE, here="Votre demande")}
    return render(request, "portal/enrolments/ask.html", context, status=422 if form.errors else 200)


def _not_chosen(request: FamilyRequest, child: Child, found: list[Possibility]) -> HttpResponse:
    """The list; what a form asks that is not in it any more was asked already, or closed meanwhile."""
    if request.method == "POST":
        messages.error(request, "Cette inscription ne peut plus être demandée\u202f: voyez où elle en est.")
        return redirect("portal:enrolments")
    context = {
        "child": child,
        "open": [one.activity for one in found if not one.refusal],
        "closed": [one for one in found if one.refusal],
        "trail": trail(_ABOVE, here=f"Inscrire {child.first_name}"),
    }
    return render(request, "portal/enrolments/choose.html", context)


def _asked(request: FamilyRequest, child: Child, chosen: Possibility, form: RequestForm) -> HttpResponse:
    try:
        made = request_enrolment(
            household=request.household,
            child_id=child.public_id,
            activity_id=chosen.activity.public_id,
            papers=form.cleaned_data.get("papers", ()),
            message=form.cleaned_data["message"],
            by=request.actor,
        )
    except EnrolmentRefusedError as refusal:
        messages.error(request, refusal.message)
        return redirect("portal:enrolments")
    return redirect("portal:enrolment", made.public_id)


@family
@require_POST
def enrolment_again(request: FamilyRequest, child_id: str) -> HttpResponse:
    """Ask for the activities ticked, all at once."""
    wanted = request.POST.getlist("activite")
    try:
        with or_404():
            made = request_again(household=request.household, child_id=child_id, activity_ids=wanted, by=request.actor)
    except EnrolmentRefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _AGAIN.format(", ".join(one.activity.name for one in made)))
    return redirect("portal:enrolments")


@family
@require_safe
def enrolment(request: FamilyRequest, enrolment_id: str) -> HttpResponse:
    """One request: its acknowledgement, then where it is."""
    with or_404():
        found = enrolment_of(request.household, public_id=enrolment_id)
    missing = [paper for paper in found.activity.required_papers if paper not in found.papers_received]
    context = {
        "enrolment": found,
        "missing": missing,
        "today": request.today,
        "trail": trail(_ABOVE, here=found.activity.name),
    }
    return render(request, "portal/enrolments/enrolment.html", context)


@family
@require_POST
def enrolment_withdraw(request: FamilyRequest, enrolment_id: str) -> HttpResponse:
    try:
        with or_404():
            withdraw_enrolment(household=request.household, enrolment_id=enrolment_id, by=request.actor)
    except EnrolmentRefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Votre demande est retirée.")
    return redirect("portal:enrolment", enrolment_id)
