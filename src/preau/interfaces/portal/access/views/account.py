"""« Mon compte »: who I am here, my password, my address, the terms I accepted (A05, S15, V28, C19)."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from preau.domain.accounts import services as accounts
from preau.domain.accounts.errors import AccountError, LinkRefusedError
from preau.domain.accounts.models import LinkPurpose
from preau.domain.accounts.queries import live_link
from preau.foundation.ids import grouped
from preau.interfaces.portal.access.answers import email_address, form_page
from preau.interfaces.portal.access.forms import (
    AccessForm,
    ConfirmPasswordForm,
    EmailChangeForm,
    PasswordChangeForm,
    posted,
)
from preau.interfaces.portal.access.menu import around
from preau.interfaces.portal.access.onward import onward_or
from preau.interfaces.portal.access.proof import is_proved
from preau.interfaces.portal.access.views.recovery import dead_link
from preau.interfaces.portal.rights import MemberRequest, member
from preau.ui.components.french import courriel

_form_methods = require_http_methods(["GET", "HEAD", "POST"])


@member
@require_safe
def account(request: MemberRequest) -> HttpResponse:
    content = {**around("account"), "identity": _identity(request)}
    return render(request, "portal/access/account.html", content)


@member
@sensitive_post_parameters()
@_form_methods
def password_change(request: MemberRequest) -> HttpResponse:
    """The current password, then the new one; other devices are disconnected (S15). Forced at a first entry (S11)."""
    form = PasswordChangeForm(posted(request))
    if form.is_valid() and _change_password(request, form):
        messages.success(request, "Votre mot de passe est changé. Vos autres appareils sont déconnectés.")
        return HttpResponseRedirect(onward_or(request, "account"))
    return form_page(request, "password_change", form, **around("password_change"))


@member
@sensitive_post_parameters()
@_form_methods
def email_change(request: MemberRequest) -> HttpResponse:
    """Nothing changes before the link sent to the new address is opened; the old one is told."""
    form = EmailChangeForm(posted(request))
    if form.is_valid():
        new_email, password = form.cleaned_data["email"], form.cleaned_data["current_password"]
        asked = {"user": request.user, "new_email": new_email, "password": password, "link_for": email_address}
        try:
            accounts.request_email_change(**asked, by=request.actor)
        except AccountError as refusal:
            form.refuse(refusal)
        else:
            return redirect("portal:mail_sent")
    return form_page(request, "email_change", form, **around("email_change"))


@member
@_form_methods
def email_confirm(request: MemberRequest, token: str) -> HttpResponse:
    """The reader of the new address says yes: opening the page is not enough, since mail programs open links."""
    link = live_link(token=token, purpose=LinkPurpose.CONFIRM_EMAIL)
    if link is None or link.user != request.user:
        return dead_link(request)
    if request.method != "POST":
        return form_page(request, "email_confirm", AccessForm(), email=link.email)
    try:
        accounts.confirm_email_change(user=request.user, token=token, by=request.actor)
    except LinkRefusedError:
        return dead_link(request)
    messages.success(request, "Votre adresse e-mail est confirmée.")
    return redirect("portal:account")


@member
@sensitive_post_parameters()
@_form_methods
def confirm_password(request: MemberRequest) -> HttpResponse:
    """The password asked again before what matters, then on to it (C06)."""
    form = ConfirmPasswordForm(posted(request))
    if is_proved(request, form):
        return HttpResponseRedirect(onward_or(request, "account"))
    return form_page(request, "confirm_password", form)


@member
@require_POST
def accept_terms(request: MemberRequest) -> HttpResponse:
    """Dated, with the version read (C19)."""
    accounts.accept_terms(user=request.user, version=request.town.terms_version, by=request.actor)
    messages.success(request, "Vous avez accepté les conditions générales.")
    return HttpResponseRedirect(onward_or(request, "account"))


def _identity(request: MemberRequest) -> list[tuple[str, str]]:
    user = request.user
    household = getattr(request, "household", None)
    lines = [
        ("Nom", user.display_name),
        ("Dossier", str(household) if household else ""),
        ("Code d’accès", grouped(user.access_code)),
        ("Nom d’utilisateur", user.username or ""),
        ("E-mail", courriel(user.email or "aucun")),
    ]
    return [(term, value) for term, value in lines if value]


def _change_password(request: MemberRequest, form: PasswordChangeForm) -> bool:
    """Whether it changed; this session stays, under a new number (W7)."""
    before = request.session.session_key
    given = form.cleaned_data
    keys = {"current": given["current_password"], "new_password": given["new_password"]}
    try:
        accounts.change_password(user=request.user, **keys, keep_session_key=before, by=request.actor)
    except AccountError as refusal:
        form.refuse(refusal)
        return False
    update_session_auth_hash(request, request.user)
    accounts.renew_session(old_key=before or "", new_key=request.session.session_key or "")
    return True
