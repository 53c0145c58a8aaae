"""Waiting lists as agents read them: day by day, in the order in which places are offered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from preau.domain.activities.models import Activity
from preau.domain.bookings.models import WaitingEntry
from preau.domain.bookings.states import LIVE_WAITING, WaitingState


@dataclass(frozen=True, slots=True)
class Turn:
    """One child on a list; `rank` counts those who wait, from 1, and is 0 for whoever waits no more."""

    entry: WaitingEntry
    rank: int

    @property
    def can_be_removed(self) -> bool:
        return self.entry.state in LIVE_WAITING


@dataclass(frozen=True, slots=True)
class WaitingList:
    """The list of a day of an activity: one order for all its groups, each offered what its own group has free."""

    activity: Activity
    day: date
    turns: tuple[Turn, ...]

    @property
    def waiting(self) -> int:
        return sum(1 for turn in self.turns if turn.rank)


def waiting_lists(
    regie_ids: Collection[int], *, first: date, activity: str = "", ended: bool = False
) -> list[WaitingList]:
    """Lists from a day on, of one activity (public id) or of all; `ended` adds who waits no more. One query."""
    rows = WaitingEntry.objects.filter(activity__regie__in=regie_ids, day__gte=first)
    rows = rows.filter(activity__public_id=activity) if activity else rows
    rows = rows if ended else rows.filter(state__in=LIVE_WAITING)
    rows = rows.select_related("activity__site", "child", "household", "unit", "group", "order")
    lists: dict[tuple[date, int], list[WaitingEntry]] = {}
    for row in rows.order_by("day", "activity__position", "activity__name", "asked_at", "id"):
        lists.setdefault((row.day, row.activity_id), []).append(row)
    return [_list(day, same) for (day, _), same in lists.items()]


def _list(day: date, entries: list[WaitingEntry]) -> WaitingList:
    turns, rank = [], 0
    for entry in entries:
        rank += entry.state == WaitingState.WAITING
        turns.append(Turn(entry, rank if entry.state == WaitingState.WAITING else 0))
    return WaitingList(entries[0].activity, day, tuple(turns))


def entry_of(regie_ids: Collection[int], *, entry_id: str) -> WaitingEntry:
    """An entry (public id) of these régies.

    Raises:
        WaitingEntry.DoesNotExist: unknown, or another régie's (W11).
    """
    rows = WaitingEntry.objects.filter(activity__regie__in=regie_ids)
    return rows.select_related("activity", "child", "household", "unit", "group", "order").get(public_id=entry_id)
