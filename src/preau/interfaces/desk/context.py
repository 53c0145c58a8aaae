"""What every template of the desk may rely on."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from preau.domain.payments.queries.cases import open_count
from preau.interfaces.desk.rights import AgentRequest
from preau.ui.items import NavItem

#: Label, page, icon, and how the names of the pages below it begin.
_CHILDREN = (
    ("La journée", "day", "list", ("day_",)),
    ("Réserver", "booking", "pencil", ("booking",)),
    ("Places", "places", "people", ("places",)),
    ("Listes d’attente", "waiting", "clock", ("waiting",)),
    ("Familles", "families", "folder", ("famil",)),
    ("Inscriptions", "enrolments", "file", ("enrolment", "contract")),
)
_MONEY = (
    ("Guichet", "till", "till", ("till",)),
    ("Paiements", "payments", "card", ("payment",)),
    ("Avoirs", "credits", "plus", ("credit",)),
    ("À confirmer", "acts", "check", ("act_", "acts_")),
)
#: What is offered: label, page, icon, and how the names of the pages below it begin.
_OFFER = (
    ("Activités", "activities", "kite", ("activit", "site", "unit", "group")),
    ("Calendrier", "calendar", "calendar", ("calendar", "year", "holiday", "official", "public_holiday", "closure")),
    ("Menus", "menus", "canteen", ("menus",)),
    ("Tarifs", "tariffs", "invoice", ("tariff",)),
)


def desk(request: HttpRequest) -> dict[str, Any]:
    """The menu with its counters, and whether the agent also has a family here; one query."""
    if not isinstance(request, AgentRequest):
        return {}
    return {"is_agent": True, "is_guardian": request.is_guardian, "desk_nav": _nav(request)}


def _nav(request: AgentRequest) -> list[NavItem]:
    name = request.resolver_match.url_name if request.resolver_match else ""
    waiting = open_count(request.regie_ids)
    entries = [
        NavItem(label="Bureau", url=reverse("desk:home"), icon="home", current=name == "home"),
        *_below(_CHILDREN, str(name)),
        NavItem(
            label="Dossiers",
            url=reverse("desk:cases"),
            icon="list",
            current=str(name).startswith("case"),
            count=waiting or None,
        ),
    ]
    entries += _below(_MONEY, str(name))
    entries.append(
        NavItem(
            label="Rapprochement",
            url=reverse("desk:reconciliation"),
            icon="swap",
            current=str(name).startswith("reconciliation"),
        )
    )
    entries += _below(_OFFER, str(name))
    if request.user.is_staff:
        entries.append(NavItem(label="Réglages", url=reverse("admin:index"), icon="gear"))
    return entries


def _below(pages: Iterable[tuple[str, str, str, tuple[str, ...]]], name: str) -> list[NavItem]:
    return [
        NavItem(label=label, url=reverse(f"desk:{page}"), icon=icon, current=f"{name}_".startswith(beginnings))
        for label, page, icon, beginnings in pages
    ]
