"""Statements that must never be false, run after tests, in the crash campaign and in production (design 4.11).

An app says its own in a module named `invariants`; each is a function yielding one sentence per violation.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

Check = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A statement, its number in the reliability goals (`I1`…), and what finds its violations."""

    code: str
    statement: str
    check: Check


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a statement is false."""

    code: str
    statement: str
    detail: str


_all: list[Invariant] = []


def invariant(code: str, statement: str) -> Callable[[Check], Check]:
    """Declare the function below as the check of a statement."""

    def declare(check: Check) -> Check:
        _all.append(Invariant(code, statement, check))
        return check

    return declare


def declared() -> list[Invariant]:
    """Every statement of every app, in the order of its number."""
    autodiscover_modules("invariants")
    return sorted(_all, key=lambda one: (int(one.code[1:]), one.statement))


def violations() -> list[Violation]:
    """All violations found now; empty is what every town expects."""
    return [Violation(one.code, one.statement, detail) for one in declared() for detail in one.check()]
