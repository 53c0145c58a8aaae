"""Services that are slow, silent or dead: nobody waits past the deadline, and the dead are left alone (G1, G3)."""

from threading import Event

import pytest

from preau.foundation.outbound import Breaker, CircuitOpenError, DeadlineError, within


class Down(Exception):
    """The service failed."""


class Refused(Exception):
    """The service works, and says no."""


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(seconds) -> Breaker:
    return Breaker(seconds)


def _raise(error: Exception):
    def action():
        raise error

    return action


def _fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Down):
            breaker.call(_raise(Down()), counts=(Down,))


def test_an_answer_in_time_is_given():
    assert within(5, lambda: 42) == 42


def test_the_calls_own_refusal_goes_through():
    with pytest.raises(Refused):
        within(5, _raise(Refused()))


def test_the_calls_own_time_out_is_not_taken_for_ours():
    with pytest.raises(TimeoutError, match="read timed out"):
        within(5, _raise(TimeoutError("read timed out")))


def test_nobody_waits_past_the_deadline():
    done = Event()
    with pytest.raises(DeadlineError, match=r"no answer within 0\.01 s"):
        within(0.01, done.wait)
    done.set()


def test_when_every_thread_hangs_further_calls_fail_at_once_and_recover():
    done = Event()
    for _ in range(16):
        with pytest.raises(DeadlineError, match="no answer"):
            within(0.001, done.wait)
    with pytest.raises(DeadlineError, match="16 calls are still hanging"):
        within(60, lambda: 42)
    done.set()
    assert _eventually(lambda: within(5, lambda: 42)) == 42


def _eventually(call):
    """The result of a call, once one of the freed threads has ended."""
    pause = Event()
    for _ in range(1000):
        try:
            return call()
        except DeadlineError:
            pause.wait(0.005)
    raise AssertionError("no thread was freed")


def test_four_failures_leave_the_service_in_use(breaker):
    _fail(breaker, 4)
    assert breaker.call(lambda: 42, counts=(Down,)) == 42


def test_five_failures_within_a_minute_leave_the_service_alone(breaker, seconds):
    for _ in range(5):
        _fail(breaker)
        seconds.now += 15
    seconds.now -= 15
    with pytest.raises(CircuitOpenError):
        breaker.call(lambda: 42, counts=(Down,))


def test_five_failures_in_more_than_a_minute_do_not(breaker, seconds):
    for _ in range(5):
        _fail(breaker)
        seconds.now += 15.1
    assert breaker.call(lambda: 42, counts=(Down,)) == 42


def test_a_success_forgets_the_failures_before_it(breaker):
    _fail(breaker, 4)
    breaker.call(lambda: 42, counts=(Down,))
    _fail(breaker, 4)
    assert breaker.call(lambda: 42, counts=(Down,)) == 42


def test_a_refusal_is_no_failure_of_the_service(breaker):
    for _ in range(10):
        with pytest.raises(Refused):
            breaker.call(_raise(Refused()), counts=(Down,))
    assert breaker.call(lambda: 42, counts=(Down,)) == 42


@pytest.fixture
def opened(breaker) -> Breaker:
    _fail(breaker, 5)
    return breaker


@pytest.mark.parametrize(("waited", "is_open"), [(0, True), (29.9, True), (30, False)])
def test_the_service_is_left_alone_for_thirty_seconds(opened, seconds, waited, is_open):
    seconds.now += waited
    if is_open:
        with pytest.raises(CircuitOpenError):
            opened.call(lambda: 42, counts=(Down,))
    else:
        assert opened.call(lambda: 42, counts=(Down,)) == 42


def test_after_the_rest_one_call_tries_and_the_others_wait_for_it(opened, seconds):
    seconds.now += 30

    def trying():
        with pytest.raises(CircuitOpenError):
            opened.call(lambda: 43, counts=(Down,))
        return 42

    assert opened.call(trying, counts=(Down,)) == 42
    assert opened.call(lambda: 44, counts=(Down,)) == 44


def test_a_failed_try_starts_another_rest(opened, seconds):
    seconds.now += 30
    _fail(opened)
    seconds.now += 29.9
    with pytest.raises(CircuitOpenError):
        opened.call(lambda: 42, counts=(Down,))
    seconds.now += 0.1
    assert opened.call(lambda: 42, counts=(Down,)) == 42


def test_a_refused_try_keeps_the_rest_going(opened, seconds):
    """A fault of ours during the try says nothing of the service: it stays alone for another turn."""
    seconds.now += 30
    with pytest.raises(Refused):
        opened.call(_raise(Refused()), counts=(Down,))
    with pytest.raises(CircuitOpenError):
        opened.call(lambda: 42, counts=(Down,))
    seconds.now += 30
    assert opened.call(lambda: 42, counts=(Down,)) == 42
