"""The browser of a visitor: what it says of itself, the session opened in it, the mark that makes it known."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypedDict

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from preau.domain.accounts import services as accounts
from preau.domain.accounts.errors import AccountError
from preau.domain.accounts.services import SignInOutcome
from preau.domain.regies.queries import holds_a_post
from preau.interfaces.doors import TownRequest
from preau.interfaces.network import address_of
from preau.interfaces.portal.access import life
from preau.interfaces.portal.access.forms import AccessForm
from preau.interfaces.portal.access.onward import onward_or
from preau.interfaces.portal.rights import MemberRequest

DEVICE_COOKIE = "preau_device"
_DEVICE_LIFE = timedelta(days=365)
_LONGEST_AGENT = 400


class Visitor(TypedDict):
    """What the accounts domain asks about a browser."""

    network: str
    agent: str
    device_token: str | None


def visitor(request: TownRequest) -> Visitor:
    return Visitor(
        network=address_of(request),
        agent=request.headers.get("User-Agent", "")[:_LONGEST_AGENT],
        device_token=request.COOKIES.get(DEVICE_COOKIE),
    )


def enter(
    request: TownRequest, form: AccessForm, proof: Callable[[], SignInOutcome], *, remember: bool = False
) -> HttpResponse | None:
    """Open the session of the person that `proof` names; if it refuses, the form says why and None comes back."""
    try:
        outcome = proof()
    except AccountError as refusal:
        form.refuse(refusal)
        return None
    _open_session(request, outcome, remember=remember)
    if outcome.user.accepted_terms_version not in {"", request.town.terms_version}:
        messages.info(request, "Les conditions générales ont changé\u202f: lisez-les dans «\u202fMon compte\u202f».")
    response = HttpResponseRedirect(onward_or(request, "home"))
    _make_known(response, outcome.device_token)
    return response


def _open_session(request: TownRequest, outcome: SignInOutcome, *, remember: bool) -> None:
    """The session gets a new number: one planted before is worth nothing (W7). An agent's is never remembered (W14)."""
    login(request, outcome.user)
    remember = remember and not holds_a_post(outcome.user)
    if request.session.session_key is None:
        request.session.save()  # the session of somebody else was open here: Django dropped it
    days = timedelta(days=request.town.remember_days)
    life.begin(request.session, remember_for=days if remember else None)
    accounts.record_session(
        user=outcome.user,
        session_key=request.session.session_key or "",
        network=address_of(request),
        agent=visitor(request)["agent"],
        remembered=remember,
    )


def leave(request: MemberRequest) -> HttpResponse:
    """Close the session here; the browser is asked to forget the pages it kept (A05)."""
    if request.session.session_key:
        accounts.forget_session(session_key=request.session.session_key)
    logout(request)
    messages.success(request, "Vous êtes déconnecté. À bientôt\u202f!")
    response = redirect("portal:public_home")
    response["Clear-Site-Data"] = '"cache"'
    return response


def _make_known(response: HttpResponse, device_token: str) -> None:
    """Failures of strangers will not slow this browser (W3); no script can read the mark."""
    response.set_cookie(
        DEVICE_COOKIE,
        device_token,
        max_age=_DEVICE_LIFE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
