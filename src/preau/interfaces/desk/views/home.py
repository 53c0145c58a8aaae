"""The first page of the desk."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from preau.domain.payments.queries.acts import count_to_answer
from preau.domain.payments.queries.cases import open_counts, to_confirm
from preau.interfaces.desk.rights import AgentRequest, agent


@agent
@require_safe
def home(request: AgentRequest) -> HttpResponse:
    """The situation in one sentence, then the régies of the agent."""
    counts = open_counts(request.regie_ids)
    context = {
        "posts": [(post, counts[post.regie_id]) for post in request.posts],
        "waiting": counts.total(),
        "to_confirm": to_confirm(request.regie_ids, user=request.user),
        "acts": count_to_answer(request.regie_ids, user=request.user),
    }
    return render(request, "desk/home.html", context)
