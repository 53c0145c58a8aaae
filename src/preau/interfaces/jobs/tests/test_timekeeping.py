"""The machine's clock jumps (D6): nothing ends by its date until it is sure again, and somebody is told."""

from datetime import UTC, datetime, timedelta

import pytest

from preau.foundation import clock
from preau.interfaces.jobs.management.commands.worker import duties
from preau.interfaces.jobs.timekeeping import Timekeeper
from tests.support.factories import NOON

JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(minutes=31), datetime(1970, 1, 1, tzinfo=UTC) - NOON]


class Ticks:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_after_a_jump_nothing_ends_for_ten_minutes(jump, caplog):
    ticks = Ticks()
    with clock.frozen(NOON):
        keeper = Timekeeper(ticks)
        assert keeper.trusts_the_clock()
    with clock.frozen(NOON + jump):
        assert not keeper.trusts_the_clock()
    assert caplog.messages == [f"the clock moved by {jump}: nothing is freed, closed or reconciled for ten minutes"]
    ticks.seconds = 599
    with clock.frozen(NOON + jump + timedelta(seconds=599)):
        assert not keeper.trusts_the_clock()
    ticks.seconds = 600
    with clock.frozen(NOON + jump + timedelta(seconds=600)):
        assert keeper.trusts_the_clock()
    assert len(caplog.messages) == 1


def test_time_that_passes_and_a_small_correction_are_no_jump(caplog):
    ticks = Ticks()
    with clock.frozen(NOON):
        keeper = Timekeeper(ticks)
    ticks.seconds = 3600
    with clock.frozen(NOON + timedelta(hours=1, minutes=2)):
        assert keeper.trusts_the_clock()
    assert caplog.messages == []


def test_notices_are_understood_and_mails_leave_whatever_the_clock_says():
    assert [duty.name for duty in duties() if not duty.ends] == ["inbox", "mails"]
