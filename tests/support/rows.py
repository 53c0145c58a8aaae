"""Which tests prove which rows of `docs/rows.md`: unknown rows fail, outcomes are kept for `make rows`."""

import json
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tools.rows import known_rows

_PROPERTY = "rows"


def pytest_addoption(parser) -> None:
    parser.addoption("--rows-to", type=Path, help="write there the outcome of each test that proves a row")


def pytest_configure(config) -> None:
    # Under xdist only the controller sees every report.
    if config.getoption("--rows-to") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Recorder(config.getoption("--rows-to")))


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        rows = [row for mark in item.iter_markers("row") for row in mark.args]
        if rows:
            item.user_properties.append((_PROPERTY, rows))


def pytest_runtest_setup(item) -> None:
    for mark in item.iter_markers("row"):
        unknown = [row for row in mark.args if row not in known_rows(ROOT)]
        if unknown or not mark.args:
            pytest.fail(f"docs/rows.md has no row {unknown or 'without a name'}", pytrace=False)


class _Recorder:
    def __init__(self, target: Path) -> None:
        self._target = target
        self._tests: dict[str, dict] = {}
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)

    def pytest_runtest_logreport(self, report) -> None:
        rows = dict(report.user_properties).get(_PROPERTY)
        if rows is None:
            return
        known = self._tests.setdefault(report.nodeid, {"rows": rows, "outcome": "passed"})
        # Set-up, call and tear-down all count: the worst of the three is what happened.
        if report.outcome != "passed":
            known["outcome"] = report.outcome

    def pytest_sessionfinish(self, exitstatus) -> None:
        result = {"exit": int(exitstatus), "tests": self._tests}
        self._target.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
