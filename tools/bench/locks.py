"""For how much of its treatment a settlement keeps others waiting: from its first row lock to its commit."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from django.db import connection, transaction
from django.test import Client

from preau.domain.payments.models import GatewayMessage
from preau.domain.payments.services.inbox import process
from preau.domain.payments.states import AttemptState
from preau.domain.regies.models import Regie
from tools.bench import payments
from tools.bench.figures import Figure, ratio
from tools.bench.payments import Payment

_SETTLEMENTS = 50


_LOCK = re.compile(r"FOR (NO KEY )?UPDATE")


@dataclass
class Held:
    """The seconds of a piece of work, and those between its first row lock and its commit.

    `table`: whose locks count; those of every table when empty.
    """

    table: str = ""
    locked_at: float = 0
    freed_at: float = 0
    whole: float = 0

    @property
    def held(self) -> float:
        return self.freed_at - self.locked_at

    def note_lock(self, execute: Callable[..., object], sql: str, *rest: object) -> object:
        """A wrapper of database queries."""
        done = execute(sql, *rest)
        if not self.locked_at and _LOCK.search(sql) and self.table in sql:
            self.locked_at = time.perf_counter()
            transaction.on_commit(self._note_commit)
        return done

    def _note_commit(self) -> None:
        self.freed_at = time.perf_counter()


@contextmanager
def watched(table: str = "") -> Iterator[Held]:
    """Note the locks of the block, which commits."""
    held, began = Held(table), time.perf_counter()
    with connection.execute_wrapper(held.note_lock):
        yield held
    held.whole = time.perf_counter() - began


def _by_worker(payment: Payment) -> Held:
    Client(SERVER_NAME="localhost").post(
        payment.notice.path, payment.told, content_type="application/x-www-form-urlencoded"
    )
    stored = GatewayMessage.objects.get(attempt=payment.attempt)
    with watched() as held:
        process(stored)
    return held


def _by_return(payment: Payment) -> Held:
    client = Client(SERVER_NAME="localhost")
    with watched() as held:
        client.get(payment.way_back)
    return held


def measure(regie: Regie) -> list[Figure]:
    """Settlements in this process, without anybody else: nothing waits for a lock, so what is held is their own work.

    Raises:
        RuntimeError: a payment was not settled.
    """
    ways = {
        "worker's treatment of a notice": _by_worker,
        "request of the payer's return": _by_return,
    }
    figures = []
    for label, settle in ways.items():
        paid = payments.leave(regie, number=_SETTLEMENTS)
        seen = [settle(payment) for payment in paid]
        for payment in paid:
            payment.attempt.refresh_from_db()
        if {payment.attempt.state for payment in paid} != {AttemptState.CAPTURED}:
            raise RuntimeError(f"the {label} settled nothing")
        figures.append(
            ratio(
                f"Locks held in the {label}",
                measured=median(one.held for one in seen) * 1e6,
                base_measured=median(one.whole for one in seen) * 1e6,
                unit="× the whole (µs)",
                base=f"the {label}, from end to end; medians of {_SETTLEMENTS}",
            )
        )
    return figures
