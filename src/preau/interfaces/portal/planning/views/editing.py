"""The planning with its boxes to tick; each send keeps the draft, whatever its button then does (C15, C28–C34)."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from preau.domain.bookings.services.drafts import clear_draft
from preau.interfaces.portal.planning.drafting import keep_choices
from preau.interfaces.portal.planning.onward import onward
from preau.interfaces.portal.planning.pages import draft_answer, editing_page, quitting_page
from preau.interfaces.portal.planning.where import where_of
from preau.interfaces.portal.rights import FamilyRequest, family


@family
@require_http_methods(["GET", "POST"])
def planning_edit(request: FamilyRequest) -> HttpResponse:
    """Show the boxes; on a POST, keep what was ticked, then do what the button says."""
    where = where_of(request.POST if request.method == "POST" else request.GET, today=request.today)
    if request.method == "GET":
        return editing_page(request, where)
    posted = keep_choices(request, where)
    if posted.faults or posted.refused:
        return editing_page(request, where, posted=posted, status=422)
    return onward(request, where)


@family
@require_POST
def planning_draft(request: FamilyRequest) -> HttpResponse:
    """Asked by the page's script at each change: keep it, and answer the new cost and count."""
    where = where_of(request.POST, today=request.today)
    posted = keep_choices(request, where)
    return JsonResponse(draft_answer(request, where, posted), status=422 if posted.faults else 200)


@family
@require_http_methods(["GET", "POST"])
def planning_quit(request: FamilyRequest) -> HttpResponse:
    """Leave the edit mode: at once when nothing is drafted, else after the person said what to do with it (C32)."""
    where = where_of(request.GET, today=request.today)
    if request.method == "GET":
        return quitting_page(request, where)
    if request.POST.get("faire") == "effacer":
        clear_draft(user=request.user, household=request.household)
        messages.success(request, "Vos choix non enregistrés sont effacés.")
    return redirect("portal:planning")
