"""One process's part of the waiting room: it measures itself, and meets the others in the line's row."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError

from preau.foundation import clock
from preau.foundation.admission.capacity import Capacity
from preau.foundation.admission.gate import Gate, Load, Rank
from preau.foundation.admission.rules import SLICE_MS, Pace, Queue, Speed, next_look, seconds_left
from preau.foundation.admission.services import move_line, read_line

logger = logging.getLogger(__name__)

#: Seconds between two meetings of a process with the others.
_BEAT_SECONDS = 1.0


class NoRoomError(Exception):
    """Too many requests wait already: this one is to come back."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody's place in the line. `seconds`: as measured, None while unknown; `look_in`: when to look again."""

    before: int
    seconds: int | None
    look_in: int


class Room:
    """Lets people in while requests find a thread in time; beyond, by order of arrival, whatever the process."""

    def __init__(self, capacity: Capacity, *, wait_limit: float) -> None:
        self.capacity = capacity
        self.gate = Gate(capacity.threads)
        self._pace = Pace(capacity.threads, wait_limit)
        self._speed = Speed()
        self._queue = Queue()
        self._lock = threading.Lock()
        self._beating = threading.Lock()
        self._due_at = 0.0
        self._is_crowded = False
        self._arrivals: Counter[int] = Counter()
        self._came = 0

    @contextmanager
    def thread(self, rank: Rank, *, most: int | None = None) -> Iterator[None]:
        """Work in one of the threads, waiting for it.

        Raises:
            NoRoomError: `most` requests wait already.
        """
        if not self.gate.enter(rank, most=most):
            raise NoRoomError
        try:
            yield
            self._beat()
        finally:
            self.gate.leave()

    def refresh(self) -> None:
        """Meet the others if it is time and a thread is free; if none is, those who work will."""
        if time.monotonic() >= self._due_at and self.gate.enter(Rank.OUTSIDE, most=0):
            try:
                self._beat()
            finally:
                self.gate.leave()

    def admits(self, arrived_at: int | None) -> bool:
        """Whether a newcomer comes in now, and counts them: the door is open, or it is the turn of their arrival."""
        with self._lock:
            if self._is_open:
                self._pace.note_entered()
                return True
            if arrived_at is None or not self._queue.lets_in(arrived_at):
                return False
            self._came += 1
            return True

    @property
    def _is_open(self) -> bool:
        """Whether newcomers come in at once: nobody waits before them, and threads are found in time."""
        if self._is_crowded or self._arrivals or self._queue.waiting or self._pace.entries < 1:
            return False
        return self.gate.waiting < self.capacity.most_outside

    def arrive(self) -> int:
        """Join the line: the instant (milliseconds since 1970) that orders it."""
        arrived_at = int(clock.now().timestamp() * 1000)
        with self._lock:
            self._arrivals[arrived_at - arrived_at % SLICE_MS] += 1
        return arrived_at

    def standing(self, arrived_at: int) -> Standing:
        """Where somebody stands, with those whom the other processes told of so far."""
        with self._lock:
            here = sum(people for start, people in self._arrivals.items() if start + SLICE_MS <= arrived_at)
        before = self._queue.before(arrived_at) + here
        left = seconds_left(before, self._speed.per_second)
        return Standing(before, left, next_look(before, left, quickest=self._quickest))

    @property
    def _quickest(self) -> float:
        return self._pace.quickest * self.capacity.processes

    def _beat(self) -> None:
        if time.monotonic() < self._due_at or not self._beating.acquire(blocking=False):
            return
        try:
            self._meet()
        except DatabaseError:
            logger.exception("the line of the waiting room cannot be reached")
        finally:
            self._due_at = time.monotonic() + _BEAT_SECONDS
            self._beating.release()

    def _meet(self) -> None:
        load = self.gate.take_load()
        with self._lock:
            arrivals, came = self._arrivals, self._came
            self._arrivals, self._came = Counter(), 0
        self._pace.learn(load)
        self._is_crowded = self._pace.is_crowded(load)
        try:
            self._queue = queue = self._move(load, arrivals, came=came)
        except DatabaseError:
            with self._lock:
                self._arrivals.update(arrivals)
            raise
        if queue.waiting:
            self._speed.note(time.monotonic(), queue.invited)
        else:
            self._speed.forget()

    def _move(self, load: Load, arrivals: Counter[int], *, came: int) -> Queue:
        queue = read_line()
        if not arrivals and not queue.waiting:
            with self._lock:
                self._pace.open_door(load)
            return queue
        invite = self._pace.invite(load, came=came)
        if self.gate.waiting >= self.capacity.most_outside:
            invite = 0
        if arrivals or invite:
            queue, invited = move_line(arrivals=arrivals, invite=invite)
            self._pace.note_invited(invited)
        return queue
