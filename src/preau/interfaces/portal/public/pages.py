"""The pages that anybody may read."""

from django.http import HttpResponse
from django.shortcuts import render

from preau.domain.payments.queries.gateways import gateways_in_use
from preau.domain.regies.models import Channel
from preau.domain.regies.queries import open_regies, public_windows
from preau.domain.town.models import TownService
from preau.interfaces.doors import TownRequest
from preau.interfaces.portal.public.abilities import abilities
from preau.interfaces.portal.public.windows import school_year_start, window_tables
from preau.interfaces.portal.rights import public


@public
def public_home(request: TownRequest) -> HttpResponse:
    """Welcome, the one entry, what this town has switched on (S02, S04)."""
    gateways = gateways_in_use()
    context = {
        "abilities": abilities(request.town, gateways),
        "gateways": gateways,
        "tables": window_tables(public_windows(since=school_year_start(request.today)), today=request.today),
        "services": TownService.objects.all(),
    }
    return render(request, "portal/public/home.html", context)


@public
def help_(request: TownRequest) -> HttpResponse:
    context = {"gateways": gateways_in_use(), "services": TownService.objects.all()}
    return render(request, "portal/public/help.html", context)


@public
def help_payment(request: TownRequest) -> HttpResponse:
    """How to recognise the official page, and strong authentication (C43, L21)."""
    return render(request, "portal/public/help_payment.html", {"gateways": gateways_in_use()})


@public
def windows(request: TownRequest) -> HttpResponse:
    """The public table of payment windows, and who needs none (L19, L20)."""
    context = {
        "tables": window_tables(public_windows(since=school_year_start(request.today)), today=request.today),
        "always": open_regies()
        .filter(uses_payment_windows=False, contracts__channel=Channel.ONLINE, contracts__closed_on__isnull=True)
        .distinct(),
    }
    return render(request, "portal/public/windows.html", context)


@public
def accessibility(request: TownRequest) -> HttpResponse:
    return render(request, "portal/public/accessibility.html", {"services": TownService.objects.all()})


@public
def terms(request: TownRequest) -> HttpResponse:
    """The terms in force with their version (C19)."""
    return render(request, "portal/public/terms.html", {"gateways": gateways_in_use()})


@public
def privacy(request: TownRequest) -> HttpResponse:
    """The data-protection notice and how to ask (S16)."""
    return render(request, "portal/public/privacy.html", {"gateways": gateways_in_use()})


@public
def contact(request: TownRequest) -> HttpResponse:
    """The town's services with their opening hours, and the régies (V30)."""
    context = {"services": TownService.objects.all(), "regies": open_regies()}
    return render(request, "portal/public/contact.html", context)
