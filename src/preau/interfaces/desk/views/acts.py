"""What an agent proposed about money: the list of what waits, one act, and the second person's answer (W14)."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from preau.domain.payments.errors import CaseError
from preau.domain.payments.queries.acts import Act, act_of, acts_waiting, household_of
from preau.domain.payments.services.acts import confirm_act, send_back_act
from preau.interfaces.desk.forms import SendBackForm
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.desk.telling import told_words
from preau.interfaces.desk.templatetags.act_words import proposee
from preau.interfaces.doors import or_404


@agent
@require_safe
def acts(request: AgentRequest) -> HttpResponse:
    context = {"acts": acts_waiting(request.regie_ids), "trail": trail(here="À confirmer")}
    return render(request, "desk/acts.html", context)


@agent
@require_safe
def act(request: AgentRequest, act_id: str) -> HttpResponse:
    return _page(request, _found(request, act_id))


@agent
@require_POST
def act_confirm(request: AgentRequest, act_id: str) -> HttpResponse:
    told = told_words(household_of(_found(request, act_id)))
    confirm = partial(confirm_act, act_id=act_id, user=request.user, by=request.actor)
    return _done(request, act_id, confirm, said=f"C’est confirmé et inscrit dans les comptes. {told}")


@agent
@require_POST
def act_send_back(request: AgentRequest, act_id: str) -> HttpResponse:
    found, form = _found(request, act_id), SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    reason = form.cleaned_data["refusal"]
    send_back = partial(send_back_act, act_id=act_id, reason=reason, user=request.user, by=request.actor)
    return _done(request, act_id, send_back, said="La proposition est renvoyée. Rien n’a bougé.")


def _found(request: AgentRequest, act_id: str) -> Act:
    with or_404():
        return act_of(request.regie_ids, public_id=act_id)


def _done(request: AgentRequest, act_id: str, answer: Callable[[], None], *, said: str) -> HttpResponse:
    try:
        answer()
    except CaseError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("desk:act", act_id)


def _page(request: AgentRequest, found: Act, *, form: SendBackForm | None = None, status: int = 200) -> HttpResponse:
    context = {
        "act": found,
        "household": household_of(found),
        "is_mine": found.proposed_by_id == request.user.id,
        "form": form or SendBackForm(),
        "trail": trail(("À confirmer", "acts"), here=proposee(found)),
    }
    return render(request, "desk/act.html", context, status=status)
