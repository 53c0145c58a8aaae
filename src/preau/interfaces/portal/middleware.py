"""What every page needs before its view runs: the town, its clock on the wall, and the right to be there."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from preau.domain.town.queries import TownMissingError, the_town
from preau.interfaces.doors import TownRequest, first_things_first, page_behind
from preau.interfaces.portal.errors import not_allowed
from preau.interfaces.portal.rights import FAMILY, PUBLIC, FamilyRequest, is_agent, take_place

Respond = Callable[[HttpRequest], HttpResponse]


class TownMiddleware:
    """Gives the request its town and speaks in its time zone; personal pages are never kept by a browser (A05)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == reverse("portal:healthz"):  # answers without a town, and without a database
            return self.get_response(request)
        try:
            cast("TownRequest", request).town = town = the_town()
        except TownMissingError:
            return HttpResponse(render_to_string("portal/errors/no_town.html"), status=503)
        request.__class__ = FamilyRequest
        with timezone.override(town.zone):
            response = self.get_response(request)
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                not_allowed(request, response)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response


class ClosedByDefaultMiddleware:
    """Opens a page only to those its view declares (`rights`); other apps' own views keep their own guards."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: TownRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        del args, kwargs
        if not getattr(view, "__module__", "").startswith("preau.interfaces.portal"):
            return None
        right = getattr(view, "right", FAMILY)
        if not request.user.is_authenticated:
            return None if right == PUBLIC else redirect_to_login(page_behind(request), reverse("portal:login"))
        # On public pages too: the menu and the file's name follow the family everywhere (A05, C45).
        member = cast("FamilyRequest", request)
        if not take_place(member) and right == FAMILY:
            if request.path == reverse("portal:home") and is_agent(request.user):
                return HttpResponseRedirect(reverse("desk:home"))
            raise Http404("no household: this page does not exist for this person")
        return None if right == PUBLIC else first_things_first(member)
