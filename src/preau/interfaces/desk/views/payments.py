"""Payments: found, followed, and what an agent proposes about one of them (payment-gateways 9.4)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.payments.queries.acts import Act
from preau.domain.payments.queries.captured import CaptureSheet, capture_sheet, listed_captures
from preau.domain.payments.receipts import receipt_document
from preau.domain.payments.services.credit_notes import propose_credit_note
from preau.domain.payments.services.refunds import propose_refund
from preau.domain.payments.services.reversals import propose_reversal
from preau.foundation.money import format_cents
from preau.interfaces.desk.act_forms import CreditNoteForm, RefundForm, ReversalForm, SearchForm
from preau.interfaces.desk.menu import trail
from preau.interfaces.desk.proposing import proposal_page
from preau.interfaces.desk.rights import AgentRequest, agent
from preau.interfaces.documents import document
from preau.interfaces.doors import or_404

_HINT = "Référence, numéro de reçu, de facture ou de dossier, nom, montant."
_FORM = require_http_methods(["GET", "HEAD", "POST"])


@agent
@require_safe
def payments(request: AgentRequest) -> HttpResponse:
    """`?q=`, `?page=`."""
    form = SearchForm(request.GET, label="Chercher un paiement", hint=_HINT)
    regies = request.regie_ids if form.sought is not None else []
    seen = listed_captures(regies, sought=form.sought or "", page=request.GET.get("page", ""))
    context = {"seen": seen, "form": form, "trail": trail(here="Paiements")}
    return render(request, "desk/payments.html", context)


@agent
@require_safe
def payment(request: AgentRequest, payment_id: str) -> HttpResponse:
    sheet = _sheet(request, payment_id)
    context = {"sheet": sheet, "trail": trail(("Paiements", "payments"), here=sheet.capture.attempt.reference)}
    return render(request, "desk/payment.html", context)


@agent
@require_safe
def payment_receipt(request: AgentRequest, payment_id: str) -> HttpResponse:
    """The receipt to print, drawn the first time it is asked for."""
    return document(receipt_document(_sheet(request, payment_id).capture.receipt).file)


@agent
@_FORM
def payment_reverse(request: AgentRequest, payment_id: str) -> HttpResponse:
    """A direct debit returned, a payment contested."""
    sheet = _sheet(request, payment_id)
    initial = {"amount": _typed(sheet.returnable_cents)}
    form = ReversalForm(request.POST or None, kinds=sheet.kinds, initial=initial)

    def propose() -> Act:
        return propose_reversal(payment_id=payment_id, user=request.user, by=request.actor, **form.said)

    return proposal_page(request, form, propose, page=_page(sheet, "La banque a repris ce paiement"))


@agent
@_FORM
def payment_refund(request: AgentRequest, payment_id: str) -> HttpResponse:
    """Of the family's credit, be it on the card that paid."""
    sheet = _sheet(request, payment_id)
    capture, owed = sheet.capture, ("avoir", f"Avoir de la famille, {sheet.capture.regie.label}", sheet.credit_cents)
    form = RefundForm(request.POST or None, sources=[owed], by_card=capture.can_credit_card)

    def propose() -> Act:
        said: dict[str, Any] = {name: value for name, value in form.said.items() if name != "source"}
        said |= {"household": capture.attempt.household, "regie": capture.regie, "capture": capture}
        return propose_refund(user=request.user, by=request.actor, **said)

    return proposal_page(request, form, propose, page=_page(sheet, "Rembourser la famille"))


@agent
@_FORM
def payment_credit_note(request: AgentRequest, payment_id: str) -> HttpResponse:
    """A paid service becomes the family's credit."""
    sheet = _sheet(request, payment_id)
    paid = {one.invoice.public_id: one for one in sheet.creditable}
    named = [(key, f"{one.invoice.label}, {one.invoice.number}", one.creditable_cents) for key, one in paid.items()]
    form = CreditNoteForm(request.POST or None, invoices=named)

    def propose() -> Act:
        said = form.said | {"invoice": paid[form.said["invoice"]].invoice}
        return propose_credit_note(user=request.user, by=request.actor, **said)

    return proposal_page(request, form, propose, page=_page(sheet, "Rendre un service payé"))


def _sheet(request: AgentRequest, payment_id: str) -> CaptureSheet:
    with or_404():
        return capture_sheet(request.regie_ids, payment_id=payment_id)


def _typed(cents: int) -> str:
    """An amount as the field writes it."""
    return format_cents(cents).removesuffix("\u202f€")


def _page(sheet: CaptureSheet, heading: str) -> dict[str, Any]:
    attempt = sheet.capture.attempt
    steps = trail(("Paiements", "payments"), here=heading)
    back = reverse("desk:payment", args=[attempt.public_id])
    return {
        "heading": heading,
        "facts": [
            ("Famille", f"{attempt.household.file_name}, dossier n° {attempt.household.file_number}"),
            ("Paiement", f"{attempt.reference}, {format_cents(sheet.capture.amount_cents)}"),
        ],
        "back": back,
        "trail": [*steps[:-1], (attempt.reference, back), steps[-1]],
    }
