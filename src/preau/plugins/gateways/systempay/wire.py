"""Systempay's signature, the same both ways: every `vads_` value in the order of the names, then the key (6.4)."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Literal

from preau.foundation.wire import single_fields

Algorithm = Literal["hmac_sha256", "sha1"]


def sign(fields: Mapping[str, str], key: str, algorithm: Algorithm = "hmac_sha256") -> str:
    """HMAC-SHA-256 in base64; SHA-1 in hexadecimal, which old contracts still use."""
    values = [fields[name] for name in sorted(fields) if name.startswith("vads_")]
    text = "+".join([*values, key]).encode()
    if algorithm == "sha1":
        return hashlib.sha1(text).hexdigest()  # noqa: S324  (the contract's choice)
    return b64encode(hmac.new(key.encode(), text, "sha256").digest()).decode()


def verified_fields(text: str, keys: Iterable[str], algorithm: Algorithm) -> Mapping[str, str] | None:
    """The `vads_` fields of a message signed with one of these keys; None when none signed it."""
    fields = single_fields(text) or {}
    given = fields.get("signature", "").encode()
    signed = {name: value for name, value in fields.items() if name.startswith("vads_")}
    # Every key is tried whatever the first ones say: the time taken tells nothing.
    matches = [hmac.compare_digest(sign(signed, key, algorithm).encode(), given) for key in keys if key]
    return signed if signed and any(matches) else None
