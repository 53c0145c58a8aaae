"""The mails that the demo kept in a folder instead of sending them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Piece:
    """A document joined to a letter; `size` in bytes."""

    name: str
    content_type: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, read back from its file."""

    name: str
    to: str
    subject: str
    sent_at: datetime
    text: str
    pieces: tuple[Piece, ...]


def letters() -> list[Letter]:
    """Every mail kept, the newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    return [_read(path) for path in sorted(folder.glob("*.eml"), reverse=True)] if folder.is_dir() else []


def letter_named(name: str) -> Letter | None:
    """One mail by the name of its file, which no path can leave."""
    return next((letter for letter in letters() if letter.name == name), None)


def _read(path: Path) -> Letter:
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = message.get_body(preferencelist=("plain",))
    return Letter(
        name=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        # Django dates mails in UTC, written « -0000 »: read back, such a date has no zone.
        sent_at=parsedate_to_datetime(str(message["Date"])).replace(tzinfo=UTC),
        text=body.get_content() if body else "",
        pieces=tuple(
            Piece(part.get_filename() or "document", part.get_content_type(), part.get_content())
            for part in message.iter_attachments()
            if part.get_content_disposition() == "attachment"
        ),
    )
