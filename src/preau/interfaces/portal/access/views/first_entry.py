"""First entry: with the codes of an invoice, with the family file, with a mailed link (A04, V16)."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from preau.domain.accounts import queries
from preau.domain.accounts import services as accounts
from preau.domain.accounts.errors import AccountError
from preau.domain.accounts.models import LinkPurpose
from preau.domain.families import services as families
from preau.domain.families.models import Guardian
from preau.domain.families.services import Newcomer
from preau.foundation.ids import grouped
from preau.interfaces.doors import TownRequest
from preau.interfaces.network import address_of
from preau.interfaces.portal.access.answers import email_address, entry_address, form_page
from preau.interfaces.portal.access.browser import enter, visitor
from preau.interfaces.portal.access.forms import (
    ClaimForm,
    CodesForm,
    EntryLinkForm,
    NewcomerForm,
    OpenWithCodesForm,
    OpenWithFileForm,
    posted,
)
from preau.interfaces.portal.access.views.recovery import dead_link
from preau.interfaces.portal.rights import public
from preau.ui.items import Step

_STAGES = (Step(label="Vos codes"), Step(label="Votre compte"))
_FIRST, _SECOND = {"stages": _STAGES, "stage": 1}, {"stages": _STAGES, "stage": 2}
_form_methods = require_http_methods(["GET", "HEAD", "POST"])
_hides_secrets = sensitive_post_parameters("code", "new_password", "again")


@public
@_hides_secrets
@_form_methods
def first_access(request: TownRequest) -> HttpResponse:
    """The two codes of the invoice, checked without being used."""
    form = CodesForm(posted(request))
    if form.is_valid():
        given = form.cleaned_data
        claim = queries.claim(given["access_code"])
        try:
            accounts.check_activation_code(claim=claim, code=given["code"], network=address_of(request))
        except AccountError as refusal:
            form.refuse(refusal)
        else:
            return form_page(request, "open_with_codes", OpenWithCodesForm(initial=given), **_SECOND)
    return form_page(request, "first_access", form, **_FIRST)


@public
@_hides_secrets
@_form_methods
def first_access_open(request: TownRequest) -> HttpResponse:
    """The password chosen, with the codes typed on the page before."""
    form = OpenWithCodesForm(posted(request))
    if not form.is_bound or {"access_code", "code"} & set(form.errors):
        return redirect("portal:first_access")
    if form.is_valid():
        given = form.cleaned_data
        codes = {"access_code": given["access_code"], "code": given["code"]}
        proof = partial(families.enter_with_code, **codes, newcomer=_newcomer(request, form), link_for=email_address)
        if response := enter(request, form, proof):
            return response
    return form_page(request, "open_with_codes", form, **_SECOND)


@public
@_hides_secrets
@_form_methods
def claim(request: TownRequest) -> HttpResponse:
    """The family file and the code printed on its invoice, checked without being used."""
    form = ClaimForm(posted(request))
    if guardians := _offered(request, form):
        opening = OpenWithFileForm(initial=form.cleaned_data, guardians=guardians)
        return form_page(request, "open_with_file", opening, **_SECOND)
    return form_page(request, "claim", form, **_FIRST)


@public
@_hides_secrets
@_form_methods
def claim_open(request: TownRequest) -> HttpResponse:
    """The adult and the password chosen, with what was typed on the page before."""
    asked = ClaimForm(posted(request))
    guardians = _offered(request, asked)
    if not guardians:
        return form_page(request, "claim", asked, **_FIRST) if asked.is_bound else redirect("portal:claim")
    form = OpenWithFileForm(request.POST, guardians=guardians)
    if form.is_valid():
        who = {"claim": asked.claim, "guardian_id": form.cleaned_data["guardian"]}
        proof = partial(families.claim_household, **who, newcomer=_newcomer(request, form), link_for=email_address)
        if response := enter(request, form, proof):
            return response
    return form_page(request, "open_with_file", form, **_SECOND)


@public
@_form_methods
def claim_mail(request: TownRequest) -> HttpResponse:
    """The family file and an address, answered in the same words to everybody (W1)."""
    form = EntryLinkForm(posted(request))
    if not form.is_valid():
        return form_page(request, "claim_mail", form)
    families.request_entry_link(**form.cleaned_data, link_for=entry_address, network=address_of(request))
    return redirect("portal:mail_sent")


@public
@_hides_secrets
@_form_methods
def claim_link(request: TownRequest, token: str) -> HttpResponse:
    """The link received; opening the page does not use it."""
    link = queries.live_link(token=token, purpose=LinkPurpose.RESET_PASSWORD)
    if link is None:
        return dead_link(request)
    form = NewcomerForm(posted(request))
    if form.is_valid():
        proof = partial(families.enter_with_link, token=token, newcomer=_newcomer(request, form))
        if response := enter(request, form, proof):
            return response
    return form_page(request, "open_with_link", form, person=link.user, access_code=grouped(link.user.access_code))


def _offered(request: TownRequest, form: ClaimForm) -> list[Guardian]:
    """The adults whom the claim may open an account for; none if it is wrong, and the form says why."""
    if not form.is_valid():
        return []
    try:
        return families.check_household_claim(claim=form.claim, network=address_of(request))
    except AccountError as refusal:
        form.refuse(refusal)
        return []


def _newcomer(request: TownRequest, form: NewcomerForm) -> Newcomer:
    return Newcomer(
        password=form.cleaned_data["new_password"],
        email=form.cleaned_data.get("email", ""),
        terms_version=request.town.terms_version,
        **visitor(request),
    )
