"""Thousands of notices while families read pages, one notice told a hundred times at once, and locks held meanwhile.

The web processes store the notices, the worker understands them, sends the receipts and draws them, on the same
processors; the readers and the sender of notices are there too.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from statistics import quantiles

from django.conf import settings
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from preau.domain.payments.models import Capture, GatewayMessage, Receipt
from preau.domain.regies.models import Regie
from preau.foundation.mail.models import OutgoingMail
from tools.bench import paced, payments
from tools.bench.figures import Figure, ratio
from tools.bench.pages import PAGES, cookies_of, family

_NOTICES, _SECONDS = 5_000, 60
#: Half of the notices are signed: this many payments, each told as often; the other half are about nothing of ours.
_PAYMENTS = 100
_READERS, _LOOK_SECONDS, _ALONE_SECONDS = 8, 0.5, 15
_CONNECTIONS = 16
_BURST = 100
_PATIENCE_SECONDS = 180
_OK = 200


def measure(port: int, regie: Regie) -> list[Figure]:
    """A minute of notices, then a burst; the worker must run."""
    return [*_minute(port, regie), *_burst(port, regie)]


def _pages(clients: list[Client]) -> list[paced.Request]:
    name = settings.SESSION_COOKIE_NAME
    return [
        paced.Request(reverse(view), cookie=cookies_of(client.cookies[name].value))
        for view in PAGES.values()
        for client in clients
    ]


def _read(port: int, pages: list[paced.Request], *, seconds: float) -> float:
    """The 95th percentile of the pages' seconds.

    Raises:
        RuntimeError: something else than 200 was answered.
    """
    seen = paced.read(port, pages, readers=_READERS, pause=_LOOK_SECONDS, seconds=seconds)
    if set(seen.by_status) != {_OK}:
        raise RuntimeError(f"pages answered {dict(seen.by_status)}")
    return quantiles(seen.seconds, n=20)[-1]


def _minute(port: int, regie: Regie) -> list[Figure]:
    pages = _pages([family(2, in_basket=1) for _ in range(_READERS)])
    told = [payment.notice for payment in payments.leave(regie, number=_PAYMENTS)]
    strangers = [payments.stranger() for _ in range(_NOTICES // 2)]
    notices = [one for pair in zip(cycle(told), strangers, strict=False) for one in pair]
    before, first = Capture.objects.count(), _latest()
    _read(port, pages, seconds=_ALONE_SECONDS / 5)  # what a first visit fills
    alone = _read(port, pages, seconds=_ALONE_SECONDS)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(_read, port, pages, seconds=_SECONDS)
        sent = paced.send(port, notices, per_second=_NOTICES / _SECONDS, connections=_CONNECTIONS)
        judged = _judged(first).count()
        during = reading.result()
    began = time.perf_counter()
    waited = _until_judged(first, began)
    return [
        ratio(
            f"Page p95 while {_NOTICES} notices come in a minute",
            measured=during * 1e6,
            base_measured=alone * 1e6,
            unit="× alone (µs)",
            base=f"the same {_READERS} readers without notices",
        ),
        Figure("Notices of that minute answered 2xx", _accepted(sent), f"of {_NOTICES}"),
        Figure("Notices of that minute stored", _since(first).count(), f"of {_NOTICES}"),
        Figure("Notices judged when the last was answered", judged, f"of {_NOTICES}"),
        Figure("Notices judged in the end", _judged(first).count(), f"of {_NOTICES}"),
        ratio(
            "Time left to judge after the last notice",
            measured=waited * 1e6,
            base_measured=_SECONDS * 1e6,
            unit="× the minute (µs)",
            base="the minute of notices",
        ),
        Figure(
            f"Captures of {_PAYMENTS} payments told {_NOTICES // 2 // _PAYMENTS} times",
            Capture.objects.count() - before,
            "captures",
        ),
    ]


def _burst(port: int, regie: Regie) -> list[Figure]:
    (payment,) = payments.leave(regie, number=1)
    first = _latest()
    sent = paced.send(port, [payment.notice] * _BURST, per_second=float("inf"), connections=_BURST)
    _until_judged(first, time.perf_counter())
    capture = Capture.objects.filter(attempt=payment.attempt)
    receipts = Receipt.objects.filter(capture__in=capture)
    mails = OutgoingMail.objects.filter(kind="receipt", subject_key__in=receipts.values("code"))
    label = f"A notice told {_BURST} times at once"
    return [
        Figure(f"{label}: answers 2xx", _accepted(sent), "answers"),
        Figure(f"{label}: captures", capture.count(), "captures"),
        Figure(f"{label}: receipts", receipts.count(), "receipts"),
        Figure(f"{label}: mails", mails.count(), "mails"),
    ]


def _accepted(sent: paced.Seen) -> int:
    return sum(number for status, number in sent.by_status.items() if _OK <= status < _OK + 100)


def _latest() -> int:
    newest = GatewayMessage.objects.order_by("-id").first()
    return newest.id if newest else 0


def _since(first: int) -> QuerySet[GatewayMessage]:
    return GatewayMessage.objects.filter(id__gt=first)


def _judged(first: int) -> QuerySet[GatewayMessage]:
    return _since(first).filter(processed_at__isnull=False)


def _until_judged(first: int, began: float) -> float:
    """The seconds until every message since is judged, or until patience ends."""
    while (waited := time.perf_counter() - began) < _PATIENCE_SECONDS and _judged(first).count() < _since(
        first
    ).count():
        time.sleep(0.2)
    return waited
