"""School holidays of an overseas academy, in a file of three columns: name, first and last day without school."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise

from preau.domain.activities.errors import FileRefusedError
from preau.domain.activities.rules.calendar import Span
from preau.foundation.tabular import Column, Fault, Layout, RowReading, Table, at_most, parse_date
from preau.foundation.text import quoted

LARGEST = 1_000_000
#: The ministry's own file gives the eve of the holidays and the day lessons start again: its titles are not taken,
#: for each of its holidays would last two days too many.
COLUMNS = (
    Column("name", ("nom", "vacances", "libellé"), required=True),
    Column("first_day", ("premier jour sans classe", "premier jour"), required=True),
    Column("last_day", ("dernier jour sans classe", "dernier jour"), required=True),
)
_NO_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class HolidayFile:
    """Holidays of a school year, and how many of the file belong to other years."""

    holidays: tuple[Span, ...]
    left_aside: int


def read_holidays(content: bytes, *, year: Span) -> HolidayFile:
    """Holidays that begin in a school year, in their order.

    Raises:
        FileRefusedError: one fault at least, in the file or in a row.
    """
    table = Table(io.BytesIO(content), size=len(content))
    layout = Layout(table, COLUMNS)
    faults, found = list(layout.faults), []
    for row in table if layout.complete else ():
        reading = RowReading(layout, row, faults)
        span = _span(reading, last_year=year.last_day.year + 10)
        if not reading.refused:
            found.append((row.number, span))
    faults += [*table.faults, *_overlaps(found)]
    wrong = [fault for fault in faults if fault.severity == "error"]
    if wrong:
        raise FileRefusedError(sorted(wrong, key=lambda one: one.line))
    kept = sorted((span for _, span in found if span.first_day in year), key=lambda span: span.first_day)
    return HolidayFile(tuple(kept), len(found) - len(kept))


def _span(reading: RowReading, *, last_year: int) -> Span:
    day = partial(parse_date, last_year=last_year)
    name = reading.value("name", partial(at_most, limit=60), otherwise="", required=True, unreadable="error")
    first = reading.value("first_day", day, otherwise=_NO_DAY, required=True, unreadable="error")
    last = reading.value("last_day", day, otherwise=_NO_DAY, required=True, unreadable="error")
    if not reading.refused and last < first:
        reading.fault("last_day", "avant le premier jour", "error")
    return Span(name, first, last)


def _overlaps(found: Sequence[tuple[int, Span]]) -> list[Fault]:
    ordered = sorted(found, key=lambda one: one[1].first_day)
    return [
        Fault(line, "", f"chevauche {quoted(before.name)} (ligne {line_before})", "error")
        for (line_before, before), (line, span) in pairwise(ordered)
        if span.first_day <= before.last_day
    ]
