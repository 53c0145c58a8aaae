"""« Mes appareils connectés »: the person's open sessions, each of which they can end (C06)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from preau.domain.accounts import services as accounts
from preau.domain.accounts.queries import open_sessions
from preau.interfaces.portal.access.browser import leave
from preau.interfaces.portal.access.menu import around
from preau.interfaces.portal.rights import MemberRequest, member


@member
@require_safe
def sessions(request: MemberRequest) -> HttpResponse:
    here = request.session.session_key
    content = {**around("sessions"), "sessions": open_sessions(request.user), "here": here}
    return render(request, "portal/access/sessions.html", content)


@member
@require_POST
def session_end(request: MemberRequest, session_id: str) -> HttpResponse:
    """Somebody else's session and one that does not exist give the same answer (W11)."""
    if not accounts.end_session(user=request.user, public_id=session_id, by=request.actor):
        raise Http404("no such session of this person")
    if not request.session.exists(request.session.session_key or ""):
        return leave(request)
    messages.success(request, "L’appareil est déconnecté.")
    return redirect("portal:sessions")


@member
@require_POST
def sessions_end(request: MemberRequest) -> HttpResponse:
    """Every device but this one."""
    here = request.session.session_key
    accounts.end_other_sessions(user=request.user, keep_session_key=here, by=request.actor)
    messages.success(request, "Vos autres appareils sont déconnectés.")
    return redirect("portal:sessions")
