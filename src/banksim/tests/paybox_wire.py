"""A merchant's side of Paybox, written again from the guide, so that tests do not believe the simulator's own."""

import base64
import hashlib
import hmac
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

KEY = "0123456789ABCDEF" * 8
SITE = {"site": "1999888", "rang": "32", "identifiant": "2", "key": KEY, "label": "CE DU LAMENTIN"}
RETOUR = (
    "montant:M;reference:R;code_autorisation:A;erreur:E;numero_appel:T;numero_transaction:S;"
    "date_transaction:W;heure_transaction:Q;signature:K"
)
CART = (
    '<?xml version="1.0" encoding="utf-8"?><shoppingcart><total><totalQuantity>1</totalQuantity></total></shoppingcart>'
)
BILLING = (
    '<?xml version="1.0" encoding="utf-8"?><Billing><Address><FirstName>Zoe</FirstName><LastName>Martin</LastName>'
    "<Address1>1 rue des Ecoles</Address1><ZipCode>75005</ZipCode><City>Paris</City><CountryCode>250</CountryCode>"
    "</Address></Billing>"
)
REFERENCE = "F2025000123-A1"


class Shop:
    """Makes the forms of one contract."""

    def __init__(self, merchant, *, key=KEY) -> None:
        self._key = key
        self._order = {
            "PBX_SITE": "1999888",
            "PBX_RANG": "32",
            "PBX_IDENTIFIANT": "2",
            "PBX_TOTAL": "4250",
            "PBX_DEVISE": "978",
            "PBX_CMD": REFERENCE,
            "PBX_PORTEUR": "parent@example.org",
            "PBX_RETOUR": RETOUR,
            "PBX_HASH": "SHA512",
            "PBX_TIME": "2025-09-01T08:30:00+00:00",
            "PBX_EFFECTUE": merchant.address("/effectue"),
            "PBX_REFUSE": merchant.address("/refuse"),
            "PBX_ANNULE": merchant.address("/annule"),
            "PBX_ATTENTE": merchant.address("/attente"),
            "PBX_REPONDRE_A": merchant.address("/ipn"),
            "PBX_SHOPPINGCART": CART,
            "PBX_BILLING": BILLING,
        }

    def form(self, **changed: str | None) -> list[tuple[str, str]]:
        fields = [(name, value) for name, value in {**self._order, **changed}.items() if value is not None]
        return [*fields, ("PBX_HMAC", request_hmac(fields, self._key))]


def request_hmac(fields, key) -> str:
    message = "&".join(f"{name}={value}" for name, value in fields)
    algorithm = getattr(hashlib, dict(fields).get("PBX_HASH", "SHA512").lower(), hashlib.sha512)
    return hmac.new(bytes.fromhex(key), message.encode(), algorithm).hexdigest().upper()


def is_genuine(raw: str, pem: str, *, times: int = 1) -> bool:
    """Whether the signature at the end of this text is that of the text before it; decoded `times` times."""
    text, _, last = raw.rpartition("&signature=")
    for _ in range(times):
        last = unquote(last)
    try:
        made = base64.b64decode(last, validate=True)
        key = serialization.load_pem_public_key(pem.encode())
        key.verify(made, text.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303  (the protocol's own)
    except (InvalidSignature, ValueError):
        return False
    return True
