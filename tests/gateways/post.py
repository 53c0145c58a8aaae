"""A letter box on the loopback address: what the banks send to the portal is kept, and delivered when a test says so.

So a test decides in which order things arrive, how often, and whether at all, over the real wire of each bank.
"""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass(frozen=True)
class Letter:
    """One call of a bank, as it came."""

    method: str
    path: str
    query: str
    body: bytes
    content_type: str

    def delivered(self, client):
        """Bring it to the portal; the portal's answer."""
        address = f"{self.path}?{self.query}" if self.query else self.path
        if self.method == "GET":
            return client.get(address)
        return client.post(address, self.body, content_type=self.content_type)


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


class Post:
    """Keeps the calls of banks and answers 200."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        post = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._keep(b"")

            def do_POST(self) -> None:
                self._keep(self.rfile.read(int(self.headers["Content-Length"])))

            def _keep(self, body: bytes) -> None:
                path, _, query = self.path.partition("?")
                kind = self.headers.get("Content-Type", "")
                post.letters.append(Letter(self.command, path, query, body, kind))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args) -> None:
                """Silent: pytest reads standard error."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def taken(self) -> list[Letter]:
        """What came since the last time, emptied."""
        letters, self.letters = self.letters, []
        return letters

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def post():
    """The letter box."""
    box = Post()
    yield box
    box.close()
