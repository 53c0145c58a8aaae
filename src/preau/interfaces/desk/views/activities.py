"""What is offered: activities of a school year, their units and groups, the next year."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.activities.models import Activity, ActivityGroup, SchoolYear, Site, Unit
from preau.domain.activities.queries.offering import (
    activities_of,
    activity_named,
    group_named,
    unit_named,
    year_named,
    year_shown,
)
from preau.domain.activities.services import activities as services
from preau.domain.families.queries import schools_of_children
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.interfaces.desk.activity_forms import ActivityForm, typed_activity
from preau.interfaces.desk.editing import EditPage, edit_page, removal_page
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.offer_forms import CopyForm, GroupForm, UnitForm, typed_group
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404

_FORM = require_http_methods(["GET", "HEAD", "POST"])
_ABOVE = ("Activités", "activities")
_SAVED = "C’est enregistré."


@agent
@require_safe
def activities(request: AgentRequest) -> HttpResponse:
    """`?annee=`."""
    year = year_shown(request.GET.get("annee", ""), today=clock.today(the_town().zone))
    context = {
        "year": year,
        "years": SchoolYear.objects.all(),
        "rows": activities_of(request.regie_ids, year) if year else [],
        "trail": trail(here="Activités"),
    }
    return render(request, "desk/activities.html", context)


@agent
@require_safe
def activity(request: AgentRequest, activity_id: str) -> HttpResponse:
    """One activity, with what can be ticked and who is received apart."""
    one = _activity(request, activity_id)
    context = {
        "one": one,
        "units": one.units.all(),
        "groups": one.groups.all(),
        "deadlines": one.deadlines.all(),
        "trail": trail(_ABOVE, here=one.name),
    }
    return render(request, "desk/activity.html", context)


@agent
@_FORM
def activity_new(request: AgentRequest) -> HttpResponse:
    """`?annee=` fills the days of the year."""
    year = year_shown(request.GET.get("annee", ""), today=clock.today(the_town().zone))
    initial = {"school_year": str(year.pk), "first_day": year.first_day, "last_day": year.last_day} if year else {}
    return _edited(request, Activity(), initial, heading="Créer une activité", back=reverse("desk:activities"))


@agent
@_FORM
def activity_edit(request: AgentRequest, activity_id: str) -> HttpResponse:
    one = _activity(request, activity_id)
    shown = typed_activity(one, one.deadlines.all())
    return _edited(request, one, shown, heading=one.name, back=_page_of(one))


def _edited(request: AgentRequest, one: Activity, shown: dict[str, object], *, heading: str, back: str) -> HttpResponse:
    form = ActivityForm(request.POST or None, initial=shown, regies=request.regies, **_choices())

    def save() -> str:
        services.save_activity(activity=form.put_on(one), deadlines=form.deadlines, by=request.actor)
        return _SAVED

    page = EditPage(heading, trail(_ABOVE, here=heading), back, sections=form.SECTIONS, short=form.SHORT)
    return edit_page(request, form, save, page=page)


def _choices() -> dict[str, Any]:
    return {"sites": Site.objects.all(), "years": SchoolYear.objects.all(), "schools": schools_of_children()}


@agent
@_FORM
def activities_copy(request: AgentRequest, year_id: str) -> HttpResponse:
    """Everything but prices, which are set again; nothing is shown to families before it is published."""
    with or_404():
        source = year_named(year_id)
    form = CopyForm(request.POST or None, years=SchoolYear.objects.exclude(pk=source.pk))

    def save() -> str:
        made = services.copy_year(source=source, target=form.year, among=request.regie_ids, by=request.actor)
        return f"{made} activité{'s' if made > 1 else ''} reconduite{'s' if made > 1 else ''}, à publier."

    heading = f"Reconduire les activités {source.label}"
    lede = "Unités, groupes et délais suivent. Restent à faire\u202f: les tarifs, puis proposer chacune aux familles."
    back = f"{reverse('desk:activities')}?annee={source.pk}"
    page = EditPage(heading, trail(_ABOVE, here="Reconduire"), back, verb="Reconduire", lede=lede)
    return edit_page(request, form, save, page=page)


@agent
@_FORM
def unit_new(request: AgentRequest, activity_id: str) -> HttpResponse:
    return _unit_edited(request, Unit(activity=_activity(request, activity_id)), heading="Ajouter une unité")


@agent
@_FORM
def unit_edit(request: AgentRequest, unit_id: str) -> HttpResponse:
    with or_404():
        unit = unit_named(request.regie_ids, unit_id)
    return _unit_edited(request, unit, heading=unit.name)


def _unit_edited(request: AgentRequest, unit: Unit, *, heading: str) -> HttpResponse:
    shown = {name: getattr(unit, name) for name in UnitForm.base_fields}
    form = UnitForm(request.POST or None, initial=shown)

    def save() -> str:
        services.save_unit(unit=form.put_on(unit), by=request.actor)
        return _SAVED

    return edit_page(request, form, save, page=_part_page(unit.activity, heading))


@agent
@_FORM
def unit_remove(request: AgentRequest, unit_id: str) -> HttpResponse:
    with or_404():
        unit = unit_named(request.regie_ids, unit_id)
    return _part_removed(request, unit)


@agent
@_FORM
def group_new(request: AgentRequest, activity_id: str) -> HttpResponse:
    return _group_edited(request, ActivityGroup(activity=_activity(request, activity_id)), heading="Ajouter un groupe")


@agent
@_FORM
def group_edit(request: AgentRequest, group_id: str) -> HttpResponse:
    with or_404():
        group = group_named(request.regie_ids, group_id)
    return _group_edited(request, group, heading=group.name)


def _group_edited(request: AgentRequest, group: ActivityGroup, *, heading: str) -> HttpResponse:
    form = GroupForm(request.POST or None, initial=typed_group(group))

    def save() -> str:
        services.save_group(group=form.put_on(group), by=request.actor)
        return _SAVED

    return edit_page(request, form, save, page=_part_page(group.activity, heading))


@agent
@_FORM
def group_remove(request: AgentRequest, group_id: str) -> HttpResponse:
    with or_404():
        group = group_named(request.regie_ids, group_id)
    return _part_removed(request, group)


def _part_removed(request: AgentRequest, part: Unit | ActivityGroup) -> HttpResponse:
    page = _part_page(part.activity, f"Retirer «\u202f{part.name}\u202f»\u202f?", verb="Retirer")
    return removal_page(
        request, lambda: services.remove_part(part=part, by=request.actor), page=page, said="C’est retiré."
    )


def _part_page(one: Activity, heading: str, *, verb: str = "Enregistrer") -> EditPage:
    return EditPage(
        heading,
        trail(_ABOVE, here=heading),
        _page_of(one),
        verb=verb,
        lede=f"{one.name}, {one.school_year}.",
        short=("min_age_months", "max_age_months", "capacity", "position"),
    )


def _page_of(one: Activity) -> str:
    return reverse("desk:activity", args=[one.public_id])


def _activity(request: AgentRequest, key: str) -> Activity:
    with or_404():
        return activity_named(request.regie_ids, key)
