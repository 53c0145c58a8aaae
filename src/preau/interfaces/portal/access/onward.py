"""Where to go after a page of passage: only to this site, never where a stranger's link says (W17)."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

#: What the portal's own redirections call the address to come back to.
NAMES = ("suite", "next")


def onward(request: HttpRequest) -> str:
    """The address asked before this one, if it is of this site; else an empty text."""
    asked = next((value for name in NAMES if (value := request.POST.get(name) or request.GET.get(name))), "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else ""


def onward_or(request: HttpRequest, name: str) -> str:
    """The page asked before this one, else the page of the portal called `name`."""
    return onward(request) or reverse(f"portal:{name}")
