"""Counting tries before they are made, so that a hundred simultaneous guesses count as a hundred (W2, W3).

A try is first counted as a failure and committed, then checked outside any lock, then taken back if right.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from preau.domain.accounts import marks, rules
from preau.domain.accounts.errors import TooManyTriesError
from preau.domain.accounts.models import Scope, Tally
from preau.foundation import clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Watch:
    """One counter: what it watches and the key it watches it by, before marking."""

    scope: Scope
    key: str = ""

    @property
    def key_mark(self) -> str:
        """Covers the scope too, so that a mark alone names a counter."""
        return marks.mark("tally", f"{self.scope}:{self.key}")


@dataclass(frozen=True, slots=True)
class Spent:
    """A try already counted as a failure: the tallies it touched and the block it brought to each."""

    brought: dict[int, datetime | None]


def spend(*watches: Watch) -> Spent:
    """Count one failure on every watch, committed at once.

    Raises:
        TooManyTriesError: a watch is blocked; nothing is counted, and the same is said of unknown accounts.
    """
    now = clock.now()
    with transaction.atomic(durable=True):
        tallies = _locked(watches, now=now)
        blocks = [t.blocked_until for t in tallies if t.blocked_until is not None and t.blocked_until > now]
        if blocks:
            raise TooManyTriesError(retry_at=max(blocks), now=now)
        for tally in tallies:
            _write(tally, rules.one_more_failure(_read(tally), rules.LIMITS[tally.scope], now))
        Tally.objects.bulk_update(tallies, ["failures", "counted_from", "blocked_until"])
    _alert(tallies)
    return Spent(brought={tally.pk: tally.blocked_until for tally in tallies})


def take_back(spent: Spent) -> None:
    """The try proved right, or was never made: uncount it."""
    with transaction.atomic():
        tallies = list(Tally.objects.select_for_update().filter(pk__in=spent.brought).order_by("scope", "key_mark"))
        for tally in tallies:
            _write(tally, rules.one_failure_less(_read(tally), brought=spent.brought[tally.pk]))
        Tally.objects.bulk_update(tallies, ["failures", "counted_from", "blocked_until"])


def forget(*watches: Watch) -> None:
    """Open these counters again: the person proved who they are by another way."""
    _rows([(watch.scope.value, watch.key_mark) for watch in watches]).delete()


def _locked(watches: tuple[Watch, ...], *, now: datetime) -> list[Tally]:
    """The watches' rows, made where missing, locked in one order by every writer."""
    wanted = sorted((watch.scope.value, watch.key_mark) for watch in watches)
    Tally.objects.bulk_create(
        [Tally(scope=scope, key_mark=key_mark, counted_from=now) for scope, key_mark in wanted],
        ignore_conflicts=True,
    )
    return list(_rows(wanted).select_for_update().order_by("scope", "key_mark"))


def _rows(wanted: list[tuple[str, str]]) -> QuerySet[Tally]:
    """Read through the unique index, which begins with the scope."""
    scopes, key_marks = {scope for scope, _ in wanted}, [key_mark for _, key_mark in wanted]
    return Tally.objects.filter(scope__in=scopes, key_mark__in=key_marks)


def _read(tally: Tally) -> rules.Count:
    return rules.Count(failures=tally.failures, since=tally.counted_from, blocked_until=tally.blocked_until)


def _write(tally: Tally, count: rules.Count) -> None:
    tally.failures, tally.counted_from, tally.blocked_until = count.failures, count.since, count.blocked_until


def _alert(tallies: list[Tally]) -> None:
    for tally in tallies:
        if tally.scope == Scope.EVERYWHERE and tally.blocked_until is not None:
            logger.warning("sign-ins from unknown devices are slowed down: %s recent failures", tally.failures)
