"""Anybody may check that a receipt is true, from the code printed on it (P07)."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from preau.domain.payments.queries.receipts import receipt_with_code
from preau.foundation import ids
from preau.interfaces.portal.rights import TownRequest, public

#: Longer than any code with its separators; what follows is not worth reading.
CODE_LENGTH = 40


@public
def verify(request: TownRequest) -> HttpResponse:
    """The form; a typed code becomes the address of its answer, which can be kept or sent."""
    code = ids.ungrouped(request.GET.get("code", ""))[:CODE_LENGTH]
    if code:
        return HttpResponseRedirect(reverse("portal:verify_code", args=[code]))
    return render(request, "portal/public/verify.html", {"missing": "code" in request.GET})


@public
def verify_code(request: TownRequest, code: str) -> HttpResponse:
    """Issuer, régie, number, date and amount of a receipt: nothing about the person who paid."""
    receipt = receipt_with_code(code[:CODE_LENGTH])
    context = {"receipt": receipt, "code": ids.grouped(ids.ungrouped(code[:CODE_LENGTH])), "asked": True}
    return render(request, "portal/public/verify.html", context, status=200 if receipt else 404)
