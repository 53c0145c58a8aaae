"""Forgotten code or password: one page serves both (L13, S05, C07, V17)."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from preau.domain.accounts import services as accounts
from preau.domain.accounts.errors import LinkRefusedError
from preau.domain.accounts.models import LinkPurpose
from preau.domain.accounts.queries import live_link
from preau.interfaces.doors import TownRequest
from preau.interfaces.network import address_of
from preau.interfaces.portal.access.answers import form_page, reset_address
from preau.interfaces.portal.access.browser import enter, visitor
from preau.interfaces.portal.access.forms import ChosenPasswordForm, IdentifiersForm, posted
from preau.interfaces.portal.rights import public


@public
@require_http_methods(["GET", "HEAD", "POST"])
def identifiers(request: TownRequest) -> HttpResponse:
    """The same answer whoever asks (W1)."""
    form = IdentifiersForm(posted(request))
    if not form.is_valid():
        return form_page(request, "identifiers", form)
    email = form.cleaned_data["email"]
    accounts.request_identifiers(email=email, link_for=reset_address, network=address_of(request))
    return redirect("portal:mail_sent")


@public
@require_safe
def mail_sent(request: TownRequest) -> HttpResponse:
    """What to do now, said in the same words to everybody."""
    return render(request, "portal/access/mail_sent.html")


@public
@sensitive_post_parameters("new_password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: TownRequest, token: str) -> HttpResponse:
    """A new password from a mailed link; opening the page does not use the link."""
    form = ChosenPasswordForm(posted(request))
    if live_link(token=token, purpose=LinkPurpose.RESET_PASSWORD) is None:
        return dead_link(request)
    if form.is_valid():
        keys = {"token": token, "new_password": form.cleaned_data["new_password"]}
        if response := enter(request, form, partial(accounts.reset_password, **keys, **visitor(request))):
            return response
    return form_page(request, "reset", form)


def dead_link(request: TownRequest) -> HttpResponse:
    """The link was never ours, has served, or is too old: the way to another one."""
    return render(request, "portal/access/dead_link.html", {"sentence": str(LinkRefusedError())}, status=410)
