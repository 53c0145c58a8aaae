"""Why an agent acted for a family: words that a colleague will understand in a year."""

SHORTEST, LONGEST = 5, 200


def explained(reason: str) -> str:
    """A reason on one line, as it is kept; empty when it explains nothing."""
    words = " ".join(reason.split())[:LONGEST]
    return words if len(words) >= SHORTEST else ""
