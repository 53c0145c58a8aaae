"""The URL map of the installation, walked: what is open must be declared, so nothing opens by accident."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One address: `portal:invoice`, its view, the names of its parameters in order."""

    name: str
    view: Callable
    parameters: tuple[str, ...]

    @property
    def space(self) -> str:
        return self.name.partition(":")[0] if ":" in self.name else ""

    @property
    def right(self) -> str:
        return getattr(self.view, "right", "")


def walk() -> list[Address]:
    """Every address that has a name or a view, set-up pages included."""
    return list(_walk(get_resolver().url_patterns, ()))


def _walk(patterns, spaces: tuple[str, ...]) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            name = ":".join((*spaces, pattern.name or "")) if pattern.name or spaces else str(pattern.pattern)
            yield Address(name, pattern.callback, tuple(pattern.pattern.converters))


PORTAL = [address for address in walk() if address.space == "portal"]
DESK = [address for address in walk() if address.space == "desk"]
NAMED = {address.name: address for address in walk()}
