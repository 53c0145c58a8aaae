"""A load generator light enough to share two cores with the server it measures.

Several kept connections, one request in flight on each, no parsing beyond the status and the length: about
15 µs of processor per request, so that what is measured is the server.
"""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_ANSWER_SECONDS = 10


class LoadError(Exception):
    """The server closed a connection, stopped answering, or sent no length."""


@dataclass
class Load:
    """What one round saw."""

    seconds: float = 0
    by_status: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return sum(self.by_status.values()) / self.seconds


@dataclass
class _Connection:
    socket: socket.socket
    received: bytes = b""

    def answer(self) -> int | None:
        """The status of a complete answer, None while bytes are missing."""
        head = self.received.find(b"\r\n\r\n") + 4
        if head < len(b"\r\n\r\n"):
            return None
        status, length = _STATUS.match(self.received), _LENGTH.search(self.received, 0, head)
        if status is None or length is None:
            raise LoadError(f"an answer without status or length: {self.received[:head]!r}")
        end = head + int(length[1])
        if len(self.received) < end:
            return None
        self.received = self.received[end:]
        return int(status[1])


def request(path: str, cookie: str = "") -> bytes:
    """One GET as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *([f"Cookie: {cookie}"] if cookie else [])]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _exchange(selector: selectors.BaseSelector, queue: Iterator[bytes], until: float, load: Load | None) -> None:
    """Keep one request in flight on every connection until the instant, then let the last answers come."""
    waiting = {key.data.socket for key in selector.get_map().values()}
    for connection in waiting:
        connection.sendall(next(queue))
    while waiting:
        ready = selector.select(timeout=_ANSWER_SECONDS)
        if not ready:
            raise LoadError(f"no answer in {_ANSWER_SECONDS} s")
        for key, _ in ready:
            connection = key.data
            received = connection.socket.recv(262_144)
            if not received:
                raise LoadError("the server closed a kept connection")
            connection.received += received
            status = connection.answer()
            if status is None:
                continue
            if load is not None:
                load.by_status[status] = load.by_status.get(status, 0) + 1
            if time.perf_counter() < until:
                connection.socket.sendall(next(queue))
            else:
                waiting.discard(connection.socket)


def run(port: int, requests: list[bytes], *, seconds: float, connections: int = 8) -> Load:
    """Send `requests` in turn for `seconds` after a short warm-up, and count the answers by status.

    Raises:
        LoadError: see the class.
    """
    load, queue = Load(), cycle(requests)
    selector = selectors.DefaultSelector()
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    try:
        for one in opened:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(one, selectors.EVENT_READ, _Connection(one))
        _exchange(selector, queue, time.perf_counter() + seconds / 5, None)
        began = time.perf_counter()
        _exchange(selector, queue, began + seconds, load)
        load.seconds = time.perf_counter() - began
    finally:
        selector.close()
        for one in opened:
            one.close()
    return load
