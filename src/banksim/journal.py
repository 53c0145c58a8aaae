"""What was received and emitted, with the verdict in French: a developer reads there why a call failed.

No card number can enter: pages record the name of the action, never the fields of a form.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal

from banksim import clock, store

#: Characters kept of each message.
KEPT_CHARACTERS = 4000
#: Entries kept; older ones go.
KEPT_ENTRIES = 5000

Direction = Literal["received", "emitted"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One call. `status` is the HTTP status of the answer, None when there was none; `signed` the text signed."""

    gateway: str
    direction: Direction
    operation: str
    verdict: str
    reference: str = ""
    method: str = ""
    address: str = ""
    sent: str = ""
    status: int | None = None
    answer: str = ""
    signed: str = ""
    at: str = ""
    id: int = 0

    @property
    def clock_time(self) -> str:
        """The simulated time in Paris, to the millisecond."""
        return datetime.fromisoformat(self.at).astimezone(clock.PARIS).strftime("%H:%M:%S.%f")[:-3]


_COLUMNS = tuple(field.name for field in fields(Entry) if field.name != "id")


def record(entry: Entry) -> None:
    """Add one line, dated with the simulated clock."""
    values = [getattr(entry, column) for column in _COLUMNS if column != "at"]
    kept = [value[:KEPT_CHARACTERS] if isinstance(value, str) else value for value in values]
    columns = ", ".join(column for column in _COLUMNS if column != "at")
    marks = ", ".join("?" for _ in kept)
    at = clock.now().isoformat(timespec="milliseconds")
    with store.writing() as connection:
        added = connection.execute(
            f"INSERT INTO journal ({columns}, at) VALUES ({marks}, ?)",  # noqa: S608  (names of our own fields)
            [*kept, at],
        ).lastrowid
        connection.execute("DELETE FROM journal WHERE id <= ?", [(added or 0) - KEPT_ENTRIES])


def entries(*, reference: str = "", limit: int = 200) -> list[Entry]:
    """The newest first; `reference` keeps those of one operation."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM journal WHERE ? IN ('', reference) ORDER BY id DESC LIMIT ?", [reference, limit]
        ).fetchall()
    return [Entry(**dict(row)) for row in rows]
