"""The addresses the layouts need, without the pages behind them."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from preau.ui.colours import town_css


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


def _town_css(request: HttpRequest) -> HttpResponse:
    return HttpResponse(town_css("#1e4a86", "#a8452c"), content_type="text/css")


_NAMES = (
    "public_home login home account basket logout accessibility help terms privacy contact town_logo session_extend"
).split()
_portal = [path("ville.css", _town_css, name="town_css"), *[path(f"{name}/", _nothing, name=name) for name in _NAMES]]

urlpatterns = [
    path("", include((_portal, "portal"))),
    path("galerie/", include("preau.ui.urls")),
]
