"""The threads of a process, and those who wait for one."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from preau.foundation.admission.capacity import Capacity, announced
from preau.foundation.admission.gate import Gate, Load, Rank


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _until(condition) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.001)


def test_no_more_work_at_once_than_there_are_threads():
    gate, seen, inside, lock = Gate(3), [], [0], threading.Lock()

    def work(_):
        assert gate.enter(Rank.INSIDE)
        with lock:
            inside[0] += 1
            seen.append(inside[0])
        time.sleep(0.002)
        with lock:
            inside[0] -= 1
        gate.leave()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(60)))
    assert max(seen) == 3
    assert gate.take_load().served == 60
    assert gate.waiting == 0


def test_money_goes_first_then_those_inside_each_in_their_order():
    gate, order = Gate(1), []
    gate.enter(Rank.INSIDE)

    def ask(rank, name):
        gate.enter(rank)
        order.append(name)
        gate.leave()

    asked = [
        (Rank.OUTSIDE, "newcomer"), (Rank.INSIDE, "first"), (Rank.INSIDE, "second"), (Rank.MONEY, "bank"),
    ]  # fmt: skip
    with ThreadPoolExecutor(4) as pool:
        for number, one in enumerate(asked, start=1):
            pool.submit(ask, *one)
            _until(lambda number=number: gate.waiting == number)
        gate.leave()
    assert order == ["bank", "first", "second", "newcomer"]


def test_a_request_too_many_is_refused_at_once():
    gate = Gate(1)
    assert gate.enter(Rank.OUTSIDE, most=0)
    assert not gate.enter(Rank.OUTSIDE, most=0)
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(gate.enter, Rank.INSIDE, most=1)
        _until(lambda: gate.waiting == 1)
        assert not gate.enter(Rank.INSIDE, most=1)
        gate.leave()
        assert waits.result()


def test_what_was_done_is_measured_once():
    clock = _Clock()
    gate = Gate(2, clock=clock)
    gate.enter(Rank.INSIDE)
    clock.now += 3
    gate.enter(Rank.INSIDE)
    clock.now += 1
    gate.leave()
    assert gate.take_load() == Load(seconds=4, threads=2, served=1, busy=5, waited=0)
    clock.now += 2
    load = gate.take_load()
    assert (load.busy, load.served, load.occupancy) == (2, 0, 0.5)
    assert load.wait == 0


def test_the_time_spent_waiting_is_measured():
    clock = _Clock()
    gate = Gate(1, clock=clock)
    gate.enter(Rank.INSIDE)
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(gate.enter, Rank.INSIDE)
        _until(lambda: gate.waiting == 1)
        clock.now += 4
        gate.leave()
        waits.result()
    gate.leave()
    load = gate.take_load()
    assert (load.served, load.waited, load.wait) == (2, 4, 2)


@pytest.mark.parametrize(("threads", "outside", "inside", "server"), [(2, 8, 48, 66), (4, 16, 96, 116)])
def test_a_capacity_says_how_many_may_wait(threads, outside, inside, server):
    told: dict[str, str] = {}
    Capacity(threads, 3).announce(told)
    capacity = announced(told)
    assert (capacity.threads, capacity.processes) == (threads, 3)
    assert (capacity.most_outside, capacity.most_inside, capacity.server_threads) == (outside, inside, server)


def test_a_process_that_was_told_nothing_holds_nobody_back():
    assert announced({}).threads == 0
