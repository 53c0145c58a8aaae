"""What makes the receipts of a régie and of a year one chain: no receipt changed, added or taken out unseen (P07).

Two layers, so that a chain can be shown to anybody: its links hold no name and no amount.

- The content of a receipt is its frozen sheet as canonical JSON: keys sorted by code point, no space between tokens,
  nothing escaped but what JSON must escape, UTF-8. Its SHA-256 tells nothing to whoever guesses a name or an amount,
  since the sheet holds the 80 random bits of the verification code.
- A link is the SHA-256 of the six lines of `link_digest`, joined by line feeds, without one at the end.

A régie goes by its public id, which never changes, not by its code, which set-up may correct. The stand-alone
verifier (`documents/verifier_recus.py`) says all this again in its own words and shares no line with this module:
what is written here is written for ever.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def genesis(*, regie_key: str, year: int) -> str:
    """What the first link of a year follows: the digest (64 hexadecimal digits) of a text that anybody can write."""
    return _sha256(f"Préau, chaîne de reçus\n{regie_key}\n{year}")


def content_digest(sheet: Mapping[str, Any]) -> str:
    """The digest of a frozen sheet of JSON values."""
    return _sha256(json.dumps(sheet, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False))


def link_digest(*, previous: str, regie_key: str, year: int, number: int, issued_at: datetime, content: str) -> str:
    """The digest of a link; `issued_at` is aware."""
    return _sha256("\n".join([previous, regie_key, str(year), str(number), written(issued_at), content]))


def written(instant: datetime) -> str:
    """An instant as it is hashed and exported: `2026-10-08T13:35:00.000000Z`, in UTC, always with microseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
