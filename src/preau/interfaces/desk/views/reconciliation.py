"""Reconciliation: a month day by day, a bank's statement handed over, the constat of a day and its PDF (E.6)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.models import BankStatement, Reconciliation
from preau.domain.payments.queries.constats import (
    constat_document,
    constat_named,
    contract_label,
    contracts_of,
    month_of,
    same_day,
    told_findings,
)
from preau.domain.payments.services.reconciliation import reconcile, reconcile_statement
from preau.domain.payments.services.statements import import_statement
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.reconciliation_forms import StatementForm, month_asked
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.doors import or_404

_ABOVE = ("Rapprochement", "reconciliation")


@agent
@require_safe
def month(request: AgentRequest) -> HttpResponse:
    """`?mois=AAAA-MM`, `?regie=`."""
    today = clock.today(the_town().zone)
    first, regies, form = month_asked(request.GET, regies=request.regies, today=today)
    seen = month_of([one.id for one in regies], first, today=today)
    context = {"seen": seen, "form": form, "trail": trail(here="Rapprochement")}
    return render(request, "desk/reconciliation.html", context)


@agent
@require_http_methods(["GET", "HEAD", "POST"])
def statement_import(request: AgentRequest) -> HttpResponse:
    """All of the file, or nothing and every fault."""
    contracts = contracts_of(request.regie_ids)
    form = StatementForm(request.POST or None, request.FILES or None, contracts=contracts)
    if request.method != "POST" or not form.is_valid():
        return _import_page(request, form, status=422 if request.method == "POST" else 200)
    try:
        statement = _taken(request, form)
    except StatementRefusedError as refused:
        return _import_page(request, form, faults=refused.faults, status=422)
    messages.success(request, _taken_words(statement))
    return redirect(f"{reverse('desk:reconciliation')}?mois={statement.last_day:%Y-%m}")


def _taken(request: AgentRequest, form: StatementForm) -> BankStatement:
    statement = import_statement(
        gateway=form.contract.gateway,
        content=form.cleaned_data["fichier"].read(),
        name=form.cleaned_data["fichier"].name,
        by=request.actor,
        user=request.user,
        among=list(form.contracts.values()),
        covering=[form.contract],
        first_day=form.cleaned_data["du"],
        last_day=form.cleaned_data["au"],
    )
    reconcile_statement(statement, by=request.actor, user=request.user)
    return statement


def _taken_words(statement: BankStatement) -> str:
    listed = (
        f"{statement.lines} opération{'s' if statement.lines > 1 else ''}" if statement.lines else "aucune opération"
    )
    days = f"du {french.day(statement.first_day)} au {french.day(statement.last_day)}"
    return f"Le relevé est importé\u202f: {listed}, {days}."


def _import_page(
    request: AgentRequest, form: StatementForm, *, faults: list[tuple[int, str]] | None = None, status: int
) -> HttpResponse:
    context = {"form": form, "faults": faults or [], "trail": trail(_ABOVE, here="Importer un relevé")}
    return render(request, "desk/reconciliation_import.html", context, status=status)


@agent
@require_safe
def constat(request: AgentRequest, constat_id: str) -> HttpResponse:
    found = _constat(request, constat_id)
    others = same_day(found)
    context = {
        "constat": found,
        "label": contract_label(found.contract),
        "findings": told_findings(found),
        "others": others,
        "is_in_force": others[0].id == found.id,
        "trail": trail(_ABOVE, here=french.day(found.day)),
    }
    return render(request, "desk/reconciliation_day.html", context)


@agent
@require_safe
def constat_pdf(request: AgentRequest, constat_id: str) -> HttpResponse:
    found = _constat(request, constat_id)
    answer = HttpResponse(constat_document(found), content_type="application/pdf")
    name = f"constat-{found.contract.regie.code}-{found.day}-{found.number}.pdf"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or "inline"
    return answer


@agent
@require_POST
def constat_again(request: AgentRequest, constat_id: str) -> HttpResponse:
    """The same day now: what was decided since is in it. No bank is asked while somebody waits."""
    found = _constat(request, constat_id)
    made = reconcile(
        contract=found.contract, day=found.day, by=request.actor, user=request.user, asks=False, always=True
    )
    messages.success(request, "Le constat de ce jour est refait.")
    return redirect("desk:reconciliation_day", made.public_id)


def _constat(request: AgentRequest, constat_id: str) -> Reconciliation:
    with or_404():
        return constat_named(request.regie_ids, constat_id)
