"""Cases to review: the list, one case, and the two words that close it (E.1, W14)."""

from collections.abc import Callable

from django.contrib import messages
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
        return _page(request, sheet, proposal=form, status=422)
    outcome, reason = Outcome(form.cleaned_data["outcome"]), form.cleaned_data["reason"]
    said = "La décision est proposée. Une autre personne de la régie doit maintenant la confirmer."
    return _done(
        request,
        case_id,
        lambda: propose(case_id=case_id, outcome=outcome, reason=reason, user=request.user, by=request.actor),
        said=said,
    )


@agent
@require_POST
def case_confirm(request: AgentRequest, case_id: str) -> HttpResponse:
    decision_id = _answered(request, _sheet(request, case_id))
    if not decision_id:
        return redirect("desk:case", case_id)
    said = "Le dossier est clos."
    return _done(
        request, case_id, lambda: confirm(decision_id=decision_id, user=request.user, by=request.actor), said=said
    )


@agent
@require_POST
def case_send_back(request: AgentRequest, case_id: str) -> HttpResponse:
    sheet = _sheet(request, case_id)
    decision_id = _answered(request, sheet)
    if not decision_id:
        return redirect("desk:case", case_id)
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, sheet, refusal=form, status=422)
    reason = form.cleaned_data["refusal"]
    said = "La proposition est renvoyée. Le dossier attend une nouvelle décision."
    return _done(
        request,
        case_id,
        lambda: send_back(decision_id=decision_id, reason=reason, user=request.user, by=request.actor),
        said=said,
    )


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


def _page(
    request: AgentRequest,
    sheet: CaseSheet,
    *,
    proposal: ProposalForm | None = None,
    refusal: SendBackForm | None = None,
    status: int = 200,
) -> HttpResponse:
    decision = sheet.standing_decision
    context = {
        "sheet": sheet,
        "decision": decision,
        "is_mine": decision is not None and decision.proposed_by_id == request.user.id,
        "form": proposal or _proposal(sheet),
        "refusal": refusal or SendBackForm(),
        "trail": trail(("Dossiers à examiner", "cases"), here=sheet.case.reference),
    }
    return render(request, "desk/case.html", context, status=status)
