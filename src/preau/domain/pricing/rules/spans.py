"""Stretches of quotients, in cents: the first bound is in, the second is not; None has no end."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Quotients from `low` to just below `high`."""

    low: int
    high: int | None

    def __contains__(self, cents: int) -> bool:
        return self.low <= cents and (self.high is None or cents < self.high)

    @property
    def last(self) -> int | None:
        """The largest of them; None: there is none."""
        return None if self.high is None else self.high - 1


EVERY_QUOTIENT = Span(0, None)


def common(spans: Iterable[Span], other: Span) -> list[Span]:
    """What they share with another, from the lowest."""
    shared = (Span(max(span.low, other.low), _lower(span.high, other.high)) for span in spans)
    return [span for span in shared if span.high is None or span.low < span.high]


def without(spans: Iterable[Span], other: Span) -> list[Span]:
    """What is left of them without another, from the lowest."""
    left = []
    for span in spans:
        left += common([span], Span(0, other.low))
        if other.high is not None:
            left += common([span], Span(other.high, None))
    return left


def _lower(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
