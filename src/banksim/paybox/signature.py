"""The two signatures of Paybox: HMAC of the form, RSA of the answers (payment-gateways.md 5.4, 5.6)."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Sequence
from functools import cache
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from banksim import settings

Pairs = Sequence[tuple[str, str]]
#: Values of PBX_HASH.
HASHES = ("SHA224", "SHA256", "SHA384", "SHA512")
HMAC_FIELD = "PBX_HMAC"
_KEY_FILE = settings.BANKSIM_DATABASE.parent / "paybox-cle.pem"
_BITS = 1024
_EXPONENT = 65537
_first_start = threading.Lock()


def request_text(pairs: Pairs) -> str:
    """What the merchant signs: the fields in the order of the form, not url-encoded."""
    return "&".join(f"{name}={value}" for name, value in pairs if name.startswith("PBX_") and name != HMAC_FIELD)


def request_hmac(pairs: Pairs, key: str) -> str:
    """The PBX_HMAC expected for this form; `key` in hexadecimal, the hash named by PBX_HASH."""
    return (
        hmac.new(bytes.fromhex(key), request_text(pairs).encode(), getattr(hashlib, dict(pairs)["PBX_HASH"].lower()))
        .hexdigest()
        .upper()
    )


def is_signed(pairs: Pairs, key: str) -> bool:
    """Whether PBX_HMAC is right."""
    return hmac.compare_digest(request_hmac(pairs, key).encode(), dict(pairs).get(HMAC_FIELD, "").encode())


def encoded(pairs: Pairs) -> str:
    """A query string as Paybox writes it: every reserved character as %XX."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def sign(text: str, key: rsa.RSAPrivateKey) -> str:
    """RSA, SHA-1, PKCS#1 v1.5, in base64: 172 characters."""
    made = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303  (the protocol's own)
    return base64.b64encode(made).decode()


def public_key() -> str:
    """The public half, in PEM, for the merchant's settings."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return own_key().public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def own_key() -> rsa.RSAPrivateKey:
    """The bank's key pair, one for all its merchants."""
    with _first_start:
        return _kept_key()


@cache
def _kept_key() -> rsa.RSAPrivateKey:
    """The key pair of this data folder, made the first time."""
    if not _KEY_FILE.exists():
        made = rsa.generate_private_key(_EXPONENT, _BITS)
        clear = serialization.NoEncryption()
        form = serialization.PrivateFormat.PKCS8
        _KEY_FILE.write_bytes(made.private_bytes(serialization.Encoding.PEM, form, clear))
    kept = serialization.load_pem_private_key(_KEY_FILE.read_bytes(), None)
    if not isinstance(kept, rsa.RSAPrivateKey):
        raise TypeError(f"{_KEY_FILE} is not an RSA key")
    return kept
