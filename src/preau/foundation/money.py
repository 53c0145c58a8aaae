"""Money is whole cents inside; this module is the edge where people read and write it."""

import re

_NARROW_SPACE = "\u202f"
_MINUS = "\u2212"
_NUMBER = re.compile(r"(?P<sign>[-−+]?)(?P<whole>\d+|\d{1,3}(?: \d{3})+)(?:[.,](?P<cents>\d{1,2}))?")


def format_cents(cents: int) -> str:
    """French amount with its unit: `-123450` → `−1 234,50 €` (narrow no-break spaces)."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", _NARROW_SPACE)
    return f"{_MINUS if cents < 0 else ''}{grouped},{rest:02d}{_NARROW_SPACE}€"


def parse_cents(text: str) -> int:
    """Cents of an amount as French offices write it: `24,00 €`, `24.00`, `1 234,50`, `1.234,56`, `(15,00)`, `-4,7`.

    Raises:
        ValueError: the text is not one amount with at most two decimals.
    """
    plain = re.sub(r"[\s\u00a0\u202f\u2009]+", " ", text).strip().removesuffix("€").removesuffix("EUR").strip()
    parenthesised = plain.startswith("(") and plain.endswith(")")
    if parenthesised:
        plain = plain[1:-1].strip()
    if re.fullmatch(r"[-−+]?\d{1,3}(?:\.\d{3})+,\d{1,2}", plain):
        plain = plain.replace(".", "")
    plain = plain.replace("- ", "-").replace("− ", "−")
    found = _NUMBER.fullmatch(plain)
    if found is None or (parenthesised and found["sign"]):
        raise ValueError(f"« {text} » n’est pas un montant")
    cents = int(found["whole"].replace(" ", "")) * 100 + int((found["cents"] or "0").ljust(2, "0"))
    return -cents if parenthesised or found["sign"] in {"-", "−"} else cents
