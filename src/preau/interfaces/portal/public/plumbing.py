"""What pages and probes fetch: the town's colours and logo, the state of the service."""

from django.db import DatabaseError, connection
from django.http import Http404, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from preau.domain.regies.models import ServiceGroup
from preau.domain.town.queries import logo_of
from preau.interfaces.doors import TownRequest
from preau.interfaces.portal.public.colours import groups_sheet
from preau.interfaces.portal.rights import public
from preau.ui.colours import nearest_readable
from preau.ui.colours import town_css as town_sheet

#: Addresses of these files carry a version: one address never changes its content.
FOR_EVER = "public, max-age=31536000, immutable"


@public
@require_safe
def town_css(request: TownRequest) -> HttpResponse:
    """The town's two colours; one that carries no readable text is replaced by the nearest that does."""
    town = request.town
    sheet = town_sheet(nearest_readable(town.primary_colour), nearest_readable(town.secondary_colour))
    return _lasting(HttpResponse(sheet, content_type="text/css"))


@public
@require_safe
def groups_css(request: TownRequest) -> HttpResponse:
    del request
    return _lasting(HttpResponse(groups_sheet(ServiceGroup.objects.all()), content_type="text/css"))


@public
@require_safe
def town_logo(request: TownRequest) -> HttpResponse:
    logo = logo_of(request.town)
    if not logo:
        raise Http404
    return _lasting(HttpResponse(logo, content_type="image/png"))


@public
@cache_control(no_store=True)
@require_safe
def healthz(request: TownRequest) -> HttpResponse:
    """200 when the database answers, 503 when it does not; says nothing else, needs no town."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("base de données injoignable\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("en service\n", content_type="text/plain; charset=utf-8")


def _lasting(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = FOR_EVER
    return response
