"""Cases to review: the list, one case, and the two words that close it (E.1, W14)."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from preau.domain.payments.errors import CaseError
from preau.domain.payments.outcomes import Outcome
from preau.domain.payments.queries.cases import CaseSheet, case_sheet, listed_cases
from preau.domain.payments.services.decisions import confirm, propose, send_back
from preau.interfaces.desk.forms import ProposalForm, SendBackForm, filters_of
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404

_PROPOSED = "La décision est proposée. Une autre personne de la régie doit maintenant la confirmer."
_SENT_BACK = "La proposition est renvoyée. Le dossier attend une nouvelle décision."
_STALE = "Cette page n’était plus à jour\u202f: la proposition a changé. Relisez-la avant de répondre."


@agent
@require_safe
def cases(request: AgentRequest) -> HttpResponse:
    """`?regie=`, `?nature=`, `?etat=`, `?page=`."""
    filters, form = filters_of(request.GET, regies=request.regies)
    seen = listed_cases(request.regie_ids, filters=filters, page=request.GET.get("page", ""))
    context = {"seen": seen, "form": form, "is_filtered": filters.is_set, "trail": trail(here="Dossiers à examiner")}
    return render(request, "desk/cases.html", context)


@agent
@require_safe
def case(request: AgentRequest, case_id: str) -> HttpResponse:
    return _page(request, _sheet(request, case_id))


@agent
@require_POST
def case_propose(request: AgentRequest, case_id: str) -> HttpResponse:
    sheet = _sheet(request, case_id)
    form = _proposal(sheet, request.POST)
    if not form.is_valid():
        return _page(request, sheet, form=form, status=422)
    outcome, reason = Outcome(form.cleaned_data["outcome"]), form.cleaned_data["reason"]
    act = partial(propose, case_id=case_id, outcome=outcome, reason=reason, user=request.user, by=request.actor)
    return _done(request, case_id, act, said=_PROPOSED)


@agent
@require_POST
def case_confirm(request: AgentRequest, case_id: str) -> HttpResponse:
    decision_id = _answered(request, _sheet(request, case_id))
    if not decision_id:
        return redirect("desk:case", case_id)
    act = partial(confirm, decision_id=decision_id, user=request.user, by=request.actor)
    return _done(request, case_id, act, said="Le dossier est clos.")


@agent
@require_POST
def case_send_back(request: AgentRequest, case_id: str) -> HttpResponse:
    sheet, form = _sheet(request, case_id), SendBackForm(request.POST)
    decision_id = _answered(request, sheet)
    if not decision_id:
        return redirect("desk:case", case_id)
    if not form.is_valid():
        return _page(request, sheet, refusal=form, status=422)
    reason = form.cleaned_data["refusal"]
    act = partial(send_back, decision_id=decision_id, reason=reason, user=request.user, by=request.actor)
    return _done(request, case_id, act, said=_SENT_BACK)


def _sheet(request: AgentRequest, case_id: str) -> CaseSheet:
    with or_404():
        return case_sheet(request.regie_ids, public_id=case_id)


def _proposal(sheet: CaseSheet, posted: object = None) -> ProposalForm:
    return ProposalForm(posted, possible=sheet.possible, moved_cents=sheet.standing.moved_cents)


def _answered(request: AgentRequest, sheet: CaseSheet) -> str:
    """The decision that the page showed, if it is still the one that stands; else an empty text, and why."""
    standing = sheet.standing_decision
    if standing is not None and request.POST.get("decision") == standing.public_id:
        return standing.public_id
    messages.error(request, _STALE)
    return ""


def _done(request: AgentRequest, case_id: str, act: Callable[[], object], *, said: str) -> HttpResponse:
    try:
        act()
    except CaseError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("desk:case", case_id)


def _page(request: AgentRequest, sheet: CaseSheet, *, status: int = 200, **typed: Form) -> HttpResponse:
    decision = sheet.standing_decision
    context = {
        "sheet": sheet,
        "decision": decision,
        "is_mine": decision is not None and decision.proposed_by_id == request.user.id,
        "form": _proposal(sheet),
        "refusal": SendBackForm(),
        "trail": trail(("Dossiers à examiner", "cases"), here=sheet.case.reference),
    }
    return render(request, "desk/case.html", context | typed, status=status)
