"""A row is called proved only when nothing speaks against it."""

import json

import pytest

from tools.rows import known_rows, read_runs


def _write(build, run, tests, exit_code=0):
    (build / f"rows-{run}.json").write_text(json.dumps({"exit": exit_code, "tests": tests}), encoding="utf-8")


def _test(outcome="passed", rows=("L10",)):
    return {"rows": list(rows), "outcome": outcome}


def test_the_list_has_every_row_of_the_five_guides():
    assert len(known_rows()) == 178
    assert known_rows()["S12"] == "Present on every page."


def test_a_row_is_proved_by_tests_that_pass_everywhere(tmp_path):
    _write(tmp_path, "sqlite", {"test_a": _test(rows=("L10", "L11"))})
    _write(tmp_path, "postgresql", {"test_a": _test(rows=("L10", "L11")), "test_race": _test()})
    rows, doubts = read_runs(tmp_path)
    assert doubts == []
    assert {row_id for row_id, row in rows.items() if row.proved} == {"L10", "L11"}
    assert sorted(rows["L10"].outcomes) == ["test_a", "test_race"]


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_one_test_that_does_not_pass_on_one_database_is_enough_to_refuse(tmp_path, outcome):
    _write(tmp_path, "sqlite", {"test_a": _test(), "test_b": _test()})
    _write(tmp_path, "postgresql", {"test_a": _test(), "test_b": _test(outcome)}, exit_code=1)
    rows, doubts = read_runs(tmp_path)
    assert doubts == []
    assert not rows["L10"].proved


def test_a_missing_database_is_a_doubt(tmp_path):
    _write(tmp_path, "sqlite", {"test_a": _test()})
    assert read_runs(tmp_path)[1] == ["no result on postgresql: run `make test` with this database"]


def test_a_run_cut_short_is_a_doubt(tmp_path):
    _write(tmp_path, "sqlite", {"test_a": _test()})
    _write(tmp_path, "postgresql", {"test_a": _test()}, exit_code=2)
    assert read_runs(tmp_path)[1] == ["the run on postgresql was cut short"]
