"""Paybox System's signatures: HMAC on what we send (5.4), RSA on what comes back (5.6)."""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from preau.foundation.wire import single_fields

_SIGNATURE = "&signature="
_END = "-----END PUBLIC KEY-----"


def sign(fields: Mapping[str, str], key: str) -> str:
    """The PBX_HMAC of a form, in the order of its fields; `key` in hexadecimal.

    Raises:
        ValueError: the key is not hexadecimal.
    """
    text = "&".join(f"{name}={value}" for name, value in fields.items())
    return hmac.new(bytes.fromhex(key), text.encode(), "sha512").hexdigest().upper()


def public_keys(pem: str) -> list[RSAPublicKey]:
    """The bank's keys, one after the other in one text: two while it changes (G10).

    Raises:
        ValueError: one of them is no RSA public key, or there is none.
    """
    blocks = [f"{block.strip()}\n{_END}\n" for block in pem.split(_END) if block.strip()]
    keys = [load_pem_public_key(block.encode()) for block in blocks]
    found = [key for key in keys if isinstance(key, RSAPublicKey)]
    if not found or len(found) != len(keys):
        raise ValueError("not an RSA public key")
    return found


def verified_fields(raw: str, keys: Iterable[RSAPublicKey]) -> Mapping[str, str] | None:
    """The fields that a message's signature covers, the text taken exactly as transmitted; None when none is good.

    What follows the signature is ignored, and a name given twice is refused.
    """
    text, found, signature = raw.rpartition(_SIGNATURE)
    if not found or not any(_is_signed(text, signature, key) for key in keys):
        return None
    return single_fields(text)


def _is_signed(text: str, signature: str, key: RSAPublicKey) -> bool:
    # Encoded once, or twice by some platforms; base64 holds no « % ».
    decoded = unquote(signature.partition("&")[0])
    try:
        key.verify(b64decode(unquote(decoded), validate=True), text.encode("latin-1"), PKCS1v15(), SHA1())  # noqa: S303  (the bank's choice, 5.6)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
