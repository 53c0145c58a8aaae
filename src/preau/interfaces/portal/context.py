"""What every template may rely on."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from preau.domain.payments.queries.baskets import basket_count
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


def page(request: HttpRequest) -> dict[str, Any]:
    """Town, family, menu and session state; two queries at most when a family is logged in."""
    if not isinstance(request, FamilyRequest):
        return {}
    is_family = request.user.is_authenticated and take_place(request)
    household = request.household if is_family else None
    context: dict[str, Any] = {
        "town": request.town,
        "town_now": request.town_now,
        "household": household,
        "nav": [],
        "basket_count": 0,
        "accessibility_state": request.town.accessibility_state,
        "session_ends_in": None,
    }
    if household is not None:
        context["nav"] = _nav(request)
        context["basket_count"] = basket_count(user=request.user, household=household)
        context["session_ends_in"] = ends_in(request.session)
    return context


def _nav(request: HttpRequest) -> list[NavEntry]:
    name = request.resolver_match.url_name if request.resolver_match else ""
    current = "invoices" if name in _BILLING else name
    return [NavEntry(key, label, reverse(f"portal:{key}"), icon, key == current) for key, label, icon in _NAV]
