"""Instants as banks write them: local, without a zone, in the doubled hour too (D7)."""

from datetime import UTC, datetime

import pytest

from preau.foundation.instants import read_instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08102026 1535", datetime(2026, 10, 8, 13, 35, tzinfo=UTC)),
        ("25102026 0230", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("29032026 0130", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        ("29032026 0300", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("31122026 2359", datetime(2026, 12, 31, 22, 59, tzinfo=UTC)),
    ],
    ids=["summer", "doubled hour", "before the gap", "after the gap", "end of the year"],
)
def test_a_local_time_of_paris_is_one_instant(text, expected):
    assert read_instant(text, "%d%m%Y %H%M") == expected


def test_another_zone_is_taken_as_told():
    assert read_instant("20261008133500", "%Y%m%d%H%M%S", zone=UTC) == datetime(2026, 10, 8, 13, 35, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", " ", "None None", "31022026 1000", "08102026 2560", "8/10/2026"])
def test_what_is_no_time_is_none(text):
    assert read_instant(text, "%d%m%Y %H%M") is None
