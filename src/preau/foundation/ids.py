"""Random identifiers: nothing shown to the public can be guessed or counted."""

import secrets

#: Crockford's alphabet without the letters that a hand or an eye confuses (no I, L, O, U).
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS_PER_CHARACTER = 5


def public_id() -> str:
    """22 URL-safe characters carrying 128 random bits."""
    return secrets.token_urlsafe(16)


def base32(bits: int) -> str:
    """Random code of at least `bits` bits, upper-case letters and digits easy to copy by hand."""
    length = -(-bits // _BITS_PER_CHARACTER)
    return "".join(secrets.choice(BASE32) for _ in range(length))


def grouped(code: str, size: int = 4) -> str:
    """A code cut with hyphens for the eye: `K7QF3MXR` → `K7QF-3MXR`."""
    return "-".join(code[i : i + size] for i in range(0, len(code), size))


def ungrouped(typed: str) -> str:
    """What a person typed, brought back to the alphabet: spaces and hyphens dropped, O read as 0, I and L as 1."""
    plain = "".join(c for c in typed.upper() if c.isalnum())
    return plain.translate(str.maketrans("OIL", "011"))
