"""The family's file."""

from django.http import HttpResponse
from django.shortcuts import render

from preau.domain.payments.queries.aftermath import reversals_of
from preau.domain.payments.queries.attempts import receipts_of
from preau.domain.town.models import TownService
from preau.interfaces.portal.billing.menu import trail
from preau.interfaces.portal.rights import FamilyRequest, family

LATEST_RECEIPTS = 5


@family
def file(request: FamilyRequest) -> HttpResponse:
    """The family file, read only (S13, S18, S19)."""
    household = request.household
    receipts = list(receipts_of(household)[:LATEST_RECEIPTS])
    gone = reversals_of(receipts)
    context = {
        "adults": household.guardians.all(),
        "homes": household.child_places.select_related("child"),
        "receipts": [(receipt, gone.get(receipt.id, [])) for receipt in receipts],
        "services": TownService.objects.all(),
        "trail": trail(here="Mon dossier"),
    }
    return render(request, "portal/billing/file.html", context)
