"""Care contracts: written with a family, changed from a day on, ended (V02)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from preau.domain.bookings.errors import ContractRefusedError
from preau.domain.bookings.models import CareContract, Enrolment
from preau.domain.bookings.queries.contracts import (
    ContractProposal,
    contract_proposal,
    contract_sheet,
    enrolment_to_sign,
)
from preau.domain.bookings.rules.contracts import Terms
from preau.domain.bookings.services.contracts import change_contract, end_contract, write_contract
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.interfaces.desk.contract_forms import ContractForm, typed_contract
from preau.interfaces.desk.enrolment_forms import EndForm
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent, posted
from preau.interfaces.desk.telling import told_words
from preau.interfaces.desk.views.enrolments import ABOVE
from preau.interfaces.doors import or_404

Write = Callable[..., CareContract]
_FORM = require_http_methods(["GET", "HEAD", "POST"])


@agent
@_FORM
def enrolment_contract(request: AgentRequest, enrolment_id: str) -> HttpResponse:
    """Write a first contract, or one after the others."""
    with or_404():
        enrolment = enrolment_to_sign(request.regie_ids, public_id=enrolment_id)
    write = partial(write_contract, enrolment_id=enrolment_id, by=request.actor)
    days = {"first_day": max(enrolment.first_day, request.today), "last_day": enrolment.last_day}
    form = ContractForm(posted(request), initial=days, activity=enrolment.activity)
    return _written(request, enrolment, form, write, replaced=None)


@agent
@require_safe
def contract(request: AgentRequest, contract_id: str) -> HttpResponse:
    return _page(request, _contract(request, contract_id), EndForm(initial={"on": request.today}))


@agent
@_FORM
def contract_change(request: AgentRequest, contract_id: str) -> HttpResponse:
    """New terms, from a day on."""
    old = _contract(request, contract_id)
    write = partial(change_contract, contract_id=contract_id, by=request.actor)
    shown = {**typed_contract(old), "first_day": max(old.first_day, request.today)}
    form = ContractForm(posted(request), initial=shown, activity=old.enrolment.activity)
    return _written(request, old.enrolment, form, write, replaced=old)


@agent
@require_POST
def contract_end(request: AgentRequest, contract_id: str) -> HttpResponse:
    found, form = _contract(request, contract_id), EndForm(request.POST)
    if form.is_valid():
        try:
            end_contract(contract_id=contract_id, by=request.actor, **form.cleaned_data)
        except ContractRefusedError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Le contrat est terminé. Les jours suivants sont rendus.")
            return redirect("desk:contract", contract_id)
    return _page(request, found, form, status=422)


def _contract(request: AgentRequest, contract_id: str) -> CareContract:
    with or_404():
        return contract_sheet(request.regie_ids, public_id=contract_id)


def _written(
    request: AgentRequest, enrolment: Enrolment, form: ContractForm, write: Write, *, replaced: CareContract | None
) -> HttpResponse:
    """« Calculer » shows what the terms come to; « Enregistrer » writes them. Faults are told beside their fields."""
    proposal = None
    if form.is_valid():
        try:
            if request.POST.get("action") != "calculer":
                made = write(terms=form.terms)
                messages.success(request, f"Le contrat est enregistré. {told_words(enrolment.household)}")
                return redirect("desk:contract", made.public_id)
            proposal = _proposal(enrolment, form.terms, replaced)
        except ContractRefusedError as refusal:
            form.refuse(refusal.message, field=refusal.field)
    context = _form_page(enrolment, replaced) | {"form": form, "proposal": proposal}
    return render(request, "desk/contract_form.html", context, status=422 if form.errors else 200)


def _proposal(enrolment: Enrolment, terms: Terms, replaced: CareContract | None) -> ContractProposal:
    return contract_proposal(enrolment, terms, now=clock.now(), zone=the_town().zone, replaced=replaced)


def _form_page(enrolment: Enrolment, replaced: CareContract | None) -> dict[str, Any]:
    key = replaced.public_id if replaced else enrolment.public_id
    back = reverse("desk:contract" if replaced else "desk:enrolment", args=[key])
    heading = "Changer le contrat" if replaced else "Écrire un contrat d’accueil"
    steps = trail(ABOVE, here=heading)
    child = f"{enrolment.child.first_name} {enrolment.child.last_name}"
    return {
        "enrolment": enrolment,
        "heading": heading,
        "back": back,
        "trail": [*steps[:-1], (child, reverse("desk:enrolment", args=[enrolment.public_id])), steps[-1]],
    }


def _page(request: AgentRequest, found: CareContract, form: EndForm, *, status: int = 200) -> HttpResponse:
    child = found.enrolment.child
    steps = trail(ABOVE, here="Contrat d’accueil")
    named = (f"{child.first_name} {child.last_name}", reverse("desk:enrolment", args=[found.enrolment.public_id]))
    context = {
        "contract": found,
        "is_running": found.state == "signed" and found.last_day >= request.today,
        "form": form,
        "today": request.today,
        "trail": [*steps[:-1], named, steps[-1]],
    }
    return render(request, "desk/contract.html", context, status=status)
