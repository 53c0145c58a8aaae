"""Bytes of a file to physical lines, with bounded memory whatever the file."""

import codecs
import io
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

#: Longest physical line, and longest record when cells hold line breaks, in characters.
LONGEST_RECORD = 65_536

_CHUNK = 1 << 20
_HEAD = 4096
_NOT_TEXT = {
    b"PK\x03\x04": "un classeur Excel, un document LibreOffice ou une archive zip",
    b"\xd0\xcf\x11\xe0": "un ancien classeur Excel",
    b"%PDF": "un document PDF",
}


class NotATableError(Exception):
    """The bytes are no table of text; the message is French."""


class TooLongError(Exception):
    """A physical line, or a record, is longer than `LONGEST_RECORD`."""


def _decoded(stream: BinaryIO) -> io.TextIOWrapper:
    """Text of a file from its start, line ends kept as they are.

    The encoding is that of the byte order mark, else UTF-8 if every byte agrees, else cp1252 (which stands
    for Latin-1 too). What cannot be decoded becomes U+FFFD, for the table to report by line.
    """
    encoding = _encoding(stream)
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")


def _encoding(stream: BinaryIO) -> str:
    chunk = stream.read(_CHUNK)
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if chunk.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    _refuse_what_is_not_text(chunk[:_HEAD])
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk:
            decoder.decode(chunk)
            chunk = stream.read(_CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _refuse_what_is_not_text(head: bytes) -> None:
    for signature, kind in _NOT_TEXT.items():
        if head.startswith(signature):
            raise NotATableError(f"ce fichier est {kind}\u202f: enregistrez-le au format CSV")
    if b"\0" in head:
        raise NotATableError("ce fichier n’est pas du texte\u202f: enregistrez-le au format CSV UTF-8")


class LineSource:
    r"""Physical lines (`\n`, `\r\n` or `\r`, even mixed), one record at a time, able to go back into it.

    `start` is the number, from 1, of the physical line where the record at hand begins.

    Raises:
        NotATableError: a spreadsheet, an archive, a PDF, or UTF-16 without its mark.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._bytes = stream
        self._stream = _decoded(stream)
        self._replayed: deque[str | None] = deque()
        self._record: list[str | None] = []
        self._length = 0
        self.start = 1

    def begin_record(self) -> None:
        """Forget the lines of the record just read."""
        self.start += len(self._record)
        self._record, self._length = [], 0

    def skip_first_line(self) -> None:
        """Give up the first line of the record at hand; its other lines will be read again."""
        self._replayed.extendleft(reversed(self._record[1:]))
        del self._record[1:]

    def peek(self) -> str | None:
        """The next line, still to be read; empty at the end of the file, None if it is too long to keep."""
        if not self._replayed:
            self._replayed.append(self._read())
        return self._replayed[0]

    def drop_line(self) -> None:
        """Pass over the line just peeked at."""
        self._replayed.popleft()
        self.start += 1

    @property
    def bytes_read(self) -> int:
        return self._bytes.tell()

    @property
    def first_line_is_too_long(self) -> bool:
        return self._record[:1] == [None]

    def __iter__(self) -> Iterator[str]:
        """Lines with their ends.

        Raises:
            TooLongError: the line, or the record it belongs to, passes `LONGEST_RECORD`.
        """
        while (line := self._replayed.popleft() if self._replayed else self._read()) != "":
            self._record.append(line)
            self._length += len(line or "")
            if line is None or self._length > LONGEST_RECORD:
                raise TooLongError
            yield line

    def _read(self) -> str | None:
        """One line; empty at the end of the file; None in place of a line too long to keep."""
        line = self._stream.readline(LONGEST_RECORD + 1)
        if len(line) <= LONGEST_RECORD:
            return line
        while line and not line.endswith(("\n", "\r")):
            line = self._stream.readline(LONGEST_RECORD + 1)
        return None
