"""Whether a line was kept."""

from bisect import bisect_right, insort
from collections.abc import Iterable


def inversions(entries: Iterable[float]) -> float:
    """Share of the pairs of people who came in in the other order than they arrived (Kendall's distance).

    `entries`: instants at which people came in, in the order in which they arrived.
    """
    seen: list[float] = []
    wrong = 0
    for entry in entries:
        wrong += len(seen) - bisect_right(seen, entry)
        insort(seen, entry)
    pairs = len(seen) * (len(seen) - 1) / 2
    return wrong / pairs if pairs else 0.0
