"""What every template may rely on."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from preau.domain.payments.queries.baskets import basket_count
from preau.interfaces.doors import TownRequest
from preau.interfaces.portal.access.life import ends_in
from preau.interfaces.portal.rights import FamilyRequest, take_place


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One of the five entries of the main menu, in the same order on every page (C45)."""

    key: str
    label: str
    url: str
    icon: str
    current: bool


_NAV = (
    ("home", "Accueil", "home"),
    ("file", "Dossier", "folder"),
    ("enrolments", "Inscriptions", "pencil"),
    ("planning", "Planning", "calendar"),
    ("invoices", "Facturation", "invoice"),
)
#: Names of URLs that belong to « Facturation ».
_BILLING = {
    "invoices", "invoice", "accounts", "basket", "history", "archives", "statement", "direct_debits", "receipts",
    "payment", "payment_result", "payment_status",
}  # fmt: skip


#: Names of URLs that belong to « Planning ».
_PLANNING = {"waiting_join", "waiting_leave", "offer_answer"}


def page(request: HttpRequest) -> dict[str, Any]:
    """Town, family, menu and session state; two queries at most when a family is logged in."""
    if not isinstance(request, TownRequest):
        return {}
    is_in = request.user.is_authenticated
    context: dict[str, Any] = {
        "town": request.town,
        "town_now": request.town_now,
        "household": None,
        "nav": [],
        "basket_count": 0,
        "accessibility_state": request.town.accessibility_state,
        "session_ends_in": ends_in(request.session) if is_in else None,
    }
    if isinstance(request, FamilyRequest) and is_in and take_place(request):
        context |= _of_family(request)
    return context


def _of_family(request: FamilyRequest) -> dict[str, Any]:
    return {
        "household": request.household,
        "is_agent": request.is_agent,
        "nav": _nav(request),
        "basket_count": basket_count(user=request.user, household=request.household),
    }


def _nav(request: HttpRequest) -> list[NavEntry]:
    name = request.resolver_match.url_name if request.resolver_match else ""
    current = _section(name or "")
    return [NavEntry(key, label, reverse(f"portal:{key}"), icon, key == current) for key, label, icon in _NAV]


def _section(name: str) -> str:
    """The entry of the menu that a page belongs to."""
    if name in _BILLING:
        return "invoices"
    if name.startswith("enrolment"):
        return "enrolments"
    return "planning" if name in _PLANNING or name.startswith("planning_") else name
