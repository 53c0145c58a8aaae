"""What the régies of an agent owe families: the list, one family, and giving it back (payment-gateways 9.5)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.payments.queries.acts import Act
from preau.domain.payments.queries.open_credits import FamilyCreditSheet, family_credit_sheet
from preau.domain.payments.queries.open_credits import open_credits as found_credits
from preau.domain.payments.services.refunds import propose_refund
from preau.interfaces.desk.act_forms import RefundForm, SearchForm
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.proposing import proposal_page
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404


@agent
@require_safe
def open_credits(request: AgentRequest) -> HttpResponse:
    """`?q=`, `?page=`."""
    form = SearchForm(request.GET, label="Chercher une famille", hint="Numéro ou nom du dossier.")
    regies = request.regie_ids if form.sought is not None else []
    seen = found_credits(regies, sought=form.sought or "", page=request.GET.get("page", ""))
    return render(request, "desk/credits.html", {"seen": seen, "form": form, "trail": trail(here="Avoirs")})


@agent
@require_safe
def family_credit(request: AgentRequest, household_id: str) -> HttpResponse:
    sheet = _sheet(request, household_id)
    context = {"sheet": sheet, "trail": trail(("Avoirs", "credits"), here=sheet.household.file_name)}
    return render(request, "desk/credit.html", context)


@agent
@require_http_methods(["GET", "HEAD", "POST"])
def credit_refund(request: AgentRequest, household_id: str) -> HttpResponse:
    """Of its credit in a régie, or of what two people decided to give back."""
    sheet = _sheet(request, household_id)
    sources = _sources(sheet)
    named = [(key, words, cents) for key, (words, cents, _) in sources.items()]
    form = RefundForm(request.POST or None, sources=named, by_card=bool(sheet.owed))

    def propose() -> Act:
        said = {name: value for name, value in form.said.items() if name != "source"}
        said |= sources[form.said["source"]][2]
        return propose_refund(household=sheet.household, user=request.user, by=request.actor, **said)

    return proposal_page(request, form, propose, page=_page(sheet))


def _sheet(request: AgentRequest, household_id: str) -> FamilyCreditSheet:
    with or_404():
        return family_credit_sheet(request.regie_ids, household_id=household_id)


def _sources(sheet: FamilyCreditSheet) -> dict[str, tuple[str, int, dict[str, Any]]]:
    """What can be given back, by the key that the form sends: words, cents, and what names it to the service."""
    credit = {
        one.regie.public_id: (f"Avoir, {one.regie.label}", one.credit_cents, {"regie": one.regie})
        for one in sheet.credits
    }
    owed = {
        one.decision.public_id: (
            f"À rendre, {one.decision.case.regie.label}, opération {one.decision.case.reference}",
            one.owed_cents,
            {"regie": one.decision.case.regie, "decision": one.decision},
        )
        for one in sheet.owed
    }
    return credit | owed


def _page(sheet: FamilyCreditSheet) -> dict[str, Any]:
    heading, family = "Rembourser la famille", sheet.household
    back = reverse("desk:credit", args=[family.public_id])
    steps = trail(("Avoirs", "credits"), here=heading)
    return {
        "heading": heading,
        "facts": [("Famille", f"{family.file_name}, dossier n° {family.file_number}")],
        "back": back,
        "trail": [*steps[:-1], (family.file_name, back), steps[-1]],
    }
