"""Queueing mails in the transaction that causes them, and sending them later, at least once.

A crash between the server's answer and our mark sends the mail again with the same Message-ID (K11).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.mime.image import MIMEImage

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from preau.foundation import clock, faults
from preau.foundation.mail.models import OutgoingMail

logger = logging.getLogger(__name__)

#: Minutes to wait after the n-th failed sending; past the list the row is flagged for a person (E.6).
RETRY_MINUTES = (1, 5, 15, 60, 240, 240, 240, 240, 240)
ERASED = "Contenu effacé après l’envoi."
_LEASE = timedelta(minutes=2)
_MAX_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document joined to a mail."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Dress:
    """The HTML twin of a mail, and the PNG pictures that it shows, by the name after `cid:`."""

    html: str
    pictures: dict[str, bytes]


attachment_builders: dict[str, Callable[[str], Attachment]] = {}


def register_attachment_builder(name: str, builder: Callable[[str], Attachment]) -> None:
    """Let an outbox row name the document to join; `builder` gets the row's key and must be repeatable."""
    attachment_builders[name] = builder


def queue(
    *,
    kind: str,
    subject_key: str,
    to: str,
    subject: str,
    text: str,
    attachment: tuple[str, str] | None = None,
    is_confidential: bool = False,
) -> OutgoingMail:
    """Write the mail in the caller's transaction; the same kind and subject key again changes nothing.

    `text` is plain paragraphs and bare links; the HTML twin is made from it when the mail leaves
    (`settings.PREAU_MAIL_DRESS`). `attachment` is (builder name, key). The subject is brought to one line, so that
    no header can be added (F5).
    """
    builder, key = attachment or ("", "")
    now = clock.now()
    try:
        with transaction.atomic():
            return OutgoingMail.objects.create(
                kind=kind,
                subject_key=subject_key,
                recipient=to,
                subject=" ".join(subject.split())[:_MAX_SUBJECT],
                text=text,
                is_confidential=is_confidential,
                attachment_builder=builder,
                attachment_key=key,
                created_at=now,
                next_attempt_at=now,
            )
    except IntegrityError:
        return OutgoingMail.objects.get(kind=kind, subject_key=subject_key)


def send_due(*, limit: int = 50) -> int:
    """Send the mails that are due, one lease each, and return how many left."""
    sent = 0
    for mail_id in _due_ids(limit):
        if _take_lease(mail_id) and _send(OutgoingMail.objects.get(id=mail_id)):
            sent += 1
    return sent


def _due_ids(limit: int) -> list[int]:
    now = clock.now()
    due = OutgoingMail.objects.filter(status=OutgoingMail.Status.WAITING, next_attempt_at__lte=now)
    free = due.filter(Q(locked_until__isnull=True) | Q(locked_until__lte=now))
    return list(free.order_by("next_attempt_at", "id").values_list("id", flat=True)[:limit])


def _take_lease(mail_id: int) -> bool:
    now = clock.now()
    free = OutgoingMail.objects.filter(id=mail_id, status=OutgoingMail.Status.WAITING).filter(
        Q(locked_until__isnull=True) | Q(locked_until__lte=now),
    )
    return free.update(locked_until=now + _LEASE) == 1


def _send(mail: OutgoingMail) -> bool:
    try:
        message = _message(mail)
        faults.reach("mail-before-send")
        message.send(fail_silently=False)
    except Exception as error:  # noqa: BLE001  (whatever a mail server or a builder does, the row must survive it)
        logger.warning("mail %s was not sent: %s", mail.public_id, type(error).__name__)
        _postpone(mail, error)
        return False
    faults.reach("mail-after-send")
    mail.status, mail.sent_at, mail.locked_until, mail.last_error = (
        OutgoingMail.Status.SENT,
        clock.now(),
        None,
        "",
    )
    mail.attempts += 1
    if mail.is_confidential:
        mail.text = ERASED
    mail.save(update_fields=["status", "sent_at", "locked_until", "last_error", "attempts", "text"])
    return True


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.recipient],
        headers={"Message-ID": f"<{mail.public_id}@{domain}>", "Auto-Submitted": "auto-generated"},
        connection=get_connection(),
    )
    dress: Callable[..., Dress] = import_string(settings.PREAU_MAIL_DRESS)
    dressed = dress(subject=mail.subject, text=mail.text)
    message.attach_alternative(dressed.html, "text/html")
    if mail.attachment_builder:
        document = attachment_builders[mail.attachment_builder](mail.attachment_key)
        message.attach(document.name, document.content, document.content_type)
    for name, content in dressed.pictures.items():
        message.attach(_inline(name, content))
    return message


def _inline(name: str, content: bytes) -> MIMEImage:
    picture = MIMEImage(content, "png")
    picture["Content-ID"] = f"<{name}>"
    picture["Content-Disposition"] = "inline"
    return picture


def _postpone(mail: OutgoingMail, error: Exception) -> None:
    mail.attempts += 1
    mail.last_error = f"{type(error).__name__}: {error}"[:300]
    mail.locked_until = None
    if mail.attempts > len(RETRY_MINUTES):
        mail.status = OutgoingMail.Status.FLAGGED
    else:
        mail.next_attempt_at = clock.now() + timedelta(minutes=RETRY_MINUTES[mail.attempts - 1])
    mail.save(update_fields=["attempts", "last_error", "locked_until", "status", "next_attempt_at"])
