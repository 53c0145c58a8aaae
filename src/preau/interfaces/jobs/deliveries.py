"""A delivery of the town's software: a table, and PDFs beside it, in a folder or in a zip."""

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

#: Bytes: an invoice of fifty pages is under one megabyte; a table of 50,000 lines under twenty.
_MAX_PDF, _MAX_TABLE = 10 * 1024 * 1024, 200 * 1024 * 1024


class DeliveryError(Exception):
    """The delivery cannot be opened; the message is for the person who typed the command."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the table is, and how to get the bytes of a PDF by its bare name (None when absent)."""

    table: Path
    pdf: Callable[[str], bytes | None]


@contextmanager
def opened(file: Path, pdf: Path | None) -> Iterator[Delivery]:
    """Open a delivery; PDFs are found by bare name only, so no name leads outside of it (F3).

    Raises:
        DeliveryError: a file is missing, is no zip, or is too large to be what it says.
    """
    if not file.is_file():
        raise DeliveryError(f"Fichier introuvable : {file}")
    if not zipfile.is_zipfile(file):
        yield Delivery(file, _source(pdf or file.parent))
        return
    with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory() as folder:
        tables = [info for info in archive.infolist() if info.filename.lower().endswith((".csv", ".txt"))]
        if len(tables) != 1:
            raise DeliveryError(f"Le zip doit contenir un seul fichier CSV ; il en contient {len(tables)}.")
        table = Path(folder) / "table.csv"
        table.write_bytes(_bounded(archive, tables[0], _MAX_TABLE))
        yield Delivery(table, _source(pdf) if pdf else _from_zip(archive))


def _source(place: Path) -> Callable[[str], bytes | None]:
    if place.is_dir():
        return lambda name: _from_folder(place, name)
    if not zipfile.is_zipfile(place):
        raise DeliveryError(f"« {place} » n’est ni un dossier ni un zip.")
    return _from_zip(zipfile.ZipFile(place))


def _from_folder(folder: Path, name: str) -> bytes | None:
    path = folder / PurePosixPath(name).name
    if not path.is_file() or path.is_symlink():
        return None
    if path.stat().st_size > _MAX_PDF:
        raise DeliveryError(f"« {name} » dépasse 10 Mo.")
    return _pdf(path.read_bytes(), name)


def _from_zip(archive: zipfile.ZipFile) -> Callable[[str], bytes | None]:
    members = {PurePosixPath(info.filename).name: info for info in archive.infolist() if not info.is_dir()}

    def find(name: str) -> bytes | None:
        info = members.get(PurePosixPath(name).name)
        return None if info is None else _pdf(_bounded(archive, info, _MAX_PDF), name)

    return find


def _bounded(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """The content of a member, never more than `limit` bytes whatever the zip announces (F4)."""
    with archive.open(info) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise DeliveryError(f"« {info.filename} » dépasse {limit // (1024 * 1024)} Mo.")
    return content


def _pdf(content: bytes, name: str) -> bytes:
    if not content.startswith(b"%PDF-"):
        raise DeliveryError(f"« {name} » n’est pas un PDF.")
    return content
