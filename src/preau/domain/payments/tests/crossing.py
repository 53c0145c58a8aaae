"""Calls that cross at one point of the code, each in its own thread with its own connection to PostgreSQL.

The first call stops at the point; the others start then; it goes on once each of them is over or waits for a lock.
So whoever reads and writes without holding what it read does it, every time, on what the others have changed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model, QuerySet

from preau.domain.ledger.models import LedgerTransaction
from preau.domain.payments.models import AttemptEvent, AttemptLine, Capture, PaymentAttempt, Receipt, ReceiptLink
from preau.foundation import faults

#: Seconds after which a crossing that does not end is a failure, and between two looks at it.
_PATIENCE, _LOOK = 60.0, 0.005

#: What the database refuses by itself, by table and columns: the last wall behind the locks of rows (E.4.5).
ONE_ACTIVE_ATTEMPT = (AttemptLine, ("invoice_id",))
ONE_FORM_KEY = (PaymentAttempt, ("form_key",))
ONE_HISTORY = (AttemptEvent, ("attempt_id", "sequence"))
ONE_RECEIPT_NUMBER = (Receipt, ("regie_id", "year", "number"))
ONE_CHAIN = (ReceiptLink, ("previous",))
ONE_CAPTURE = (
    ONE_HISTORY,
    ONE_RECEIPT_NUMBER,
    ONE_CHAIN,
    (Capture, ("attempt_id",)),
    (Capture, ("contract_id", "gateway_reference")),
    (LedgerTransaction, ("source_kind", "source_key")),
)


class Crossing:
    """Runs calls so that they meet; see the module."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._first: int | None = None
        self._reached, self._go = threading.Event(), threading.Event()

    def before(self, owner: object, name: str) -> None:
        """The point is the first call's first entry into `owner.name`."""
        inside = getattr(owner, name)

        def stopping(*args: Any, **values: Any) -> Any:
            self._stop()
            return inside(*args, **values)

        self._patch.setattr(owner, name, stopping)

    def at(self, step: str) -> None:
        """The point is a named step of a life-cycle (`foundation.faults`)."""
        self._patch.setattr(faults, "reach", lambda name: self._stop() if name == step else None)

    def _stop(self) -> None:
        if threading.get_ident() != self._first or self._reached.is_set():
            return
        self._reached.set()
        assert self._go.wait(_PATIENCE), "the others neither ended nor met a lock"

    def run(self, first: Callable[[], Any], *others: Callable[[], Any]) -> list[Any]:
        """What each call returned, or the exception it raised."""
        with ThreadPoolExecutor(1 + len(others)) as pool:
            try:
                leading = pool.submit(self._call, first, leads=True)
                _wait(lambda: self._reached.is_set() or leading.done())
                following = [pool.submit(self._call, other) for other in others]
                _wait(lambda: sum(call.done() for call in following) + _waiting_for_locks() >= len(following))
            finally:
                self._go.set()
        assert self._reached.is_set(), f"the point was never reached: {_outcome(leading)!r}"
        return [_outcome(call) for call in (leading, *following)]

    def _call(self, call: Callable[[], Any], *, leads: bool = False) -> Any:
        if leads:
            self._first = threading.get_ident()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '60s'")  # a slow machine is no failure
            return call()
        finally:
            connection.close()


def _wait(for_what: Callable[[], bool]) -> None:
    never, deadline = threading.Event(), time.monotonic() + _PATIENCE
    while not for_what():
        assert time.monotonic() < deadline, "the calls neither met nor ended"
        never.wait(_LOOK)


def _waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        return cursor.fetchone()[0]


def _outcome(call: Future) -> Any:
    return call.exception() or call.result()


@pytest.fixture
def crossing(monkeypatch) -> Crossing:
    return Crossing(monkeypatch)


@pytest.fixture
def no_row_locks(monkeypatch) -> Callable[[], None]:
    """Call it, and nobody locks what it reads any more."""
    return lambda: monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)


@contextmanager
def without(*walls: tuple[type[Model], tuple[str, ...]]) -> Iterator[None]:
    """Unique constraints taken away for a while. What their tables hold then is thrown away before they come back."""
    taken = [(model._meta.db_table, *one) for model, columns in walls for one in _uniques(model, columns)]
    with connection.cursor() as cursor:
        for table, name, definition in taken:
            is_index = definition.startswith("CREATE")
            cursor.execute(f"DROP INDEX {name}" if is_index else f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for table, name, definition in taken:
                cursor.execute(f"TRUNCATE {table} CASCADE")
                is_index = definition.startswith("CREATE")
                cursor.execute(definition if is_index else f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _uniques(model: type[Model], columns: tuple[str, ...]) -> list[tuple[str, str]]:
    """(name, SQL definition) of the unique constraints or indexes on exactly these columns; one at least."""
    with connection.cursor() as cursor:
        known = connection.introspection.get_constraints(cursor, model._meta.db_table)
        names = [n for n, c in known.items() if c["unique"] and not c["primary_key"] and c["columns"] == [*columns]]
        assert names, f"nothing unique on {model._meta.db_table} {columns}"
        cursor.execute(
            "SELECT indexname, coalesce(pg_get_constraintdef(pg_constraint.oid), indexdef) FROM pg_indexes"
            " LEFT JOIN pg_constraint ON conname = indexname WHERE indexname = ANY(%s)",
            [names],
        )
        return cursor.fetchall()
