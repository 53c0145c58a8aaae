"""The door of the desk."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from preau.interfaces.desk.rights import AGENT, AgentRequest, take_posts
from preau.interfaces.doors import first_things_first, page_behind


class AgentsOnlyMiddleware:
    """Opens the desk to agents only; to others its pages do not exist, and an undeclared one exists for nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        del args, kwargs
        if not getattr(view, "__module__", "").startswith("preau.interfaces.desk"):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(page_behind(request), reverse("portal:login"))
        if getattr(view, "right", "") != AGENT or not take_posts(cast("AgentRequest", request)):
            raise Http404("no post: this page does not exist for this person")
        request.__class__ = AgentRequest
        return first_things_first(cast("AgentRequest", request))
