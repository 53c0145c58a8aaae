"""One clock for the whole program."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from preau.foundation import clock

NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def own_clock(monkeypatch):
    monkeypatch.setattr(clock, "_source", clock._system)


def test_the_present_is_aware_and_in_utc(own_clock, frozen_clock):
    assert clock.now() == frozen_clock.now()
    assert clock.now().tzinfo is UTC


def test_time_stands_still_until_the_block_ends(own_clock, frozen_clock):
    with clock.frozen(NEW_YEAR):
        frozen_clock.advance(hours=1)
        assert clock.now() == NEW_YEAR
        with clock.frozen(NEW_YEAR + timedelta(days=1)):
            assert clock.now() == NEW_YEAR + timedelta(days=1)
        assert clock.now() == NEW_YEAR
    assert clock.now() == frozen_clock.now()


def test_time_goes_on_after_an_error(own_clock, frozen_clock):
    with pytest.raises(ZeroDivisionError), clock.frozen(NEW_YEAR):
        _ = 1 // 0
    assert clock.now() == frozen_clock.now()


def test_an_instant_is_given_in_utc_whatever_its_zone():
    with clock.frozen(datetime(2027, 1, 1, 0, 30, tzinfo=ZoneInfo("Europe/Paris"))):
        assert clock.now() == NEW_YEAR
        assert clock.now().tzinfo is UTC


def test_an_instant_without_zone_is_refused():
    with pytest.raises(ValueError, match="aware"), clock.frozen(NEW_YEAR.replace(tzinfo=None)):
        pass


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Paris", date(2027, 1, 1)),
        ("America/Martinique", date(2026, 12, 31)),
        ("Pacific/Noumea", date(2027, 1, 1)),
    ],
)
def test_the_day_is_the_one_on_the_wall(zone, day):
    with clock.frozen(NEW_YEAR):
        assert clock.today(ZoneInfo(zone)) == day


def test_the_clock_of_a_process_can_be_shifted(own_clock, frozen_clock):
    clock.shift(timedelta(minutes=31))
    assert clock.now() == frozen_clock.now() + timedelta(minutes=31)
