"""Mails written to a folder, one file each: the demo town's letter box."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from preau.foundation import clock


class FolderBackend(BaseEmailBackend):
    """Keeps each message as `<instant>-<Message-ID>.eml` under `EMAIL_FILE_PATH`."""

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002  (Django's signature)
        super().__init__(fail_silently=fail_silently, **kwargs)
        self.folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            token = "".join(c for c in str(message.extra_headers.get("Message-ID", "")) if c.isalnum())
            path = self.folder / f"{clock.now():%Y%m%dT%H%M%S%f}-{token}.eml"
            path.write_bytes(message.message().as_bytes())
        return len(email_messages)
