"""Days on which nothing opens: public holidays, and closures with their reason."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from preau.domain.activities.models import Activity, Site
from preau.domain.activities.official import Territory, likely_territory
from preau.domain.activities.queries.offering import closure_named, new_public_holidays, public_holiday_named
from preau.domain.activities.services import calendar as services
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.interfaces.desk.calendar_forms import ClosureForm, OfficialDaysForm, PublicHolidayForm, TerritoryForm
from preau.interfaces.desk.calendar_pages import BOOKED, back_to, calendar_page, year_or_404
from preau.interfaces.desk.editing import edit_page, removal_page
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404

_FORM = require_http_methods(["GET", "HEAD", "POST"])


@agent
@_FORM
def official_days(request: AgentRequest, year_id: str) -> HttpResponse:
    """`?territoire=`; by default, what the town's time zone suggests."""
    year, territory = year_or_404(year_id), _territory(request.GET.get("territoire", ""))
    days = new_public_holidays(territory, year)
    form = OfficialDaysForm(request.POST or None, days=days)
    if request.method == "POST" and form.is_valid():
        added = services.add_public_holidays(days=form.kept, by=request.actor)
        messages.success(request, f"{added} jour{'s' if added > 1 else ''} férié{'s' if added > 1 else ''} de plus.")
        return redirect(back_to(year))
    where = TerritoryForm(initial={"territoire": territory.value})
    steps = trail(("Calendrier", "calendar"), here="Jours fériés")
    context = {"form": form, "where": where, "year": year, "trail": steps}
    return render(request, "desk/official_days.html", context, status=422 if request.method == "POST" else 200)


def _territory(asked: str) -> Territory:
    return Territory(asked) if asked in Territory.values else likely_territory(the_town().time_zone)


@agent
@_FORM
def public_holiday_new(request: AgentRequest) -> HttpResponse:
    form = PublicHolidayForm(request.POST or None)

    def save() -> str:
        services.add_public_holiday(**form.cleaned_data, by=request.actor)
        return f"Le {french.day(form.cleaned_data['day'])} est férié."

    return edit_page(request, form, save, page=calendar_page("Ajouter un jour férié local", lede=BOOKED))


@agent
@_FORM
def public_holiday_remove(request: AgentRequest, public_holiday_id: str) -> HttpResponse:
    with or_404():
        holiday = public_holiday_named(public_holiday_id)
    page = calendar_page(
        f"Retirer {holiday.name}\u202f?",
        verb="Retirer",
        lede=f"Le {french.day(holiday.day)} redeviendra un jour ordinaire.",
    )
    return removal_page(
        request,
        lambda: services.remove_public_holiday(holiday=holiday, by=request.actor),
        page=page,
        said="Ce jour n’est plus férié.",
    )


@agent
@_FORM
def closure_new(request: AgentRequest) -> HttpResponse:
    activities = Activity.objects.filter(regie__in=request.regie_ids, last_day__gte=clock.today(the_town().zone))
    form = ClosureForm(request.POST or None, sites=Site.objects.all(), activities=activities)

    def save() -> str:
        services.close_days(**form.said, by=request.actor)
        return "C’est fermé. Les familles lisent la raison sur ces jours."

    return edit_page(request, form, save, page=calendar_page("Fermer des jours", verb="Fermer ces jours", lede=BOOKED))


@agent
@_FORM
def closure_remove(request: AgentRequest, closure_id: str) -> HttpResponse:
    with or_404():
        closure = closure_named(request.regie_ids, closure_id)
    page = calendar_page(
        f"Rouvrir «\u202f{closure.reason}\u202f»\u202f?", verb="Rouvrir", lede="Ces jours pourront être réservés."
    )
    return removal_page(
        request, lambda: services.reopen_days(closure=closure, by=request.actor), page=page, said="C’est rouvert."
    )
