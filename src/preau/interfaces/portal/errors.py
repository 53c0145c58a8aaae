"""Pages for what goes wrong: one French sentence, what to do next, no detail of ours."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from preau.interfaces.portal.rights import public


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/errors/400.html", status=400)


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/errors/403.html", status=403)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/errors/404.html", status=404)


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the request: no session, no town, nothing that could ask a database that is down."""
    del request
    return HttpResponseServerError(render_to_string("portal/errors/500.html"))


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or came from elsewhere: nothing was done, it can be sent again (W8)."""
    return render(request, "portal/errors/csrf.html", status=403)


def not_allowed(request: HttpRequest, response: HttpResponse) -> None:
    """Give words to the empty answer of a form's target opened as a page (a tab restored, an address typed again)."""
    match = request.resolver_match
    if match and match.namespace in {"portal", "desk"}:
        response.content = render_to_string("portal/errors/405.html", request=request)
