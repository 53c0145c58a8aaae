"""Places where children are received; all agents share them."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.activities.models import Site
from preau.domain.activities.queries.offering import site_named
from preau.domain.activities.services.activities import save_site
from preau.interfaces.desk.editing import EditPage, edit_page
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.offer_forms import SiteForm
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404

_FORM = require_http_methods(["GET", "HEAD", "POST"])
_SECTIONS = (
    ("Le lieu", "", ("name", "address", "phone", "position")),
    (
        "Dans les fichiers publics de menus",
        "Facultatif.",
        ("restaurant_kind", "register_kind", "register_number", "insee_code"),
    ),
)


@agent
@require_safe
def sites(request: AgentRequest) -> HttpResponse:
    context = {"sites": Site.objects.all(), "trail": trail(("Activités", "activities"), here="Lieux")}
    return render(request, "desk/sites.html", context)


@agent
@_FORM
def site_new(request: AgentRequest) -> HttpResponse:
    return _edited(request, Site(), heading="Ajouter un lieu")


@agent
@_FORM
def site_edit(request: AgentRequest, site_id: str) -> HttpResponse:
    with or_404():
        site = site_named(site_id)
    return _edited(request, site, heading=site.name)


def _edited(request: AgentRequest, site: Site, *, heading: str) -> HttpResponse:
    form = SiteForm(request.POST or None, initial={name: getattr(site, name) for name in SiteForm.base_fields})

    def save() -> str:
        return f"{save_site(site=form.put_on(site), by=request.actor)}\u202f: c’est enregistré."

    above = (("Activités", "activities"), ("Lieux", "sites"))
    page = EditPage(
        heading, trail(*above, here=heading), reverse("desk:sites"), sections=_SECTIONS, short=("position",)
    )
    return edit_page(request, form, save, page=page)
