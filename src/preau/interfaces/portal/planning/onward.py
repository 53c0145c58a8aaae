"""What the buttons of the planning's form do, once its boxes are kept."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from preau.domain.bookings.queries.enrolments import children_of
from preau.domain.bookings.services.choosing import forget_refused
from preau.foundation import clock
from preau.interfaces.portal.planning.drafting import tick_row_of
from preau.interfaces.portal.planning.where import Where, day_of, public_id_of, where_of
from preau.interfaces.portal.rights import FamilyRequest


def onward(request: FamilyRequest, where: Where) -> HttpResponse:
    """Go where the button leads: another stretch of days, the next child, the summary, or the same page again."""
    if "vers" in request.POST:
        return to_editing(where_of(QueryDict(request.POST["vers"].partition("?")[2]), today=request.today))
    asked, _, detail = request.POST.get("faire", "").partition(":")
    if asked == "ligne":
        messages.info(request, tick_row_of(request, where, detail))
    elif asked == "retirer":
        _forget(request)
    elif asked == "attente":
        return _to_waiting_list(where, detail)
    elif asked == "valider":
        return _to_next_child(request, where)
    elif asked in _PAGES:
        return HttpResponseRedirect(f"{reverse(_PAGES[asked])}?{where.query}")
    return to_editing(where)


_PAGES = {
    "quitter": "portal:planning_quit",
    "avance": "portal:planning_pattern",
    "recapitulatif": "portal:planning_summary",
}


def to_editing(where: Where) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('portal:planning_edit')}?{where.query}")


def _forget(request: FamilyRequest) -> None:
    count = forget_refused(user=request.user, household=request.household, now=clock.now(), zone=request.town.zone)
    s = "s" if count > 1 else ""
    messages.success(request, f"{count} jour{s} retiré{s} de vos choix.")


def _to_next_child(request: FamilyRequest, where: Where) -> HttpResponse:
    """The next child keeps the same days; after the last one, the summary (C33)."""
    ids = [child.public_id for _, child in children_of(request.household)]
    after = ids[ids.index(where.child_id) + 1 :] if where.child_id in ids else []
    messages.success(request, "Vos choix sont gardés. Rien n’est encore enregistré.")
    if not after:
        return HttpResponseRedirect(reverse("portal:planning_summary"))
    return to_editing(Where(after[0], where.view, where.day, where.today))


def _to_waiting_list(where: Where, detail: str) -> HttpResponse:
    """`activity:day:unit` of a full day."""
    activity_id, day, unit = (*detail.split(":"), "", "", "")[:3]
    named = {"activite": public_id_of(activity_id), "jour": str(day_of(day) or ""), "unite": unit[:12]}
    return HttpResponseRedirect(f"{reverse('portal:waiting_join')}?{urlencode({'enfant': where.child_id, **named})}")
