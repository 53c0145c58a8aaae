"""A rush in a computed time: some processes, people who think between their requests, the line between them."""

import heapq
import random
from dataclasses import dataclass, field
from itertools import count
from statistics import quantiles

from preau.foundation.admission.capacity import Capacity
from preau.foundation.admission.gate import Load
from preau.foundation.admission.rules import SLICE_MS, Pace, Queue, Speed, next_look, seconds_left
from tests.support.fairness import inversions


@dataclass
class Process:
    """Threads, requests that wait for one, and what was measured since the last meeting."""

    capacity: Capacity
    pace: Pace
    used: int = 0
    waiting: list = field(default_factory=list)
    busy: float = 0.0
    waited: float = 0.0
    served: int = 0
    came: int = 0
    crowded: bool = False
    arrivals: dict = field(default_factory=dict)


@dataclass
class Told:
    """What one person lived: arrival, first told wait, entry, end of the visit, and how long each request took."""

    arrived: float
    told: float | None = None
    told_at: float | None = None
    entered: float | None = None
    ended: float | None = None
    answers: list = field(default_factory=list)


class Rush:
    """`costs`: seconds of work of each request of a visit; `think`: seconds between two."""

    def __init__(self, *, arrivals, costs, think, processes=2, threads=2, seed=0, wait_limit=0.15) -> None:
        self.random = random.Random(seed)  # noqa: S311  (a computed time)
        capacity = Capacity(threads, processes)
        self.processes = [Process(capacity, Pace(threads, wait_limit)) for _ in range(processes)]
        self.costs, self.think = costs, think
        self.queue, self.speed, self.now = Queue(), Speed(), 0.0
        self.people = [Told(at) for at in sorted(arrivals)]
        self.turns = count()
        self.events: list = []
        for person in self.people:
            self.at(person.arrived, self.knock, person, None)
        for number, process in enumerate(self.processes):
            self.at(1 + number / processes, self.meet, process)

    def at(self, when, what, *about) -> None:
        heapq.heappush(self.events, (when, next(self.turns), what, about))

    def run(self) -> "Rush":
        while any(person.ended is None for person in self.people):
            self.now, _, what, about = heapq.heappop(self.events)
            what(*about)
        return self

    def knock(self, person, ticket) -> None:
        process = self.random.choice(self.processes)
        is_open = not (process.crowded or process.arrivals or self.queue.waiting) and process.pace.entries >= 1
        if is_open and len(process.waiting) < process.capacity.most_outside:
            process.pace.note_entered()
            return self.ask(person, 0, process)
        if ticket is not None and self.queue.lets_in(ticket):
            process.came += 1
            return self.ask(person, 0, process)
        if ticket is None:
            ticket = int(self.now * 1000)
            start = ticket - ticket % SLICE_MS
            process.arrivals[start] = process.arrivals.get(start, 0) + 1
        before = self.queue.before(ticket)
        left = seconds_left(before, self.speed.per_second)
        if person.told is None and left is not None:
            person.told, person.told_at = left, self.now
        quickest = process.pace.quickest * process.capacity.processes
        return self.at(self.now + next_look(before, left, quickest=quickest), self.knock, person, ticket)

    def ask(self, person, step, process=None) -> None:
        process = process or self.random.choice(self.processes)
        if step == 0:
            person.entered = self.now
        asked = (self.now, person, step)
        if process.used < process.capacity.threads:
            process.used += 1
            self.work(process, asked)
        else:
            process.waiting.append(asked)

    def work(self, process, asked) -> None:
        asked_at, _, step = asked
        process.waited += self.now - asked_at
        cost = self.costs[step] * self.random.uniform(0.5, 1.5)
        self.at(self.now + cost, self.done, process, asked, cost)

    def done(self, process, asked, cost) -> None:
        asked_at, person, step = asked
        process.busy += cost
        process.served += 1
        person.answers.append(self.now - asked_at)
        if step + 1 < len(self.costs):
            self.at(self.now + self.random.expovariate(1 / self.think), self.ask, person, step + 1)
        else:
            person.ended = self.now
        if process.waiting:
            self.work(process, process.waiting.pop(0))
        else:
            process.used -= 1

    def meet(self, process) -> None:
        load = Load(1.0, process.capacity.threads, process.served, process.busy, process.waited)
        process.pace.learn(load)
        process.crowded = process.pace.is_crowded(load)
        before = self.queue.joined(process.arrivals)
        if before.waiting:
            invite = process.pace.invite(load, came=process.came)
            if len(process.waiting) >= process.capacity.most_outside:
                invite = 0
            self.queue = before.advanced(invite)
            process.pace.note_invited(self.queue.invited - before.invited)
        else:
            self.queue = before
            process.pace.open_door(load)
        process.arrivals, process.came, process.served, process.busy, process.waited = {}, 0, 0, 0.0, 0.0
        if self.queue.waiting:
            self.speed.note(self.now, self.queue.invited)
        else:
            self.speed.forget()
        self.at(self.now + 1, self.meet, process)

    @property
    def inversions(self) -> float:
        return inversions([person.entered for person in self.people])

    @property
    def p95(self) -> float:
        return quantiles([seconds for person in self.people for seconds in person.answers], n=20)[-1]

    def used_share(self, *, first, last) -> float:
        """Share of all threads' time that finished visits used between two instants."""
        ended = sum(1 for person in self.people if first <= person.ended < last)
        threads = sum(process.capacity.threads for process in self.processes)
        return ended * sum(self.costs) / ((last - first) * threads)
