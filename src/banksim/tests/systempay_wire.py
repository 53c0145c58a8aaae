"""A shop's side of Systempay, written again from the guide, so that tests do not believe the simulator's own."""

import base64
import hashlib
import hmac

KEY = "1122334455667788"
PRODUCTION_KEY = "8877665544332211"
SHOP = {
    "site_id": "12345678",
    "key_test": KEY,
    "key_production": PRODUCTION_KEY,
    "label": "Commune de Sèvres",
    "address": "54 Grande Rue, 92310 Sèvres",
    "phone": "01 41 14 10 10",
}
REFERENCE = "F2025000123-A1"


class Shop:
    """Makes the forms of one shop."""

    def __init__(self, merchant) -> None:
        self._order = {
            "vads_site_id": "12345678",
            "vads_ctx_mode": "TEST",
            "vads_trans_id": "aB3x9Z",
            "vads_trans_date": "20250901083000",
            "vads_amount": "4250",
            "vads_currency": "978",
            "vads_action_mode": "INTERACTIVE",
            "vads_page_action": "PAYMENT",
            "vads_payment_config": "SINGLE",
            "vads_version": "V2",
            "vads_order_id": REFERENCE,
            "vads_cust_email": "parent@example.org",
            "vads_cust_first_name": "Zoé",
            "vads_url_return": merchant.address("/retour"),
            "vads_url_check": merchant.address("/ipn"),
            "vads_return_mode": "GET",
        }

    def form(self, *, key=KEY, sha1=False, **changed: str | None) -> dict[str, str]:
        fields = {name: value for name, value in {**self._order, **changed}.items() if value is not None}
        return {**fields, "signature": sign(fields, key, sha1=sha1)}


def sign(fields, key, *, sha1=False) -> str:
    names = sorted(name for name in fields if name.startswith("vads_"))
    text = "+".join(fields[name] for name in names) + "+" + key
    if sha1:
        return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324  (the protocol's own)
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def is_genuine(fields, key=KEY, *, sha1=False) -> bool:
    return fields.get("signature") == sign(fields, key, sha1=sha1)
