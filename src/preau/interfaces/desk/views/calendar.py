"""The town's calendar, its school years and their holidays."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.activities.errors import ActivityError, FileRefusedError
from preau.domain.activities.holiday_file import read_holidays
from preau.domain.activities.models import PublicHoliday, SchoolYear
from preau.domain.activities.official import zone_holidays
from preau.domain.activities.queries.offering import closures_in, holiday_named, holidays_of, year_shown
from preau.domain.activities.rules.calendar import Span
from preau.domain.activities.services import calendar as services
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.interfaces.desk.calendar_forms import HolidayForm, HolidaysForm, YearForm
from preau.interfaces.desk.calendar_pages import BOOKED, back_to, calendar_page, year_or_404
from preau.interfaces.desk.editing import edit_page, removal_page
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404

_FORM = require_http_methods(["GET", "HEAD", "POST"])


@agent
@require_safe
def calendar(request: AgentRequest) -> HttpResponse:
    """`?annee=`."""
    year = year_shown(request.GET.get("annee", ""), today=clock.today(the_town().zone))
    context: dict[str, Any] = {"year": year, "years": SchoolYear.objects.all(), "trail": trail(here="Calendrier")}
    if year is not None:
        context |= {
            "holidays": holidays_of(year),
            "public_holidays": PublicHoliday.objects.filter(day__gte=year.first_day, day__lte=year.last_day),
            "closures": closures_in(request.regie_ids, first=year.first_day, last=year.last_day),
        }
    return render(request, "desk/calendar.html", context)


@agent
@_FORM
def year_new(request: AgentRequest) -> HttpResponse:
    form = YearForm(request.POST or None)

    def save() -> str:
        return f"L’année {services.save_school_year(**form.cleaned_data, by=request.actor)} est ouverte."

    return edit_page(request, form, save, page=calendar_page("Ajouter une année scolaire"))


@agent
@_FORM
def year_edit(request: AgentRequest, year_id: str) -> HttpResponse:
    year = year_or_404(year_id)
    initial = {"label": year.label, "first_day": year.first_day, "last_day": year.last_day}
    form = YearForm(request.POST or None, initial=initial)

    def save() -> str:
        services.save_school_year(**form.cleaned_data, by=request.actor, year=year)
        return "C’est enregistré."

    return edit_page(request, form, save, page=calendar_page(f"Année {year.label}", year=year))


@agent
@_FORM
def year_remove(request: AgentRequest, year_id: str) -> HttpResponse:
    year = year_or_404(year_id)
    page = calendar_page(
        f"Retirer l’année {year.label}\u202f?", verb="Retirer", lede="Possible tant qu’elle n’a aucune activité."
    )
    return removal_page(
        request,
        lambda: services.remove_school_year(year=year, by=request.actor),
        page=page,
        said="L’année est retirée.",
    )


@agent
@_FORM
def holidays_fill(request: AgentRequest, year_id: str) -> HttpResponse:
    """A first calendar is taken at once; another is shown beside the present one before it takes its place."""
    year = year_or_404(year_id)
    form = HolidaysForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _holidays_page(request, year, form)
    try:
        return _compared(request, year, _asked(form, year))
    except FileRefusedError as refusal:
        return _holidays_page(request, year, form, faults=refusal.faults)
    except ActivityError as refusal:
        form.add_error("source", refusal.message)
        return _holidays_page(request, year, form)


def _compared(request: AgentRequest, year: SchoolYear, spans: Sequence[Span]) -> HttpResponse:
    changes = services.compare_holidays(year=year, holidays=spans)
    if changes.is_first or "replace" in request.POST:
        return _replaced(request, year, spans)
    return _holidays_page(request, year, _typed(changes.after), changes=changes)


def _holidays_page(request: AgentRequest, year: SchoolYear, form: HolidaysForm, **seen: object) -> HttpResponse:
    context = {"form": form, "year": year, "trail": trail(("Calendrier", "calendar"), here="Vacances"), **seen}
    status = 422 if request.method == "POST" and "changes" not in seen else 200
    return render(request, "desk/holidays_fill.html", context, status=status)


def _asked(form: HolidaysForm, year: SchoolYear) -> Sequence[Span]:
    if form.zone is not None:
        return zone_holidays(form.zone, first=year.first_day, last=year.last_day)
    return read_holidays(form.content, year=Span(year.label, year.first_day, year.last_day)).holidays


def _typed(spans: Sequence[Span]) -> HolidaysForm:
    """The form that says the same dates, to be sent again as they are or corrected."""
    lines = [f"{span.name} ; {span.first_day:%d/%m/%Y} ; {span.last_day:%d/%m/%Y}" for span in spans]
    return HolidaysForm(initial={"source": "texte", "typed": "\n".join(lines)})


def _replaced(request: AgentRequest, year: SchoolYear, spans: Sequence[Span]) -> HttpResponse:
    changes = services.replace_holidays(year=year, holidays=spans, by=request.actor)
    number = len(changes.after)
    messages.success(request, f"{number} période{'s' if number > 1 else ''} de vacances pour {year.label}.")
    return redirect(back_to(year))


@agent
@_FORM
def holiday_new(request: AgentRequest, year_id: str) -> HttpResponse:
    year, form = year_or_404(year_id), HolidayForm(request.POST or None)

    def save() -> str:
        return f"{services.save_holiday(**form.cleaned_data, by=request.actor)}\u202f: c’est noté."

    return edit_page(request, form, save, page=calendar_page("Ajouter des vacances", year=year, lede=BOOKED))


@agent
@_FORM
def holiday_edit(request: AgentRequest, holiday_id: str) -> HttpResponse:
    with or_404():
        holiday = holiday_named(holiday_id)
    initial = {"name": holiday.name, "first_day": holiday.first_day, "last_day": holiday.last_day}
    form = HolidayForm(request.POST or None, initial=initial)

    def save() -> str:
        services.save_holiday(**form.cleaned_data, by=request.actor, holiday=holiday)
        return "C’est enregistré."

    return edit_page(request, form, save, page=calendar_page(holiday.name, lede=BOOKED))


@agent
@_FORM
def holiday_remove(request: AgentRequest, holiday_id: str) -> HttpResponse:
    with or_404():
        holiday = holiday_named(holiday_id)
    page = calendar_page(
        f"Retirer {holiday.name}\u202f?", verb="Retirer", lede="Ces jours redeviendront des jours d’école."
    )
    return removal_page(
        request,
        lambda: services.remove_holiday(holiday=holiday, by=request.actor),
        page=page,
        said="Ces vacances sont retirées.",
    )
