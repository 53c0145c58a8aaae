"""Lists of a day: attendance sheets, kitchen counts, the week ahead; on screen, on paper, in a spreadsheet (C39)."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from preau.domain.bookings.queries.day_lists import Attendee, DayLists, Sheet, day_lists
from preau.interfaces.desk.csv_files import csv_answer
from preau.interfaces.desk.day_forms import DayAsked, day_asked
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent

_PLAIN = "sans régime particulier"
_ATTENDANCE = ("Jour", "Lieu", "Activité", "Groupe", "Enfant", "Classe", "Réservation", "Heures", "Régimes")


@agent
@require_safe
def day(request: AgentRequest) -> HttpResponse:
    """`?jour=AAAA-MM-JJ`, `?site=`, `?activite=`, `?groupe=`; `?tout=1` shows every name."""
    asked, lists = _asked(request, names=False)
    kept = {"site": asked.filters.site, "activite": asked.filters.activity, "groupe": asked.filters.group}
    context = {
        "asked": asked,
        "lists": lists,
        "kept": urlencode({name: value for name, value in kept.items() if value}),
        "today": request.today,
        "trail": trail(here="La journée"),
    }
    return render(request, "desk/day.html", context)


@agent
@require_safe
def day_attendance(request: AgentRequest) -> HttpResponse:
    """Confirmed children only: a line of a spreadsheet is soon counted."""
    asked, lists = _asked(request, names=True)
    rows = [_attendance(asked.day, sheet, one) for sheet in lists.sheets for one in sheet.present]
    return csv_answer(f"presences-{asked.day}.csv", _ATTENDANCE, rows)


def _attendance(on: date, sheet: Sheet, one: Attendee) -> tuple[str, ...]:
    where = (sheet.activity.site.name, sheet.activity.name, sheet.group.name if sheet.group else "")
    return (f"{on:%d/%m/%Y}", *where, one.name, one.class_name, one.unit, one.hours, ", ".join(one.diets))


@agent
@require_safe
def day_kitchen(request: AgentRequest) -> HttpResponse:
    """One line for each sheet and each set of words, so that a sum is a sum."""
    asked, lists = _asked(request, names=False)
    rows: list[tuple[Any, ...]] = [
        (f"{asked.day:%d/%m/%Y}", kitchen.site.name, row.title, words or _PLAIN, meals)
        for kitchen in lists.kitchens
        for row in kitchen.rows
        for words, meals in row.by_diets.items()
        if meals
    ]
    return csv_answer(f"cuisine-{asked.day}.csv", ["Jour", "Lieu", "Groupe", "Régime", "Repas"], rows)


def _asked(request: AgentRequest, *, names: bool) -> tuple[DayAsked, DayLists]:
    zone = request.town.zone
    asked = day_asked(request.GET, regie_ids=request.regie_ids, today=request.today)
    lists = day_lists(
        asked.activities,
        day=asked.day,
        filters=asked.filters,
        with_names=names or asked.with_names,
        zone=zone,
    )
    return asked, lists
