"""The family's home page."""

from django.http import HttpResponse
from django.shortcuts import render

from preau.domain.payments.queries.overview import overview
from preau.interfaces.portal.billing.wording import headline
from preau.interfaces.portal.public.colours import colours_version
from preau.interfaces.portal.rights import FamilyRequest, family


@family
def home(request: FamilyRequest) -> HttpResponse:
    """The situation in one sentence, one block per service group, the family's card (V19, A09, L22, L23, S13)."""
    seen = overview(user=request.user, household=request.household, today=request.today)
    context = {
        "headline": headline(seen.situation, today=request.today),
        "situation": seen.situation,
        "groups": seen.groups,
        "week": seen.week,
        "colours_version": colours_version(entry.group for entry in seen.groups),
        "adults": request.household.guardians.all(),
    }
    return render(request, "portal/billing/home.html", context)
