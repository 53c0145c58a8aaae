"""Tariffs: the list, one tariff with its versions, a new version with its grid, a price tried (C46)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from preau.domain.pricing.errors import TariffRefusedError, VersionUsedError
from preau.domain.pricing.models import Tariff
from preau.domain.pricing.queries import TariffSheet, listed_tariffs, tariff_sheet
from preau.domain.pricing.services import add_version, attach, create_tariff, remove_version
from preau.foundation import french
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.desk.tariff_forms import DatedTryForm, TariffForm, UnitForm, unit_words
from preau.interfaces.desk.trying import Tried, try_paper, try_tariff
from preau.interfaces.desk.version_forms import VersionPaper
from preau.interfaces.doors import or_404

_ABOVE = ("Tarifs", "tariffs")
_FORM = require_http_methods(["GET", "HEAD", "POST"])


@agent
@require_safe
def tariffs(request: AgentRequest) -> HttpResponse:
    rows = listed_tariffs(request.regie_ids, today=request.today)
    return render(request, "desk/tariffs.html", {"rows": rows, "trail": trail(here="Tarifs")})


@agent
@_FORM
def tariff_new(request: AgentRequest) -> HttpResponse:
    """A name, then its first version."""
    form = TariffForm(request.POST or None, regies=request.regies)
    if request.method == "POST" and form.is_valid() and (made := _created(request, form)):
        return redirect("desk:tariff_version_new", made.public_id)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "desk/tariff_new.html", {"form": form, "trail": trail(_ABOVE, here="Nouveau")}, status=status
    )


@agent
@require_safe
def tariff(request: AgentRequest, tariff_id: str) -> HttpResponse:
    """`?jour=…&quotient=…` tries a price."""
    sheet = _sheet(request, tariff_id)
    if "lien" not in request.GET:
        return _page(request, sheet)
    form = DatedTryForm(request.GET)
    return _page(request, sheet, trial=form, tried=try_tariff(form, sheet.tariff))


@agent
@_FORM
def tariff_version_new(request: AgentRequest, tariff_id: str) -> HttpResponse:
    """Lines may be added and a price tried as often as one likes before anything is kept."""
    sheet, action = _sheet(request, tariff_id), request.POST.get("action", "")
    if request.method != "POST":
        return _version_page(request, sheet, VersionPaper.copy_of(sheet.last))
    paper = VersionPaper.posted(request.POST, with_more=action == "lignes", keeping=action != "essayer")
    if action == "lignes":
        return _version_page(request, sheet, paper)
    if action == "essayer":
        return _version_page(request, sheet, paper, tried=try_paper(paper, sheet.tariff))
    if not paper.is_valid() or not _kept(request, sheet, paper):
        return _version_page(request, sheet, paper, status=422)
    return redirect("desk:tariff", tariff_id)


@agent
@require_POST
def tariff_version_remove(request: AgentRequest, tariff_id: str) -> HttpResponse:
    """`version`: its first day. A slip of the hand; what made a price stays."""
    with or_404():
        version = _sheet(request, tariff_id).version_of(request.POST.get("version", ""))
    try:
        remove_version(version=version, by=request.actor)
    except VersionUsedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"La version du {french.day(version.valid_from)} est retirée.")
    return redirect("desk:tariff", tariff_id)


@agent
@require_POST
def tariff_attach(request: AgentRequest, tariff_id: str) -> HttpResponse:
    """Price one more unit of the régie."""
    sheet = _sheet(request, tariff_id)
    form = UnitForm(request.POST, units=sheet.others)
    if not form.is_valid():
        return _page(request, sheet, unit_form=form, status=422)
    attach(unit=form.unit, tariff=sheet.tariff, by=request.actor)
    messages.success(request, f"{unit_words(form.unit)} suit maintenant ce tarif.")
    return redirect("desk:tariff", tariff_id)


def _sheet(request: AgentRequest, tariff_id: str) -> TariffSheet:
    with or_404():
        return tariff_sheet(request.regie_ids, public_id=tariff_id, today=request.today)


def _created(request: AgentRequest, form: TariffForm) -> Tariff | None:
    """What the domain refuses is shown beside its field."""
    try:
        return create_tariff(**form.said, by=request.actor)
    except TariffRefusedError as refusal:
        for fault in refusal.faults:
            form.add_error(fault.field, fault.message)
    return None


def _kept(request: AgentRequest, sheet: TariffSheet, paper: VersionPaper) -> bool:
    """Whether the domain took the version; what it refuses is shown where it was typed."""
    try:
        version = add_version(tariff=sheet.tariff, by=request.actor, **paper.said)
    except TariffRefusedError as refusal:
        paper.take(refusal.faults)
        return False
    messages.success(request, f"La version du {french.day(version.valid_from)} est enregistrée.")
    return True


def _page(request: AgentRequest, sheet: TariffSheet, *, status: int = 200, **shown: Any) -> HttpResponse:
    context = {
        "sheet": sheet,
        "trial": DatedTryForm(initial={"jour": f"{request.today}"}),
        "unit_form": UnitForm(units=sheet.others),
        "trail": trail(_ABOVE, here=sheet.tariff.name),
    }
    return render(request, "desk/tariff.html", context | shown, status=status)


def _version_page(
    request: AgentRequest, sheet: TariffSheet, paper: VersionPaper, *, tried: Tried | None = None, status: int = 200
) -> HttpResponse:
    steps = trail(_ABOVE, here="Nouvelle version")
    here = (sheet.tariff.name, reverse("desk:tariff", args=[sheet.tariff.public_id]))
    context = {"sheet": sheet, "paper": paper, "tried": tried, "trail": [*steps[:-1], here, steps[-1]]}
    return render(request, "desk/tariff_version.html", context, status=status)
