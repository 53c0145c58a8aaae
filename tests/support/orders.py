"""An operation to open, as the portal asks a gateway for it."""

from typing import Any

from preau.domain.payments.gateway import Merchant, Order, Payer

PAYER = Payer(
    first_name="Zoé",
    last_name="L’Haÿ-Martin",
    address="Bâtiment « Les Tilleuls »\n12 rue des Flamboyants",
    postal_code="59000",
    city="Saint-Éloi-sur-Lys",
)


def make_order(merchant: Merchant, **changes: Any) -> Order:
    """42,50 €, two invoices, notices and return on addresses where nobody listens."""
    asked = {
        "reference": "RP202610041270051ABCD",
        "amount_cents": 4250,
        "email": "parent@example.org",
        "payer": PAYER,
        "label": "Cantine été n°3 – L’Aïeul",
        "lines": 2,
        "fiscal_year": 2026,
        "notification_url": "http://127.0.0.1:9/notifications/x/",
        "return_url": "http://127.0.0.1:9/paiement/retour/x/",
    }
    return Order(merchant, **{**asked, **changes})
