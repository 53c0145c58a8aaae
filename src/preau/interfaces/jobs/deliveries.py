"""A delivery of the town's software: a table, and PDFs beside it, in a folder or in a zip."""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from preau.domain.billing.importing import ABSENT, Pdfs

#: Bytes: an invoice of fifty pages is under one megabyte; a table of 50,000 lines under twenty.
_MAX_PDF, _MAX_TABLE = 10 * 1024 * 1024, 200 * 1024 * 1024
_SIGNATURE = b"%PDF-"
_TOO_LARGE = "dépasse 10\u202fMo"
_NO_PDF = "n’est pas un PDF"
#: What a damaged, encrypted or exotic zip makes the library raise while it reads.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)


class DeliveryError(Exception):
    """The delivery cannot be opened; the message is for the person who typed the command."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the table is, and the PDFs that came with it."""

    table: Path
    pdfs: Pdfs


@contextmanager
def opened(file: Path, pdf: Path | None) -> Iterator[Delivery]:
    """Open a delivery; PDFs are found by bare name only, so no name leads outside of it (F3).

    Raises:
        DeliveryError: a file is missing, is no zip, or is too large to be what it says.
    """
    if not file.is_file():
        raise DeliveryError(f"Fichier introuvable : {file}")
    with ExitStack() as stack:
        if not zipfile.is_zipfile(file) or _is_workbook(file):
            yield Delivery(file, _source(pdf or file.parent, stack))
            return
        archive = stack.enter_context(zipfile.ZipFile(file))
        tables = [info for info in _members(archive) if info.filename.lower().endswith((".csv", ".txt"))]
        if len(tables) != 1:
            raise DeliveryError(f"Le zip doit contenir un seul fichier CSV ; il en contient {len(tables)}.")
        table = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "table.csv"
        table.write_bytes(_bounded(archive, tables[0], _MAX_TABLE))
        yield Delivery(table, _source(pdf, stack) if pdf else _Zip(archive))


def _is_workbook(file: Path) -> bool:
    """Whether a zip is an Excel workbook: the reader of tables says it better."""
    with zipfile.ZipFile(file) as archive:
        return "[Content_Types].xml" in archive.namelist()


def _source(place: Path, stack: ExitStack) -> Pdfs:
    if place.is_dir():
        return _Folder(place)
    if not place.is_file() or not zipfile.is_zipfile(place):
        raise DeliveryError(f"« {place} » n’est ni un dossier ni un zip.")
    return _Zip(stack.enter_context(zipfile.ZipFile(place)))


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Files of a zip, without the shadows that a Mac adds."""
    return [
        info
        for info in archive.infolist()
        if not info.is_dir() and not PurePosixPath(info.filename).name.startswith("._")
    ]


class _Folder:
    """PDFs lying in a folder; links are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def problem(self, name: str) -> str:
        """Looks at the size and the first bytes."""
        path = self._path(name)
        if path is None:
            return ABSENT
        with path.open("rb") as handle:
            return _problem(path.stat().st_size, handle.read(len(_SIGNATURE)))

    def read(self, name: str) -> bytes | None:
        """The whole file, if it is still a PDF."""
        path = self._path(name)
        if path is None:
            return None
        with path.open("rb") as handle:
            return _pdf(handle.read(_MAX_PDF + 1), name)

    def _path(self, name: str) -> Path | None:
        path = self._folder / PurePosixPath(name).name
        return path if path.is_file() and not path.is_symlink() else None


class _Zip:
    """PDFs lying anywhere in a zip, each name once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._found: dict[str, zipfile.ZipInfo] = {}
        for info in _members(archive):
            name = PurePosixPath(info.filename).name
            if name.lower().endswith(".pdf") and self._found.setdefault(name, info) is not info:
                raise DeliveryError(f"Le zip contient deux fichiers « {name} » : lequel est le bon ?")

    def problem(self, name: str) -> str:
        """Looks at the announced size and the first bytes."""
        info = self._found.get(PurePosixPath(name).name)
        return (
            ABSENT
            if info is None
            else _problem(info.file_size, _bounded(self._archive, info, len(_SIGNATURE), whole=False))
        )

    def read(self, name: str) -> bytes | None:
        """The whole file, if it is a PDF, whatever size the zip announces."""
        info = self._found.get(PurePosixPath(name).name)
        return None if info is None else _pdf(_bounded(self._archive, info, _MAX_PDF), name)


def _bounded(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, *, whole: bool = True) -> bytes:
    """The content of a member, or its start: never more than `limit` bytes, whatever the zip announces (F4)."""
    try:
        with archive.open(info) as member:
            content = member.read(limit + whole)
    except _UNREADABLE as damage:
        raise DeliveryError(f"« {info.filename} » ne peut pas être lu dans le zip : {damage}") from damage
    if len(content) > limit:
        raise DeliveryError(f"« {info.filename} » dépasse {limit // (1024 * 1024)} Mo.")
    return content


def _problem(size: int, start: bytes) -> str:
    if size > _MAX_PDF:
        return _TOO_LARGE
    return "" if start == _SIGNATURE else _NO_PDF


def _pdf(content: bytes, name: str) -> bytes:
    problem = _problem(len(content), content[: len(_SIGNATURE)])
    if problem:
        raise DeliveryError(f"« {name} » {problem}.")
    return content
