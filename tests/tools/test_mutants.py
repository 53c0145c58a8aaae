"""A bug is called caught only when a test falls because of it; what is in doubt is an error."""

import json

import pytest

from tools.mutants import ROOT, Mutant, Outcome, Patch, main, read_catalogue, report, stale_patches, try_out

RULES = '''"""A clone in small."""


def total(cents):
    return sum(cents)
'''
TESTS = """
from pathlib import Path

import preau.rules


def test_these_are_the_sources_of_the_copy():
    assert Path(preau.rules.__file__).is_relative_to(Path.cwd())


def test_cents_add_up():
    assert preau.rules.total([1, 2]) == 3


def test_falls_without_any_bug():
    assert preau.rules.total([1, 2]) == 4
"""
FAITHFUL = ("tests/test_rules.py::test_these_are_the_sources_of_the_copy", "tests/test_rules.py::test_cents_add_up")


@pytest.fixture
def clone(tmp_path):
    """A clone of one module and its tests, where pytest loads nothing of ours."""
    files = {
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = ["-p", "no:django", "-p", "no:cacheprovider"]\n',
        "src/preau/__init__.py": "",
        "src/preau/rules.py": RULES,
        "tests/test_rules.py": TESTS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def bug(name: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(name, "a bug", (Patch("src/preau/rules.py", old, new),), tests or FAITHFUL)


def test_each_verdict_is_told_and_the_clone_keeps_its_text(clone, capsys):
    outcomes = try_out(
        [
            bug("caught", "sum(cents)", "max(cents)"),
            bug("missed", "A clone in small", "Observed by nobody"),
            bug("stale", "sum(francs)", "max(francs)"),
            bug("twice", "cents", "euros"),
            bug("does-not-load", "return", "retrun"),
            bug("test-that-is-gone", "sum(cents)", "max(cents)", "tests/test_rules.py::test_gone"),
            bug("falls-anyway", "A clone", "The clone", "tests/test_rules.py::test_falls_without_any_bug"),
        ],
        root=clone,
    )
    assert [(outcome.verdict, outcome.by) for outcome in outcomes] == [
        ("caught", "tests/test_rules.py::test_cents_add_up"),
        ("missed", ""),
        ("stale", "src/preau/rules.py holds 0 times: sum(francs)"),
        ("stale", "src/preau/rules.py holds 2 times: cents"),
        ("broken", ""),
        ("broken", ""),
        ("broken", "tests/test_rules.py::test_falls_without_any_bug"),
    ]
    assert (clone / "src" / "preau" / "rules.py").read_text(encoding="utf-8") == RULES
    assert "MISSED  missed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        (["caught", "caught"], 0),
        (["caught", "missed"], 1),
        (["stale", "caught"], 1),
        (["caught", "broken"], 1),
        ([], 1),
    ],
)
def test_one_bug_that_is_not_caught_fails_the_command(tmp_path, capsys, verdicts, status):
    target = tmp_path / "build" / "mutants.json"
    outcomes = [Outcome(bug(f"bug-{rank}", "a", "b"), verdict) for rank, verdict in enumerate(verdicts)]
    assert report(outcomes, target=target) == status
    told = json.loads(target.read_text(encoding="utf-8"))
    assert [(one["name"], one["verdict"]) for one in told] == [(f"bug-{n}", v) for n, v in enumerate(verdicts)]
    assert f"{verdicts.count('caught')} bugs caught out of {len(verdicts)}" in capsys.readouterr().out


def test_no_bug_of_the_catalogue_is_stale():
    catalogue = read_catalogue()
    assert {one.name: stale for one in catalogue if (stale := stale_patches(one, ROOT))} == {}
    assert len({one.name for one in catalogue}) == len(catalogue) >= 30


def test_a_name_that_no_bug_bears_is_no_success(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["mutants", "--help"])
    assert main() == 2
    assert capsys.readouterr().err == "No bug of the catalogue is named so: --help\n"
