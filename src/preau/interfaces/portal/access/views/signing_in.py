"""Coming in with an identifier and a password, staying, going out."""

from functools import partial

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from preau.domain.accounts import services as accounts
from preau.interfaces.portal.access import life
from preau.interfaces.portal.access.answers import form_page
from preau.interfaces.portal.access.browser import enter, leave, visitor
from preau.interfaces.portal.access.forms import LoginForm, posted
from preau.interfaces.portal.access.onward import onward_or
from preau.interfaces.portal.rights import FamilyRequest, MemberRequest, member, public


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: FamilyRequest) -> HttpResponse:
    """Identifiers wrong, known or not: one sentence, and the identifier stays typed (L10, W1)."""
    if request.user.is_authenticated and request.method != "POST":
        return HttpResponseRedirect(onward_or(request, "home"))
    form = LoginForm(posted(request))
    if form.is_valid():
        given = form.cleaned_data
        keys = {"identifier": given["identifier"], "password": given["password"]}
        proof = partial(accounts.sign_in, **keys, **visitor(request))
        if response := enter(request, form, proof, remember=given["remember"]):
            return response
    days = request.town.remember_days
    hint = f"{days}\u00a0jours sur cet appareil. Le mot de passe reste demandé pour payer."
    return form_page(request, "login", form, remember_hint=hint)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: MemberRequest) -> HttpResponse:
    """Asking for the page changes nothing: it holds the button (W8)."""
    if request.method == "POST":
        return leave(request)
    return render(request, "portal/access/logout.html")


@member
@require_POST
def session_extend(request: MemberRequest) -> HttpResponse:
    """Somebody is there: the session starts its half-hour again (V27)."""
    life.renew(request.session)
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return JsonResponse({"ends_in": life.ends_in(request.session)})
    return redirect("portal:home")
