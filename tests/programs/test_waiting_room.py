"""The waiting room of the real server: two processes of one thread each, and a burst of newcomers."""

import re
import socket
import time
from dataclasses import dataclass

import pytest

pytestmark = pytest.mark.process

_NEWCOMERS, _PATIENCE = 120, 90


@dataclass
class Answer:
    status: int
    retry_after: int
    place: str


def _send(port: int, path: str, cookie: str) -> socket.socket:
    asked = socket.create_connection(("127.0.0.1", port), timeout=60)
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Cookie: {cookie}"]
    asked.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return asked


def _receive(asked: socket.socket) -> Answer:
    with asked, asked.makefile("rb") as received:
        head = received.read().partition(b"\r\n\r\n")[0].decode("latin-1")
    found = {
        name: re.search(pattern, head, re.IGNORECASE)
        for name, pattern in {"after": r"retry-after: (\d+)", "place": r"(preau_place=[^;]+)"}.items()
    }
    return Answer(
        int(head.split(" ")[1]),
        int(found["after"][1]) if found["after"] else 0,
        found["place"][1] if found["place"] else "",
    )


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_burst_waits_outside_then_comes_in_and_probes_are_answered_meanwhile(new_portal, engine):
    portal = new_portal(engine)
    portal.run("init-town", "Saint-Éloi-sur-Lys")
    portal.serve("--workers=2", "--threads=1")
    sessions = [f"preau_session={number:032x}" for number in range(_NEWCOMERS)]
    burst = [_send(portal.port, "/accueil/", session) for session in sessions]
    probe = _receive(_send(portal.port, "/sante/", ""))
    answers = [_receive(asked) for asked in burst]
    assert probe.status == 200
    assert {answer.status for answer in answers} == {302, 503}
    outside = {session: answer for session, answer in zip(sessions, answers, strict=True) if answer.status == 503}
    assert all(answer.retry_after >= 2 and answer.place for answer in outside.values())
    ends = time.monotonic() + _PATIENCE
    while outside and time.monotonic() < ends:
        time.sleep(0.5)
        looks = {
            session: _receive(_send(portal.port, "/accueil/", f"{session}; {outside[session].place}"))
            for session in outside
        }
        outside = {session: answer for session, answer in looks.items() if answer.status == 503}
    assert outside == {}
