"""The password asked again, in a remembered session, before paying or changing data (C06)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from preau.domain.accounts.errors import AccountError
from preau.domain.accounts.queries import is_password_needed
from preau.domain.accounts.services import prove_password
from preau.interfaces.portal.access.forms import ConfirmPasswordForm
from preau.interfaces.portal.rights import FamilyRequest, MemberRequest

P = ParamSpec("P")
View = Callable[Concatenate[FamilyRequest, P], HttpResponse]

#: Fields of a POST that belong to the proof, not to the view behind it.
_OURS = frozenset({"csrfmiddlewaretoken", "current_password", "proof"})


def password_proved(view: View[P]) -> View[P]:
    """Open this view only to somebody who gave their password within this session, or again for half an hour.

    Put it under `@family` or `@member`. A GET goes through `/mon-compte/confirmer/` and comes back. A POST is
    held on a page that asks the password, then sent again as it was: nothing typed is lost. Files are not kept.
    """

    @wraps(view)
    def guarded(request: FamilyRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_password_needed(session_key=request.session.session_key):
            return view(request, *args, **kwargs)
        if request.method != "POST":
            question = urlencode({"suite": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('portal:confirm_password')}?{question}")
        form = ConfirmPasswordForm(request.POST if "proof" in request.POST else None)
        if is_proved(request, form):
            return view(request, *args, **kwargs)
        return _hold(request, form)

    return guarded


def is_proved(request: MemberRequest, form: ConfirmPasswordForm) -> bool:
    """Whether the form holds the person's password; if not, it says why."""
    if not form.is_valid():
        return False
    try:
        prove_password(
            user=request.user,
            password=form.cleaned_data["current_password"],
            session_key=request.session.session_key,
        )
    except AccountError as refusal:
        form.refuse(refusal)
        return False
    return True


def _hold(request: FamilyRequest, form: ConfirmPasswordForm) -> HttpResponse:
    kept: list[tuple[str, Any]] = [
        (name, value) for name, values in request.POST.lists() if name not in _OURS for value in values
    ]
    content = {"form": form, "kept": kept, "action": request.get_full_path()}
    return render(request, "portal/access/confirm_password.html", content, status=form.answer_status)
