"""The addresses the layouts need, without the pages behind them, and small pages for the browser."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path

from preau.ui import samples
from preau.ui.colours import town_css

_NAMES = """
    public_home login home account basket logout accessibility help terms privacy contact
    town_logo healthz menus
"""

_EXTENDS = '{% extends "ui/layouts/site.html" %}{% block heading %}Essai{% endblock %}{% block content %}'
PAGES = {
    "plain": _EXTENDS + "{% endblock %}",
    "preparation": _EXTENDS
    + '<form action="{% url "portal:basket" %}" method="post" data-auto-submit>{% csrf_token %}'
    + '{% button text="Effectuer le paiement" variant="primary" %}</form>{% endblock %}',
    "waiting": _EXTENDS + '<div role="status" data-refresh-url="/fragment/"><p>Nous vérifions.</p></div>{% endblock %}',
    "login": '{% extends "ui/layouts/minimal.html" %}{% block heading %}Connexion{% endblock %}{% block content %}'
    '<form novalidate>{% field bound=form.password show_password=True %}{% button text="Me connecter" %}</form>'
    "{% endblock %}",
    "cover": '{% extends "ui/layouts/cover.html" %}{% block title %}Accueil{% endblock %}',
}


def _words(name: str) -> Callable[[HttpRequest], HttpResponse]:
    return lambda request: HttpResponse(f"<!doctype html><title>{name}</title><p>{request.method} {name}</p>")


def _page(request: HttpRequest, name: str) -> HttpResponse:
    """One of the pages above for the family of the samples; `?ends_in=` gives its session a length in seconds."""
    context = samples.page(1) | {"form": samples.SampleForm()}
    if seconds := request.GET.get("ends_in"):
        context["session_ends_in"] = int(seconds)
    return HttpResponse(engines["django"].from_string(PAGES[name]).render(context, request))


def _extend(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"ends_in": 1800})


def _town_css(request: HttpRequest) -> HttpResponse:
    return HttpResponse(town_css("#1e4a86", "#a8452c"), content_type="text/css")


_portal = [
    path("ville.css", _town_css, name="town_css"),
    path("session_extend/", _extend, name="session_extend"),
    *[path(f"{name}/", _words(name), name=name) for name in _NAMES.split()],
]
urlpatterns = [
    path("", include((_portal, "portal"))),
    path("page/<name>/", _page),
    path("galerie/", include("preau.ui.urls")),
]
