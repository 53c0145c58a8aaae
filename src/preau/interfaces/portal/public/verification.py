"""Anybody may check that a receipt is true, from the code printed on it (P07)."""

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from preau.domain.payments.queries.aftermath import reversals_of
from preau.domain.payments.queries.chain import VERIFIER, anchors, proof_of
from preau.domain.payments.queries.receipts import receipt_with_code
from preau.foundation import ids
from preau.interfaces.doors import TownRequest
from preau.interfaces.portal.rights import public

#: Longer than any code with its separators; what follows is not worth reading.
CODE_LENGTH = 40
ANCHORS_PER_PAGE = 24


@public
def verify(request: TownRequest) -> HttpResponse:
    """The form; a typed code becomes the address of its answer, which can be kept or sent."""
    code = ids.ungrouped(request.GET.get("code", ""))[:CODE_LENGTH]
    if code:
        return HttpResponseRedirect(reverse("portal:verify_code", args=[code]))
    return render(request, "portal/public/verify.html", {"missing": "code" in request.GET})


@public
def verify_code(request: TownRequest, code: str) -> HttpResponse:
    """Issuer, régie, number, date and amount of a receipt, and its link: nothing about the person who paid."""
    receipt = receipt_with_code(code[:CODE_LENGTH])
    context = {
        "receipt": receipt,
        "proof": receipt and proof_of(receipt),
        "taken_back": reversals_of([receipt]).get(receipt.id, []) if receipt else [],
        "code": ids.grouped(ids.ungrouped(code[:CODE_LENGTH])),
        "asked": True,
    }
    return render(request, "portal/public/verify.html", context, status=200 if receipt else 404)


@public
def receipt_anchors(request: TownRequest) -> HttpResponse:
    """The digest to which the receipts of each month lead, and how to verify: no amount, no name."""
    page = Paginator(anchors(), ANCHORS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/public/anchors.html", {"page": page})


@public
@require_safe
def receipt_verifier(request: TownRequest) -> HttpResponse:
    """The program that verifies a chain without this portal."""
    del request
    answer = HttpResponse(VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{VERIFIER.name}"'
    return answer
