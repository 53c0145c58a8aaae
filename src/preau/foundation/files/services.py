"""Storing and reading files, with a digest checked at each reading."""

import hashlib
import re
import secrets
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from preau.foundation import clock
from preau.foundation.files.models import StoredFile

_UNSAFE = re.compile(r"[^\w .()\-–’'°]+")


class FileDamagedError(Exception):
    """The bytes in the storage are not those that were stored."""


def store(*, content: bytes, name: str, content_type: str) -> StoredFile:
    """Keep `content`; written to the storage first, so that a committed row always has its bytes.

    Raises:
        ValueError: the content is empty.
    """
    if not content:
        raise ValueError("Un fichier vide ne peut pas être conservé.")
    token = secrets.token_hex(16)
    key = default_storage.save(f"{token[:2]}/{token}", ContentFile(content))
    return StoredFile.objects.create(
        name=safe_name(name),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        key=key,
        created_at=clock.now(),
    )


def forget(stored: Iterable[StoredFile]) -> None:
    """Remove bytes whose rows were rolled back; never call it on committed rows."""
    for one in stored:
        default_storage.delete(one.key)


def read(stored: StoredFile) -> bytes:
    """The bytes of a stored file.

    Raises:
        FileDamagedError: they are missing or differ from what was stored.
    """
    try:
        with default_storage.open(stored.key, "rb") as handle:
            content: bytes = handle.read()
    except FileNotFoundError as missing:
        raise FileDamagedError(f"stored file {stored.public_id} is missing") from missing
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise FileDamagedError(f"stored file {stored.public_id} was altered")
    return content


def safe_name(name: str) -> str:
    """A label that no header, path or screen can misread; at most 150 characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return _UNSAFE.sub("_", base).strip(" .")[-150:] or "document"
