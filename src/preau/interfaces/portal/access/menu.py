"""The side menu and the breadcrumb of « Mon compte »."""

from typing import Any

from django.urls import reverse

from preau.ui.items import NavItem

_ENTRIES = {
    "account": "Mon compte",
    "password_change": "Mot de passe",
    "email_change": "Adresse e-mail",
    "sessions": "Mes appareils connectés",
}


def around(current: str) -> dict[str, Any]:
    """What the page `current` of the account needs besides its own matter: `menu` and `trail`."""
    menu = [
        NavItem(label=label, url=reverse(f"portal:{name}"), current=name == current) for name, label in _ENTRIES.items()
    ]
    above = [("Accueil", reverse("portal:home")), ("Mon compte", reverse("portal:account"))]
    trail = [*above[: 1 if current == "account" else 2], (_ENTRIES[current], "")]
    return {"menu": menu, "trail": trail}
