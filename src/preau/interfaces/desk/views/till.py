"""The desk where families pay: a family found, what it owes, what it brings (S09, L06, V11)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.payments.errors import DeskRefusedError, PaymentError
from preau.domain.payments.queries.desk import DeskSheet, desk_day, desk_sheet, families_found
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.payments.services.desk import Received, receive
from preau.interfaces.desk.act_forms import SearchForm
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.desk.till_forms import ReceiveForm
from preau.interfaces.doors import or_404

_WRITTEN = "C’est encaissé. Le reçu est prêt."
_REPEATED = "Ce paiement était déjà enregistré\u202f: le voici. Rien n’est compté deux fois."


@agent
@require_safe
def till(request: AgentRequest) -> HttpResponse:
    """`?q=`, `?page=`."""
    form = SearchForm(request.GET, label="Chercher une famille", hint="Numéro de dossier, nom ou numéro de facture.")
    context = {
        "seen": families_found(request.regie_ids, sought=form.sought or "", page=request.GET.get("page", "")),
        "day": desk_day(request.regie_ids),
        "form": form,
        "trail": trail(here="Guichet"),
    }
    return render(request, "desk/till.html", context)


@agent
@require_http_methods(["GET", "HEAD", "POST"])
def till_family(request: AgentRequest, household_id: str) -> HttpResponse:
    """`?regie=` chooses one of the agent's régies; the form names the one that it was shown for."""
    if request.method != "POST":
        sheet = _sheet(request, household_id, request.GET.get("regie", ""))
        return _page(request, sheet, _empty_form(request, sheet))
    sheet = _sheet(request, household_id, request.POST.get("regie", "") or "-")
    form = ReceiveForm(request.POST, means=sheet.means)
    received = _received(request, sheet, form) if form.is_valid() else None
    if received is None:
        return _page(request, sheet, form, status=422)
    (messages.warning if received.is_repeat else messages.success)(
        request, _REPEATED if received.is_repeat else _WRITTEN
    )
    return redirect("desk:payment", received.attempt.public_id)


def _received(request: AgentRequest, sheet: DeskSheet, form: ReceiveForm) -> Received | None:
    """What was written down; None when it was refused, with the reason beside its field."""
    try:
        return receive(
            household=sheet.household,
            regie=sheet.regie,
            invoice_ids=form.cleaned_data["invoices"],
            brought=form.brought,
            form_key=form.cleaned_data["form_key"],
            user=request.user,
            by=request.actor,
        )
    except PaymentError as refusal:
        field = refusal.field if isinstance(refusal, DeskRefusedError) else ""
        form.add_error(field or None, refusal.message)
        return None


def _sheet(request: AgentRequest, household_id: str, regie_id: str) -> DeskSheet:
    with or_404():
        return desk_sheet(request.regies, household_id=household_id, regie_id=regie_id, today=request.today)


def _empty_form(request: AgentRequest, sheet: DeskSheet) -> ReceiveForm:
    initial = {"received_on": request.today, "form_key": new_form_key(), "regie": sheet.regie.public_id}
    return ReceiveForm(initial=initial, means=sheet.means)


def _page(request: AgentRequest, sheet: DeskSheet, form: ReceiveForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "sheet": sheet,
        "form": form,
        "ticked": form.ticked,
        "trail": trail(("Guichet", "till"), here=sheet.household.file_name),
    }
    return render(request, "desk/till_family.html", context, status=status)
