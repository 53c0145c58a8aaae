"""Banks that send at their own pace, people who read one page after the other; every answer is timed."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count

_ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """One request; a body makes it a POST of a form."""

    path: str
    body: str = ""
    cookie: str = ""


@dataclass
class Seen:
    """Answers by status, and the seconds that each took."""

    by_status: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def send(port: int, requests: Sequence[Request], *, per_second: float, connections: int) -> Seen:
    """Banks: each request once, at a given pace whatever the server does, at most `connections` at a time.

    Each is timed from the instant at which it was due.
    """
    seen, turns, began = Seen(), count(), time.perf_counter()

    def bank(connection: HTTPConnection) -> None:
        while (turn := next(turns)) < len(requests):
            due = began + turn / per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            seen.by_status[_answered(connection, requests[turn])] += 1
            seen.seconds.append(time.perf_counter() - due)

    _together(port, [bank] * connections)
    return seen


def read(port: int, requests: Sequence[Request], *, readers: int, pause: float, seconds: float) -> Seen:
    """People: each asks for a page, waits for it, looks at it for `pause` seconds and asks for another."""
    seen, turns, ends = Seen(), count(), time.perf_counter() + seconds

    def person(connection: HTTPConnection) -> None:
        while (asked := time.perf_counter()) < ends:
            seen.by_status[_answered(connection, requests[next(turns) % len(requests)])] += 1
            seen.seconds.append(time.perf_counter() - asked)
            time.sleep(pause)

    _together(port, [person] * readers)
    return seen


def _together(port: int, behaviours: Sequence[Callable[[HTTPConnection], None]]) -> None:
    def on_its_own(behaviour: Callable[[HTTPConnection], None]) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)) as connection:
            behaviour(connection)

    with ThreadPoolExecutor(len(behaviours)) as pool:
        for done in [pool.submit(on_its_own, behaviour) for behaviour in behaviours]:
            done.result()


def _answered(connection: HTTPConnection, request: Request) -> int:
    headers = {"Host": "localhost", **({"Cookie": request.cookie} if request.cookie else {})}
    if request.body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST" if request.body else "GET", request.path, request.body or None, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status
