"""Calling services that may be slow, silent or dead, without ever holding a worker beyond a deadline (G1, G3)."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from ipaddress import ip_address
from threading import BoundedSemaphore, Lock
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_FAILURES, _WITHIN_SECONDS, _REST_SECONDS = 5, 60.0, 30.0
#: Calls that hang keep their thread until the system gives up; past this many, further calls fail at once.
_THREADS = 16
_pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="outbound")
_free = BoundedSemaphore(_THREADS)


class DeadlineError(Exception):
    """No complete answer within the time allowed for the whole call."""


class CircuitOpenError(Exception):
    """Too many failures lately: the service is left alone for a moment."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """The result of `call`, or a refusal after `seconds` in all, however slowly the bytes come.

    Raises:
        DeadlineError: the time is over, or no thread is left; the call's own result is thrown away.
    """
    if not _free.acquire(blocking=False):
        raise DeadlineError(f"{_THREADS} calls are still hanging")
    future: Future[T] = _pool.submit(_freeing, call)
    # Not `result(timeout=…)`: it could not tell our deadline from a time-out that the call itself raised.
    if not wait([future], timeout=seconds).done:
        raise DeadlineError(f"no answer within {seconds:g} s")
    return future.result()


def _freeing(call: Callable[[], T]) -> T:
    try:
        return call()
    finally:
        _free.release()


def is_public_https(url: str) -> bool:
    """Whether an address is https and not of this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not is_this_machine(url)


def origin_of(url: str) -> str:
    """`https://host:port` of an address, as browsers compare them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_this_machine(url: str) -> bool:
    """Whether an address is of the loopback."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Breaker:
    """Opens after five failures in a minute, lets one call through after thirty seconds; one per process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures: deque[float] = deque(maxlen=_FAILURES)
        self._opened_at: float | None = None
        self._lock = Lock()

    def call(
        self,
        action: Callable[[], T],
        *,
        counts: tuple[type[Exception], ...],
        answers: tuple[type[Exception], ...] = (),
    ) -> T:
        """Run `action`; the exceptions in `counts` are failures of the service, those in `answers` prove it well.

        Raises:
            CircuitOpenError: the service is being left alone.
        """
        self._enter()
        try:
            result = action()
        except counts:
            self._failed()
            raise
        except answers:
            self._worked()
            raise
        self._worked()
        return result

    def _enter(self) -> None:
        with self._lock:
            if self._opened_at is None:
                return
            if self._monotonic() - self._opened_at < _REST_SECONDS:
                raise CircuitOpenError("the service failed too often; it is left alone for a moment")
            self._opened_at = self._monotonic()  # half open: this call tries, the others wait another turn

    def _failed(self) -> None:
        with self._lock:
            now = self._monotonic()
            self._failures.append(now)
            if len(self._failures) == _FAILURES and now - self._failures[0] <= _WITHIN_SECONDS:
                self._opened_at = now

    def _worked(self) -> None:
        with self._lock:
            self._failures.clear()
            self._opened_at = None
