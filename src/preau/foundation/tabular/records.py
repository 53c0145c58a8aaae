"""Physical lines to records: the quotes of CSV, and what to say when they are broken."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from preau.foundation.tabular.decoding import LONGEST_RECORD, LineSource, NotATableError, TooLongError
from preau.foundation.tabular.faults import Fault

_SEPARATORS = ";,\t"
_QUOTED_PART = re.compile(r'"[^"]*"')
_EXCEL_HINT = re.compile(r"sep=([;,\t|])[\r\n]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """Raw cells of one record; `line` is the physical line where it starts."""

    line: int
    cells: list[str]


def detect_separator(source: LineSource) -> str:
    """`;`, `,` or tab: the most frequent outside quotes on the first line that is not blank, left to be read.

    Excel's own first line `sep=;` is obeyed and passed over.

    Raises:
        NotATableError: there is no such line, or no separator on it; the message is French.
    """
    while (line := source.peek()) and not line.strip():
        source.drop_line()
    if line is None:
        raise NotATableError(f"première ligne de plus de {LONGEST_RECORD} caractères")
    if not line:
        raise NotATableError("fichier vide")
    if hint := _EXCEL_HINT.fullmatch(line):
        source.drop_line()
        return hint[1]
    bare = _QUOTED_PART.sub("", line)
    separator = max(_SEPARATORS, key=bare.count)
    if separator not in bare:
        raise NotATableError("première ligne sans point-virgule, virgule ni tabulation entre les titres")
    return separator


def read_records(source: LineSource, separator: str) -> Iterator[Record | Fault]:
    """Every record, or a fault in place of a line that opens none; reading goes on at the line after it."""
    reader = csv.reader(source, delimiter=separator, strict=True)
    while True:
        source.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, TooLongError):
            yield Fault(source.start, "", _what_is_wrong(source), "error")
            source.skip_first_line()
            reader = csv.reader(source, delimiter=separator, strict=True)
        else:
            yield Record(source.start, cells)


def _what_is_wrong(source: LineSource) -> str:
    if source.first_line_is_too_long:
        return f"ligne de plus de {LONGEST_RECORD} caractères"
    return "guillemet ouvert et mal refermé"
