"""The three things a person may type to say who they are, told apart by their shape alone.

An access code begins with a digit, an e-mail holds an @, a user name begins with a letter and holds none: one
text names at most one account, and an unknown text is handled exactly as a known one (W1).
"""

import re
import secrets
import unicodedata
from typing import Literal

from preau.foundation import ids

#: 3 bits of first digit (never 0 or 1, which hands confuse with letters) and 7 × 5 bits.
_FIRST_DIGITS = "23456789"
_REST_BITS = 35
ACCESS_CODE_LENGTH = 8
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,63}")

Field = Literal["access_code", "email", "username"]


def new_access_code() -> str:
    """Eight characters without hyphen, as stored; `ids.grouped` prints them `7QFK-3MXR`. Not a secret."""
    return secrets.choice(_FIRST_DIGITS) + ids.base32(_REST_BITS)


def plain(typed: str) -> str:
    """How user names and e-mails are stored and compared: no case, one Unicode form, no spaces around."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def read(typed: str) -> tuple[Field, str]:
    """The field an identifier belongs to and its stored form: `7qfk 3mxr` → (`access_code`, `7QFK3MXR`)."""
    text = plain(typed)
    if "@" in text:
        return "email", text
    if text[:1].isdigit():
        return "access_code", ids.ungrouped(text)
    return "username", text


def is_username(text: str) -> bool:
    """Whether a stored user name can never be taken for an access code or an e-mail."""
    return _USERNAME.fullmatch(text) is not None
