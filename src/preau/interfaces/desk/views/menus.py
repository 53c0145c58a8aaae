"""Menus: a file handed over, the weeks known, who publishes them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.activities.queries.menus import menu_publisher, weeks_of_menus
from preau.domain.activities.services.menus import MenuCounts, import_menus, save_publisher
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.interfaces.desk.editing import EditPage, edit_page
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.menu_forms import MenuFileForm, PublisherForm, typed_publisher
from preau.interfaces.desk.rights import AgentRequest, agent

_FORM = require_http_methods(["GET", "HEAD", "POST"])


@agent
@require_safe
def menus(request: AgentRequest) -> HttpResponse:
    context = {
        "weeks": weeks_of_menus(today=clock.today(the_town().zone)),
        "publisher": menu_publisher(),
        "trail": trail(here="Menus"),
    }
    return render(request, "desk/menus.html", context)


@agent
@_FORM
def menus_import(request: AgentRequest) -> HttpResponse:
    """All of the file, or nothing and every fault."""
    form = MenuFileForm(request.POST or None, request.FILES or None)

    def save() -> str:
        return _said(import_menus(content=form.cleaned_data["file"].read(), by=request.actor))

    page = EditPage(
        "Importer des menus",
        trail(("Menus", "menus"), here="Importer"),
        reverse("desk:menus"),
        verb="Importer ce fichier",
        lede="Le fichier est pris en entier, ou pas du tout. Un repas qu’il décrit remplace celui qui était connu.",
        is_file=True,
    )
    return edit_page(request, form, save, page=page)


def _said(counts: MenuCounts) -> str:
    what = "menus" if counts.kind == "menus" else "plats"
    left = len(counts.remarks)
    passed = f" {left} remarque{'s' if left > 1 else ''}\u202f: {counts.remarks[0]}." if left else ""
    return (
        f"{what.capitalize()}\u202f: {counts.created} de plus, {counts.updated} changés, "
        f"{counts.unchanged} déjà connus.{passed}"
    )


@agent
@_FORM
def menus_publisher(request: AgentRequest) -> HttpResponse:
    form = PublisherForm(request.POST or None, initial=typed_publisher(menu_publisher()))

    def save() -> str:
        save_publisher(**form.cleaned_data, by=request.actor)
        return "C’est enregistré\u202f: les fichiers publics sont en ligne."

    page = EditPage(
        "Éditeur des menus",
        trail(("Menus", "menus"), here="Éditeur"),
        reverse("desk:menus"),
        lede="Les fichiers publics de menus disent qui les publie et quelle cuisine les prépare.",
    )
    return edit_page(request, form, save, page=page)
