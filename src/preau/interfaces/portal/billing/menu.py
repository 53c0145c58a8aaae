"""The side menu of « Facturation » (A14)."""

from django.urls import reverse

from preau.ui.items import NavItem

_ENTRIES = (
    ("invoices", "Payer"),
    ("history", "Historique"),
    ("direct_debits", "Mes prélèvements"),
    ("accounts", "Mes comptes"),
    ("receipts", "Mes reçus"),
    ("archives", "Archives"),
)


def billing_menu(current: str, *, to_pay: int | None = None) -> list[NavItem]:
    """Entries of the menu; `to_pay` is the number shown beside « Payer »."""
    return [
        NavItem(
            label=label,
            url=reverse(f"portal:{name}"),
            current=name == current,
            count=to_pay if name == "invoices" else None,
        )
        for name, label in _ENTRIES
    ]


def trail(*above: tuple[str, str], here: str) -> list[tuple[str, str]]:
    """Breadcrumb below « Accueil »: (words, name of a page without argument) pairs, then this page."""
    steps = [("Accueil", "home"), *above]
    return [*((words, reverse(f"portal:{name}")) for words, name in steps), (here, "")]
