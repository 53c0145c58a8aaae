"""Every address of the installation: the families' pages, the banks' notifications, set-up."""

from django.apps import apps
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("preau.interfaces.portal.urls")),
    path("notifications/", include("preau.interfaces.webhooks.urls")),
    path("bureau/reglages/", admin.site.urls),
]
if apps.is_installed("preau.interfaces.mailbox"):
    urlpatterns.append(path("boite-aux-lettres/", include("preau.interfaces.mailbox.urls")))
    urlpatterns.append(path("galerie/", include("preau.ui.urls")))
handler400 = "preau.interfaces.portal.errors.bad_request"
handler403 = "preau.interfaces.portal.errors.forbidden"
handler404 = "preau.interfaces.portal.errors.not_found"
handler500 = "preau.interfaces.portal.errors.server_error"
