"""docs/fautes.md names every fault that is tried, and files that exist."""

import re

import pytest

from tests.support.places import ROOT

#: What the catalogue asks to be tried of what exists, and the lines of the product that rest on it.
TRIED = [
    *(f"N{n}" for n in range(1, 15)),
    *(f"G{n}" for n in range(1, 11)),
    *(f"U{n}" for n in (*range(1, 11), 12, 13)),
    *(f"K{n}" for n in range(1, 12)),
    *("D1", "D6", "D7", "D8", "D12"),
    *(f"W{n}" for n in (*range(1, 9), 11, 12, 14, 16, 17)),
    *("F1", "F2", "F3", "F5"),
    *("P02", "P03", "P06", "P07", "P08"),
]
_LINE = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)
_FOLDER = re.compile(r"^\| `([a-z0-9/]+)` \| `([a-z0-9_/]+)` \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs/fautes.md").read_text(encoding="utf-8")


def test_every_fault_has_one_line(page):
    assert [found[0] for found in _LINE.findall(page)] == TRIED


def test_every_test_named_is_there(page):
    folders = dict(_FOLDER.findall(page))
    named = {test for found in _LINE.findall(page) for test in re.findall(r"`([^`]+)`", found[3])}
    paths = {test: ROOT / folders[test.rpartition("/")[0]] / f"{test.rpartition('/')[2]}.py" for test in named}
    assert len(paths) > 40
    assert [test for test, path in sorted(paths.items()) if not path.is_file()] == []
    assert folders.keys() == {test.rpartition("/")[0] for test in named}
