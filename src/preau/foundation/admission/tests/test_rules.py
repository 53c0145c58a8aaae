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


def _load(*, occupancy, wait=0.0, served=100, seconds=1.0):
    return Load(seconds=seconds, threads=2, served=served, busy=2 * occupancy * seconds, waited=wait * served)


def _pace(**about):
    return Pace(threads=2, wait_limit=0.25, **about)


def test_pressure_counts_requests_that_work_and_those_that_wait():
    assert _load(occupancy=1.0).pressure == 1
    assert _load(occupancy=1.0, wait=0.03).pressure == 2.5
    assert Load(seconds=0.0, threads=2, served=0, busy=0.0, waited=0.0).pressure == 0


@pytest.mark.parametrize(
    ("occupancy", "wait", "share"),
    [(0.0, 0.0, 1.4), (0.6, 0.0, 1.3), (1.0, 0.024, 1), (1.0, 0.0515, 0.75), (1.0, 0.5, 0)],
)
def test_people_come_in_faster_into_an_idle_machine_and_not_into_a_full_one(occupancy, wait, share):
    """Aimed at: 2.2 requests for each thread."""
    pace = _pace(service=0.01)
    steady = pace.per_second
    assert pace.invite(_load(occupancy=occupancy, wait=wait), came=0) / steady == pytest.approx(share, abs=0.05)


def test_what_is_less_than_one_person_is_kept_for_the_next_meeting():
    """Two threads, eight requests of a second each: one person every four seconds."""
    pace = _pace(service=1.0)
    aimed = _load(occupancy=1.0, wait=0.024)
    assert [pace.invite(aimed, came=0) for _ in range(12)] == [0, 0, 0, 1] * 3


def test_a_long_silence_invites_no_crowd():
    pace = _pace(service=0.01)
    assert pace.invite(_load(occupancy=0.0, seconds=3600), came=0) == int(2 * 1.4 * pace.per_second)


def test_the_line_teaches_what_people_weigh():
    heavy, light = _pace(), _pace()
    for _ in range(200):
        heavy.invite(_load(occupancy=1.0, wait=1.0), came=0)
        light.invite(_load(occupancy=0.2), came=0)
    assert heavy.requests_each == pytest.approx(8 * 2.718**1, rel=0.01)
    assert light.requests_each == pytest.approx(8 * 2.718**-1, rel=0.01)
    for _ in range(1000):
        heavy.invite(_load(occupancy=1.0, wait=1.0), came=0)
        light.invite(_load(occupancy=0.2), came=0)
    assert (heavy.requests_each, light.requests_each) == (30, 2)


def test_a_pace_learns_how_long_a_request_takes():
    pace = _pace()
    pace.learn(_load(occupancy=1.0, served=0))
    assert pace.service == 0.1
    for _ in range(200):
        pace.learn(_load(occupancy=1.0, served=100))
    assert pace.service == pytest.approx(0.02, rel=0.01)


def test_a_short_wait_does_not_close_the_door_and_a_long_one_does():
    pace = _pace()
    assert not pace.is_crowded(_load(occupancy=1.0, wait=0.24))
    assert pace.is_crowded(_load(occupancy=1.0, wait=0.26))
    assert not _pace(service=0.5).is_crowded(_load(occupancy=1.0, wait=0.7))


def test_a_bounded_number_comes_in_at_once_and_the_door_opens_again_with_time():
    pace = _pace(service=0.01)
    full = pace.entries
    assert full == pytest.approx(6 * 2 / (0.01 * 8))
    for _ in range(int(full)):
        pace.note_entered()
    assert pace.entries < 1
    pace.open_door(_load(occupancy=0.0))
    assert pace.entries >= 1.4 * 2 / (0.01 * 8)
    pace.open_door(_load(occupancy=0.0, seconds=3600))
    assert pace.entries == full
    assert _pace(service=10.0).entries == 4


def test_those_who_do_not_come_are_replaced():
    """Invited people who closed the page: some ten seconds later, as many others were invited in their place."""
    patient, gone = _pace(service=0.01), _pace(service=0.01)
    patient.note_invited(100)
    gone.note_invited(100)
    full = _load(occupancy=1.0, wait=1.0)
    assert patient.invite(full, came=100) == 0
    assert sum(gone.invite(full, came=0) for _ in range(60)) in {98, 99}
    assert gone.expected < 1


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


@pytest.mark.parametrize(("think", "first", "last"), [(1.0, 20, 60), (5.0, 20, 60), (20.0, 60, 120)])
def test_a_rush_is_fair_quick_for_those_inside_and_leaves_no_thread_idle(think, first, last):
    costs = [0.015, 0.06, 0.06, 0.15, 0.04]
    rush = Rush(arrivals=_opening_day(1200), costs=costs, think=think).run()
    assert rush.inversions <= 0.02
    assert rush.p95 <= 10 * 1.5 * max(costs)
    assert rush.used_share(first=first, last=last) >= 0.75


def test_without_a_rush_everybody_comes_in_at_once():
    rush = Rush(arrivals=[second / 3 for second in range(300)], costs=[0.02, 0.05, 0.1], think=5.0).run()
    assert all(person.entered == person.arrived for person in rush.people)
