"""A page with a form on which an agent proposes something about money: shown, refused beside the field, or taken."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render

from preau.domain.payments.errors import ActRefusedError, CaseError
from preau.domain.payments.queries.acts import Act
from preau.interfaces.desk.rights import AgentRequest

_PROPOSED = "C’est proposé. Une autre personne de la régie doit maintenant confirmer\u202f: rien n’a encore bougé."


def proposal_page(
    request: AgentRequest, form: Form, propose: Callable[[], Act], *, page: dict[str, Any]
) -> HttpResponse:
    """`propose` is called with a valid form only; `page` is what `desk/act_form.html` shows around it."""
    if request.method == "POST" and form.is_valid():
        try:
            act = propose()
        except CaseError as refusal:
            field = refusal.field if isinstance(refusal, ActRefusedError) else ""
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, _PROPOSED)
            return redirect("desk:act", act.public_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/act_form.html", {"form": form, **page}, status=status)
