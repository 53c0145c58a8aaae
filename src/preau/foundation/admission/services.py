"""The line that all processes share, in one row."""

from collections.abc import Mapping

from django.db import transaction

from preau.foundation.admission.models import Line
from preau.foundation.admission.rules import Queue


def read_line() -> Queue:
    """The line as it is: one query."""
    return _queue(Line.objects.filter(id=1).first() or Line())


@transaction.atomic
def move_line(*, arrivals: Mapping[int, int], invite: int) -> tuple[Queue, int]:
    """Add those who arrived here (start of slice to people), let `invite` people in; the line, and how many were.

    Lock: the row of the line, alone.
    """
    Line.objects.get_or_create(id=1)
    line = Line.objects.select_for_update(of=("self",)).get(id=1)
    before = _queue(line).joined(arrivals)
    after = before.advanced(invite)
    line.served_until, line.invited, line.slices = after.served_until, after.invited, after.slices
    line.save(update_fields=["served_until", "invited", "slices"])
    return after, after.invited - before.invited


def _queue(line: Line) -> Queue:
    return Queue(line.served_until, line.invited, tuple((start, people) for start, people in line.slices))
