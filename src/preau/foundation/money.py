"""Money is whole cents inside; this module is the edge where people read and write it."""

import re

from preau.foundation.text import quoted

_NARROW_SPACE = "\u202f"
_MINUS = "\u2212"
_UNIT = re.compile(r" ?(?:€|EUR|euros?)$", re.IGNORECASE)
#: Twelve digits at most: a longer number is no amount, and int() would take its time.
_NUMBER = re.compile(
    r"(?P<sign>[-−+] ?)?"
    r"(?P<whole>[0-9]{1,12}|[0-9]{1,3}(?: [0-9]{3}){1,3}|[0-9]{1,3}(?:\.[0-9]{3}){1,3}(?=,))"
    r"(?:[.,](?P<cents>[0-9]{1,2}))?"
)


def format_cents(cents: int) -> str:
    """French amount with its unit: `-123450` → `−1 234,50 €` (narrow no-break spaces)."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", _NARROW_SPACE)
    return f"{_MINUS if cents < 0 else ''}{grouped},{rest:02d}{_NARROW_SPACE}€"


def parse_cents(text: str) -> int:
    """Cents of an amount as French offices write it: `24,00 €`, `24.0`, `1 234,50`, `1.234,56`, `(15,00)`.

    Raises:
        ValueError: the text is not one amount below a million million euros with at most two decimals.
    """
    plain = _UNIT.sub("", " ".join(text.split()))
    parenthesised = plain.startswith("(") and plain.endswith(")")
    if parenthesised:
        plain = _UNIT.sub("", plain[1:-1].strip())
    found = _NUMBER.fullmatch(plain)
    if found is None or (parenthesised and found["sign"]):
        raise ValueError(f"{quoted(text)} n’est pas un montant")
    whole = found["whole"].replace(" ", "").replace(".", "")
    cents = int(whole) * 100 + int((found["cents"] or "0").ljust(2, "0"))
    return -cents if parenthesised or (found["sign"] or "").startswith(("-", _MINUS)) else cents


def read_cents(digits: str, *, longest: int = 12) -> int | None:
    """Whole cents as protocols write them: ASCII digits alone; None for anything else (N8)."""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= longest else None
