"""The imitated gateways: each is a folder with a `gateway` module that says what the common parts must know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from banksim import settings


@dataclass(frozen=True, kw_only=True)
class Line:
    """One operation on the home page: `key` finds it in the journal, `page` opens its payment page if it still can."""

    key: str
    reference: str
    creditor: str
    amount: str
    state: str
    page: str = ""


class Gateway(Protocol):
    """What `gateway.py` of each folder declares."""

    NAME: str
    LABEL: str
    SCHEMA: str  # CREATE TABLE IF NOT EXISTS…
    OPERATIONS: tuple[str, ...]  # what a fault may be set on
    FAULTS: Mapping[str, str]  # fault kinds of its own, each with its description
    clear: Callable[[], None]
    summary: Callable[[datetime], Sequence[Line]]


def each() -> list[Gateway]:
    """The gateways of the settings."""
    return [cast("Gateway", import_module(f"{package}.gateway")) for package in settings.BANKSIM_GATEWAYS]
