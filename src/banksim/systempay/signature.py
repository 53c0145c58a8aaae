"""The one signature of this protocol, same both ways (payment-gateways.md 6.4)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

FIELD = "signature"


def text(fields: Mapping[str, str], key: str) -> str:
    """What is signed: the values of the `vads_` fields sorted by name, joined by « + », then the key."""
    return "+".join([*(fields[name] for name in sorted(fields) if name.startswith("vads_")), key])


def sign(fields: Mapping[str, str], key: str, *, sha1: bool = False) -> str:
    """HMAC-SHA-256 in base64 (44 characters); SHA-1 in hexadecimal where a shop still has it."""
    signed = text(fields, key).encode()
    if sha1:
        return hashlib.sha1(signed).hexdigest()  # noqa: S324  (the protocol's own)
    return base64.b64encode(hmac.digest(key.encode(), signed, "sha256")).decode()


def is_signed(fields: Mapping[str, str], key: str, *, sha1: bool = False) -> bool:
    """Whether the signature that comes with these fields is right."""
    return hmac.compare_digest(sign(fields, key, sha1=sha1).encode(), fields.get(FIELD, "").encode())
