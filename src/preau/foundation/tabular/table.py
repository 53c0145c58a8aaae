"""Records to rows: headings, and a fault with its line number for every record that does not fit them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from preau.foundation.tabular.decoding import LineSource, NotATableError
from preau.foundation.tabular.faults import WHOLE_FILE, Fault
from preau.foundation.tabular.records import Record, detect_separator, read_records
from preau.foundation.text import clean, fold

#: Called with the rows read, the bytes read and the size of the file in bytes.
Progress = Callable[[int, int, int], None]

MOST_COLUMNS = 300
MOST_ROWS = 200_000
#: A file with more malformed lines than this is not the file people think it is.
MOST_MALFORMED = 1_000

_ROWS_BETWEEN_SIGNS = 500
_UNREADABLE = {
    "\0": "octet nul\u202f: le fichier est abîmé",
    "\ufffd": "caractère illisible\u202f: enregistrez le fichier en UTF-8",
}


def normalise_header(heading: str) -> str:
    """« N° famille » → `nfamille`: what two headings must share to mean the same column."""
    return fold(heading).replace(" ", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `number` is the physical line where it starts; `cells` are raw texts by key of heading."""

    number: int
    cells: Mapping[str, str]


class Table:
    """An open table: iterate once over its rows, then read `faults` and `rows_read`.

    `headings` are as the file writes them, `keys` the same normalised (a repeated one ends in `#2`, `#3`…);
    both are empty when the file holds no table. Blank rows are neither yielded nor counted. A table without any row
    is a fault, unless it `may_be_empty`.
    """

    def __init__(
        self, stream: BinaryIO, *, size: int, progress: Progress | None = None, may_be_empty: bool = False
    ) -> None:
        self.faults: list[Fault] = []
        self.headings: tuple[str, ...] = ()
        self.keys: tuple[str, ...] = ()
        self.header_line = WHOLE_FILE
        self.rows_read = 0
        self._size, self._progress, self._may_be_empty = size, progress, may_be_empty
        self._records: Iterator[Record | Fault] = iter(())
        try:
            self._source = LineSource(stream)
            self._read_headings()
        except NotATableError as refusal:
            self._refuse(WHOLE_FILE, str(refusal))

    def _refuse(self, line: int, reason: str, *, column: str = "") -> None:
        self.faults.append(Fault(line, column, reason, "error"))

    def _read_headings(self) -> None:
        self._records = read_records(self._source, detect_separator(self._source))
        first = next(self._records, None)
        if first is None:  # only Excel's separator hint
            raise NotATableError("fichier vide")
        if isinstance(first, Fault):
            self.faults.append(first)
        elif len(first.cells) > MOST_COLUMNS:
            self._refuse(first.line, f"{len(first.cells)} colonnes, {MOST_COLUMNS} au plus")
        else:
            self._take_headings(first)

    def _take_headings(self, record: Record) -> None:
        self.header_line = record.line
        self.headings = tuple(clean(cell) for cell in record.cells)
        seen: dict[str, int] = {}
        keys = []
        for heading in self.headings:
            key = normalise_header(heading)
            seen[key] = seen.get(key, 0) + 1
            keys.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
        self.keys = tuple(keys)

    def __iter__(self) -> Iterator[Row]:
        if not self.keys:
            return
        malformed = 0
        for record in self._records:
            row = self._row(record)
            if isinstance(row, Row):
                self.rows_read += 1
                yield row
                if self.rows_read % _ROWS_BETWEEN_SIGNS == 0:
                    self._sign()
            elif row is not None:
                self.faults.append(row)
                malformed += 1
            if malformed == MOST_MALFORMED or self.rows_read > MOST_ROWS:
                self._refuse(record.line, self._why_stop(malformed))
                break
        if not self.rows_read and not malformed and not self._may_be_empty:
            self._refuse(self.header_line, "aucune ligne sous la ligne d’en-tête")
        self._sign()

    def _row(self, record: Record | Fault) -> Row | Fault | None:
        """The row, or the fault that refuses it; None for a blank one."""
        if isinstance(record, Fault) or not any(cell.strip() for cell in record.cells):
            return record if isinstance(record, Fault) else None
        cells, width = record.cells, len(self.keys)
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) != width:
            return Fault(record.line, "", _wrong_width(len(cells), width), "error")
        for mark, reason in _UNREADABLE.items():
            for heading, cell in zip(self.headings, cells, strict=True):
                if mark in cell:
                    return Fault(record.line, heading, reason, "error")
        return Row(record.line, dict(zip(self.keys, cells, strict=True)))

    def _sign(self) -> None:
        if self._progress is not None:
            self._progress(self.rows_read, self._source.bytes_read, self._size)

    @staticmethod
    def _why_stop(malformed: int) -> str:
        if malformed:
            return f"{malformed} lignes mal formées\u202f: la lecture s’arrête ici"
        return f"plus de {MOST_ROWS} lignes\u202f: la lecture s’arrête ici, découpez le fichier"


def _wrong_width(found: int, expected: int) -> str:
    if found > expected:
        return f"{found} cellules pour {expected} colonnes\u202f: un texte sans guillemets\u202f?"
    return f"{found} cellules pour {expected} colonnes\u202f: ligne coupée\u202f?"


@contextmanager
def open_table(path: Path, *, progress: Progress | None = None) -> Iterator[Table]:
    """Read a CSV file line by line; what is wrong in it is told by the table's `faults`, never raised.

    Raises:
        OSError: the file cannot be opened.
    """
    with path.open("rb") as stream:
        yield Table(stream, size=path.stat().st_size, progress=progress)
