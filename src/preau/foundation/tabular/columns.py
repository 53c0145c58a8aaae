"""Which column of a file means what, and the reading of one row cell by cell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from preau.foundation.tabular.faults import WHOLE_FILE, Fault, Severity
from preau.foundation.tabular.table import Row, Table, normalise_header
from preau.foundation.text import clean, opens_formula, quoted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """One notion. `headings` are the titles it is known by, the documented one first."""

    key: str
    headings: tuple[str, ...]
    required: bool = False


class Noted(NamedTuple):
    """A text that could be read, with a French remark on how (empty when there is nothing to say)."""

    value: str
    remark: str


class Layout:
    """The columns of one file. `faults` names the missing and the repeated ones, and those left aside."""

    def __init__(self, table: Table, columns: Sequence[Column]) -> None:
        self.faults: list[Fault] = []
        self._found: dict[str, tuple[str, str]] = {}
        meanings = {normalise_header(heading): column for column in columns for heading in column.headings}
        left_aside = []
        for key, heading in zip(table.keys, table.headings, strict=True):
            column = meanings.get(key.partition("#")[0])
            if column is None:
                left_aside.extend([quoted(heading)] if heading else [])
            elif column.key in self._found:
                self._refuse(table, heading, f"même sens que la colonne {quoted(self.heading(column.key))}")
            else:
                self._found[column.key] = (key, heading)
        if left_aside:
            reason = f"colonnes non chargées\u202f: {', '.join(left_aside)}"
            self.faults.append(Fault(WHOLE_FILE, "", reason, "warning"))
        for column in columns if table.keys else ():
            if column.required and column.key not in self._found:
                known = ", ".join(quoted(heading) for heading in column.headings)
                self._refuse(table, column.headings[0], f"colonne absente\u202f; titres reconnus\u202f: {known}")

    def _refuse(self, table: Table, heading: str, reason: str) -> None:
        self.faults.append(Fault(table.header_line, heading, reason, "error"))

    @property
    def complete(self) -> bool:
        """Whether the rows can be read: no column is missing nor repeated."""
        return all(fault.severity == "warning" for fault in self.faults)

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def heading(self, key: str) -> str:
        """The title of a column as the file writes it; empty if the file has none."""
        return self._found[key][1] if key in self._found else ""

    def raw(self, row: Row, key: str) -> str:
        """The cell as the file writes it; empty if the file has no such column."""
        found = self._found.get(key)
        return row.cells[found[0]] if found else ""


class RowReading:
    """One row being translated: gives values, files a fault for each cell that cannot be read.

    `refused` turns true with the first error.
    """

    def __init__(self, layout: Layout, row: Row, faults: list[Fault]) -> None:
        self.layout, self.row, self.number = layout, row, row.number
        self.refused = False
        self._faults = faults

    def fault(self, key: str, reason: str, severity: Severity) -> None:
        """File a remark on this row; `key` may be empty (whole line)."""
        self.refused |= severity == "error"
        self._faults.append(Fault(self.number, self.layout.heading(key), reason, severity))

    def cell(self, key: str) -> str:
        """The clean text of a cell."""
        return clean(self.layout.raw(self.row, key))

    def value(
        self,
        key: str,
        parse: Callable[[str], T],
        *,
        otherwise: T,
        required: bool = False,
        unreadable: Severity = "warning",
    ) -> T:
        """What `parse` makes of a cell; `otherwise`, and a fault, when it raises ValueError.

        An empty cell is `otherwise` too, which is an error if the cell is required.
        """
        text = self.cell(key)
        if not text:
            if required:
                self.fault(key, "case vide", "error")
            return otherwise
        try:
            return parse(text)
        except ValueError as refusal:
            left_empty = unreadable == "warning" and not required
            reason = f"{refusal}\u202f; case laissée vide" if left_empty else str(refusal)
            self.fault(key, reason, "warning" if left_empty else "error")
            return otherwise

    def noted(self, key: str, parse: Callable[[str], Noted]) -> str:
        """Same for what is read with a remark, filed as a warning; `parse` sees line breaks of the cell."""
        text = self.layout.raw(self.row, key)
        if not text.strip():
            return ""
        value, remark = parse(text)
        if remark:
            self.fault(key, remark, "warning")
        return value

    def text(self, key: str, *, limit: int, required: bool = False) -> str:
        """Free text of at most `limit` characters; what a spreadsheet would run is kept, with a warning."""
        value = self.value(key, lambda text: at_most(text, limit), otherwise="", required=required)
        if opens_formula(value):
            self.fault(key, f"commence par {quoted(value[0])}\u202f: gardé comme un simple texte", "warning")
        return value


def at_most(text: str, limit: int) -> str:
    """The text itself.

    Raises:
        ValueError: it is longer than `limit` characters.
    """
    if len(text) > limit:
        raise ValueError(f"{quoted(text)}\u202f: {len(text)} caractères, {limit} au plus")
    return text
