"""Amounts as pages and statements write them."""


def euros(cents: int) -> str:
    """`1 234,50`, without the currency."""
    whole = f"{cents // 100:,}".replace(",", "\u202f")
    return f"{whole},{cents % 100:02d}"


def plain_euros(cents: int, point: str = ",") -> str:
    """`1234,50`, as in a file."""
    return f"{cents // 100}{point}{cents % 100:02d}"
