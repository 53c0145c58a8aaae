"""Requests written by hand to the real server: whatever host they name, links lead to the town (W5)."""

import re
import socket

import pytest

from tests.support.parent import Parent

pytestmark = pytest.mark.process

ASKED = "/identifiants-oublies/"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def _send(portal, request: str) -> int:
    """Write these bytes; the status of what comes back."""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=20) as wire:
        wire.sendall(request.encode())
        answer = b""
        while b"\r\n" not in answer and (part := wire.recv(4096)):
            answer += part
    return int(answer.split()[1])


def test_links_of_mails_lead_to_the_town_whatever_the_request_says(installation, banksim):
    portal, made = installation("sqlite")
    portal.serve()
    visitor = Parent(portal.url, made["login"], "")
    token = _TOKEN.search(visitor.get(ASKED).text)[1]
    cookies = "; ".join(f"{one.name}={one.value}" for one in visitor.session.cookies)
    body = f"csrfmiddlewaretoken={token}&email={made['login']}"
    good = f"127.0.0.1:{portal.port}"

    def asking(target: str, *hosts: str, also: str = "") -> int:
        lines = "".join(f"Host: {host}\r\n" for host in hosts)
        return _send(
            portal,
            f"POST {target} HTTP/1.1\r\n{lines}{also}Cookie: {cookies}\r\nOrigin: {portal.url}\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}",
        )

    assert asking(ASKED, good) == 302
    answers = {
        "another host": asking(ASKED, "evil.example"),
        "whole address": asking(f"http://evil.example{ASKED}", good),
        "whole address, no host": asking(f"http://evil.example{ASKED}"),
        "two hosts": asking(ASKED, good, "evil.example"),
        "the other order": asking(ASKED, "evil.example", good),
        "forwarded": asking(ASKED, good, also="X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n"),
    }
    assert answers["another host"] == 400
    assert answers["forwarded"] == 302
    assert {status for status in answers.values() if status >= 500} == set()
    mails = portal.rows("SELECT text FROM mail_outgoingmail")
    assert mails
    links = [link for (text,) in mails for link in re.findall(r"https?://[^\s]+", text)]
    assert {link.split("/")[2] for link in links} == {good}
