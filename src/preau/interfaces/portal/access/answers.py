"""Pages that hold a form, answered with the status their reading deserves."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from preau.interfaces.portal.access.forms import AccessForm
from preau.interfaces.portal.access.onward import onward

#: The addresses that hold a secret never leave in a Referer; the site alone does, which form checks need (W6).
_NO_PATH = "strict-origin"


def form_page(request: HttpRequest, name: str, form: AccessForm, **context: Any) -> HttpResponse:
    """The page `portal/access/<name>.html` with its form, and the address to go on to, if any."""
    content = {"form": form, "onward": onward(request), **context}
    response = render(request, f"portal/access/{name}.html", content, status=form.answer_status)
    if form.retry_after is not None:
        response["Retry-After"] = str(form.retry_after)
    response["Referrer-Policy"] = _NO_PATH
    return response


def reset_address(token: str) -> str:
    """The page that a mailed link opens to choose a new password."""
    return reverse("portal:reset", args=[token])


def entry_address(token: str) -> str:
    """The page that a mailed link opens for a first entry."""
    return reverse("portal:claim_link", args=[token])


def email_address(token: str) -> str:
    """The page that a mailed link opens to confirm an address."""
    return reverse("portal:email_confirm", args=[token])
