"""Refusals a caller must handle; `message` can be shown to a family or to the agent who wrote the tariff."""

from collections.abc import Sequence
from dataclasses import dataclass


class PricingError(Exception):
    """Base of every refusal of this app."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NoTariffError(PricingError):
    """No version is in force on that day, or no line of it fits: no price is ever guessed (I20)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a tariff as it was typed: the field, and the line of the grid when it is one (from 1)."""

    message: str
    field: str = ""
    line: int | None = None


class TariffRefusedError(PricingError):
    """What an agent typed cannot be a tariff; every fault is told at once, beside its field or its line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


class VersionUsedError(PricingError):
    """A version that made a price stays for ever: the price must be explained as long as it is owed."""


class OtherRegieError(PricingError):
    """A unit is priced by a tariff of the régie that collects it, and of no other."""
