"""Every address of the installation: the families' pages, the banks' notifications, set-up."""

from django.apps import apps
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", include("preau.interfaces.portal.urls")),
    path("notifications/", include("preau.interfaces.webhooks.urls")),
    # One door for everybody: the portal's login slows down whoever guesses passwords (W2).
    path("bureau/reglages/login/", RedirectView.as_view(pattern_name="portal:login", query_string=True)),
    path("bureau/reglages/", admin.site.urls),
]
if apps.is_installed("preau.interfaces.mailbox"):
    urlpatterns.append(path("boite-aux-lettres/", include("preau.interfaces.mailbox.urls")))
    urlpatterns.append(path("galerie/", include("preau.ui.urls")))
handler400 = "preau.interfaces.portal.errors.bad_request"
handler403 = "preau.interfaces.portal.errors.forbidden"
handler404 = "preau.interfaces.portal.errors.not_found"
handler500 = "preau.interfaces.portal.errors.server_error"
