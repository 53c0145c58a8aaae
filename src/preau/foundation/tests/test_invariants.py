"""How statements that must never be false are declared and told."""

import pytest

from preau.foundation import invariants
from preau.foundation.invariants import Violation, declared, invariant, violations


@pytest.fixture
def nothing_declared(monkeypatch):
    assert declared()  # those of the apps are found once: not into the list that replaces theirs
    monkeypatch.setattr(invariants, "_all", [])


def test_statements_are_listed_by_their_number(nothing_declared):
    invariant("I12", "douze")(list)
    invariant("I2", "deux")(list)
    assert [one.code for one in declared()] == ["I2", "I12"]


def test_each_violation_is_told_with_its_statement(nothing_declared):
    invariant("I2", "deux")(lambda: ["ici", "là"])
    invariant("I3", "trois")(list)
    assert violations() == [Violation("I2", "deux", "ici"), Violation("I2", "deux", "là")]
