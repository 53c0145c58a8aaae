"""The statements of `preau selfcheck`, asked in the middle of a test."""

from collections.abc import Iterable

from django.utils.module_loading import autodiscover_modules

from preau.foundation.invariants import declared


def broken(*, but: Iterable[str] = ()) -> dict[str, list[str]]:
    """What is found wrong, by code (`I1`…), `but` left out; empty is what every test expects."""
    autodiscover_modules("invariants")
    found: dict[str, list[str]] = {}
    for one in declared():
        for detail in () if one.code in but else one.check():
            found.setdefault(one.code, []).append(f"{one.statement} : {detail}")
    assert declared(), "no statement is declared: nothing would be checked"
    return found
