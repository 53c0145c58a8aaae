"""Calls to the merchant: real HTTP from worker threads, to the loopback address only."""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlencode, urlsplit

import requests

from banksim import journal

#: How long the merchant may take to answer.
TIMEOUT_SECONDS = 20
Method = Literal["GET", "POST"]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call to make: its content goes in the body of a POST, in the query of a GET.

    `content` is that text url-encoded, sent to the letter, for who signs it; else `fields` are encoded.
    `signed` is the text that was signed, for the journal.
    """

    gateway: str
    operation: str
    reference: str
    address: str
    fields: Mapping[str, str] = field(default_factory=dict)
    content: str = ""
    signed: str = ""
    method: Method = "POST"

    @property
    def encoded(self) -> str:
        """The content as it travels."""
        return self.content or urlencode(self.fields)

    @property
    def url(self) -> str:
        """The whole address of a GET."""
        if not self.encoded:
            return self.address
        return f"{self.address}{'&' if urlsplit(self.address).query else '?'}{self.encoded}"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What came of a call: `status` is None when nothing was answered or nothing was sent."""

    status: int | None
    verdict: str


def is_loopback(address: str) -> bool:
    """Whether this HTTP address is the machine's own, written as such: a name is not looked up."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def send(call: Call) -> Delivery:
    """Make the call now and write it in the journal."""
    delivery, answer = _sent(call)
    journal.record(
        journal.Entry(
            gateway=call.gateway,
            direction="emitted",
            operation=call.operation,
            reference=call.reference,
            method=call.method,
            address=call.address,
            sent=call.content or "&".join(f"{name}={value}" for name, value in call.fields.items()),
            status=delivery.status,
            answer=answer,
            signed=call.signed,
            verdict=delivery.verdict,
        )
    )
    return delivery


def _sent(call: Call) -> tuple[Delivery, str]:
    if not is_loopback(call.address):
        return Delivery(status=None, verdict="refusé : le simulateur n’appelle que ce poste (127.0.0.1, ::1)"), ""
    begun = time.monotonic()
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment would lead out of the machine
            answer = session.send(_prepared(call), timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return Delivery(status=None, verdict=f"sans réponse : {type(error).__name__}"), ""
    spent = round((time.monotonic() - begun) * 1000)
    return Delivery(status=answer.status_code, verdict=f"réponse {answer.status_code} en {spent} ms"), answer.text


def _prepared(call: Call) -> requests.PreparedRequest:
    if call.method == "POST":
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return requests.Request("POST", call.address, data=call.encoded, headers=form).prepare()
    prepared = requests.Request("GET", call.address).prepare()
    prepared.url = call.url  # as written: requests would encode again what is signed encoded
    return prepared


class _Office:
    """Batches under way, so that a test may wait for the last one instead of sleeping."""

    def __init__(self) -> None:
        self._under_way: set[Future[list[Delivery]]] = set()
        self._lock = threading.Lock()

    def launch(self, calls: Sequence[Call], *, parallel: bool, delay_seconds: float) -> Future[list[Delivery]]:
        future: Future[list[Delivery]] = Future()
        with self._lock:
            self._under_way = {other for other in self._under_way if not other.done()} | {future}
        threading.Thread(target=_run, args=(future, calls, parallel, delay_seconds), daemon=True).start()
        return future

    def wait(self, seconds: float) -> bool:
        with self._lock:
            under_way = set(self._under_way)
        return not wait(under_way, timeout=seconds).not_done


def _run(future: Future[list[Delivery]], calls: Sequence[Call], parallel: bool, delay_seconds: float) -> None:  # noqa: FBT001
    try:
        time.sleep(delay_seconds)
        future.set_result(_send_at_once(calls) if parallel else [send(call) for call in calls])
    except BaseException as error:  # noqa: BLE001  (told to whoever waits)
        future.set_exception(error)


def _send_at_once(calls: Sequence[Call]) -> list[Delivery]:
    futures: list[Future[list[Delivery]]] = [Future() for _ in calls]
    for future, call in zip(futures, calls, strict=True):
        # Daemon threads: a merchant that hangs must not keep the program from stopping.
        threading.Thread(target=_run, args=(future, [call], False, 0), daemon=True).start()
    return [delivery for future in futures for delivery in future.result()]


_office = _Office()


def launch(calls: Sequence[Call], *, parallel: bool = False, delay_seconds: float = 0) -> Future[list[Delivery]]:
    """Make these calls from a worker thread, one after the other or all at once; the future tells what came."""
    return _office.launch(calls, parallel=parallel, delay_seconds=delay_seconds)


def wait_for_all(seconds: float) -> bool:
    """Wait until no call is under way; False when `seconds` have passed before."""
    return _office.wait(seconds)
