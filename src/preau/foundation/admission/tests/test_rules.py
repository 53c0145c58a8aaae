"""Who comes in, in which order, how fast, and what they are told."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.foundation.admission.gate import Load
from preau.foundation.admission.rules import SLICE_MS, Pace, Queue, Speed, next_look, seconds_left
from preau.foundation.admission.tests.simulation import Rush
from tests.support.fairness import inversions

INSTANTS = st.lists(st.integers(min_value=1, max_value=5000), min_size=1, max_size=60)
MOVES = st.lists(st.tuples(INSTANTS, st.integers(min_value=0, max_value=40)), max_size=12)


def _slices(instants):
    slices = {}
    for instant in instants:
        start = instant - instant % SLICE_MS
        slices[start] = slices.get(start, 0) + 1
    return slices


@given(MOVES)
def test_nobody_is_overtaken_and_nobody_is_lost(moves):
    queue, joined = Queue(), []
    for instants, invited in moves:
        joined += instants
        before = queue.joined(_slices(instants))
        queue = before.advanced(invited)
        assert queue.served_until >= before.served_until
        assert queue.invited - before.invited == min(invited, before.waiting)
        assert queue.invited + queue.waiting == len(joined)
        assert queue.slices == tuple(sorted(queue.slices))
        inside = [instant for instant in joined if queue.lets_in(instant)]
        outside = [instant for instant in joined if not queue.lets_in(instant)]
        assert not inside or not outside or max(inside) < min(outside)
    assert all(queue.advanced(queue.waiting).lets_in(instant) for instant in joined)


def test_a_place_counts_those_who_arrived_earlier_and_wait_still():
    queue = Queue().joined({1000: 10, 1100: 4, 1300: 6})
    assert [queue.before(instant) for instant in (1000, 1050, 1100, 1199, 1299, 1300, 1399, 9000)] == [
        0, 5, 10, 14, 14, 14, 20, 20,
    ]  # fmt: skip
    assert [queue.advanced(12).before(instant) for instant in (1100, 1300, 1399)] == [0, 2, 8]


def test_the_line_stops_within_a_tenth_of_a_second():
    queue = Queue().joined({1000: 10}).advanced(5)
    assert (queue.served_until, queue.waiting) == (1050, 5)
    assert (queue.lets_in(1049), queue.lets_in(1050)) == (True, False)


def test_who_is_counted_late_by_another_process_is_let_in_with_those_of_its_time():
    queue = Queue().joined({1000: 3, 1100: 3}).advanced(4).joined({1000: 2})
    assert queue.lets_in(1099)
    assert (queue.waiting, queue.invited) == (2, 6)


def _load(*, occupancy, wait=0.0, served=100):
    return Load(seconds=1.0, threads=2, served=served, busy=2 * occupancy, waited=wait * served)


def test_more_come_in_when_threads_are_idle_and_none_when_requests_wait():
    invited = [Pace(wait_limit=0.25).invite(_load(occupancy=share), came=0) for share in (0.0, 0.5, 1.0)]
    assert invited == sorted(invited, reverse=True)
    assert invited[-1] > 0
    assert Pace(wait_limit=0.25).invite(_load(occupancy=1.0, wait=0.5), came=0) == 0


def test_a_short_wait_does_not_close_the_door_and_a_long_one_does():
    pace = Pace(wait_limit=0.25)
    assert not pace.is_crowded(_load(occupancy=1.0, wait=0.24))
    assert pace.is_crowded(_load(occupancy=1.0, wait=0.26))
    assert not Pace(wait_limit=0.25, service=0.5).is_crowded(_load(occupancy=1.0, wait=0.7))


def test_those_on_their_way_are_not_invited_twice():
    pace = Pace(wait_limit=0.25)
    first = pace.invite(_load(occupancy=0.5, served=20), came=0)
    pace.note_invited(first)
    assert 0 <= pace.invite(_load(occupancy=0.5, served=20), came=0) < first / 3


def test_those_who_do_not_come_are_forgotten():
    pace = Pace(wait_limit=0.25)
    pace.note_invited(100)
    for _ in range(60):
        pace.invite(_load(occupancy=1.0, wait=1.0), came=0)
    assert pace.expected < 1


def test_the_time_told_is_the_pace_measured():
    speed = Speed()
    assert speed.per_second == 0
    for second in range(60):
        speed.note(float(second), 7 * second)
    assert speed.per_second == pytest.approx(7)
    assert seconds_left(69, speed.per_second) == 10
    assert seconds_left(69, 0.0) is None
    speed.forget()
    assert speed.per_second == 0


@pytest.mark.parametrize(
    ("before", "left", "look"),
    [(0, None, 2), (100, None, 4), (2000, None, 60), (0, 300, 2), (100, 300, 4), (2000, 30, 15), (2000, 600, 60)],
)
def test_a_place_is_looked_at_more_often_near_the_front(before, left, look):
    """A long wait told after the line stood still keeps nobody at the front from coming in when it moves again."""
    assert next_look(before, left, quickest=25) == look


def test_inversions_count_pairs():
    assert inversions([1, 2, 3, 4]) == 0
    assert inversions([4, 3, 2, 1]) == 1
    assert inversions([1, 3, 2, 4]) == pytest.approx(1 / 6)


def _opening_day(number):
    source = random.Random(number)  # noqa: S311  (always the same day)
    half = number // 2
    return [source.uniform(0, 10) for _ in range(half)] + [source.uniform(10, 60) for _ in range(number - half)]


@pytest.mark.parametrize("think", [1.0, 5.0])
def test_a_rush_is_fair_quick_for_those_inside_and_leaves_no_thread_idle(think):
    costs = [0.015, 0.06, 0.06, 0.15, 0.04]
    rush = Rush(arrivals=_opening_day(1200), costs=costs, think=think).run()
    assert rush.inversions <= 0.02
    assert rush.p95 <= 10 * 1.5 * max(costs)
    assert rush.used_share(first=20, last=60) >= 0.75


def test_without_a_rush_everybody_comes_in_at_once():
    rush = Rush(arrivals=[second / 3 for second in range(300)], costs=[0.02, 0.05, 0.1], think=5.0).run()
    assert all(person.entered == person.arrived for person in rush.people)
