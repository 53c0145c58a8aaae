"""Days and hours as French readers write them."""

from datetime import UTC, date, datetime, time

import pytest

from preau.foundation import french


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2026, 10, 13), "13\u00a0octobre 2026"),
        (date(2026, 11, 1), "1er\u00a0novembre 2026"),
        (date(2026, 8, 21), "21\u00a0août 2026"),
    ],
)
def test_a_day_keeps_its_number_with_its_month(value, written):
    assert french.day(value) == written


def test_every_month_has_its_name():
    assert [french.month(date(2026, month, 1)) for month in (1, 2, 8, 12)] == [
        "janvier 2026",
        "février 2026",
        "août 2026",
        "décembre 2026",
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (time(14, 32), "14\u202fh\u202f32"),
        (time(9, 5), "9\u202fh\u202f05"),
        (datetime(2026, 10, 8, 0, 0, tzinfo=UTC), "0\u202fh\u202f00"),
    ],
)
def test_an_hour_never_breaks(value, written):
    assert french.hour(value) == written


@pytest.mark.parametrize(
    ("days", "written"),
    [
        ([date(2026, 11, 17)], "le mardi 17\u00a0novembre 2026"),
        (
            [date(2026, 12, 1), date(2026, 11, 17), date(2026, 11, 16), date(2026, 11, 17)],
            "les 16 et 17\u00a0novembre 2026\u202f; 1er\u00a0décembre 2026",
        ),
        (
            [date(2026, 11, n) for n in range(1, 15)],
            "les 1er, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 et 12\u00a0novembre 2026, et 2 autres jours",
        ),
        (
            [date(2026, 11, n) for n in range(1, 14)],
            "les 1er, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 et 12\u00a0novembre 2026, et 1 autre jour",
        ),
    ],
)
def test_days_are_listed_by_month_the_first_ones_only(days, written):
    assert french.days_listed(days) == written
