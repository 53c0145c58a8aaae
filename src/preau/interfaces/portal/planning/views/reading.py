"""The planning as it is (C14, C20–C28)."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from preau.interfaces.portal.planning.pages import reading_page
from preau.interfaces.portal.planning.where import where_of
from preau.interfaces.portal.rights import FamilyRequest, family


@family
@require_GET
def planning(request: FamilyRequest) -> HttpResponse:
    return reading_page(request, where_of(request.GET, today=request.today))
