"""Every address of the installation: the families' pages, the agents' desk, the banks' notifications, set-up."""

from django.apps import apps
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils.http import urlencode


def set_up_door(request: HttpRequest) -> HttpResponse:
    """One door for everybody: the portal's login slows down whoever guesses passwords (W2).

    Whoever has come in already and may not set anything up finds nothing here: sent back to the login, they
    would be sent here again without end.
    """
    if admin.site.has_permission(request):
        return redirect("admin:index")
    if request.user.is_authenticated:
        raise Http404
    onward = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('portal:login')}?{urlencode({'next': onward})}")


urlpatterns = [
    path("", include("preau.interfaces.portal.urls")),
    path("notifications/", include("preau.interfaces.webhooks.urls")),
    path("bureau/reglages/login/", set_up_door),
    path("bureau/reglages/", admin.site.urls),
    path("bureau/", include("preau.interfaces.desk.urls")),
]
if apps.is_installed("preau.interfaces.mailbox"):
    urlpatterns.append(path("boite-aux-lettres/", include("preau.interfaces.mailbox.urls")))
    urlpatterns.append(path("galerie/", include("preau.ui.urls")))
handler400 = "preau.interfaces.portal.errors.bad_request"
handler403 = "preau.interfaces.portal.errors.forbidden"
handler404 = "preau.interfaces.portal.errors.not_found"
handler500 = "preau.interfaces.portal.errors.server_error"
