"""The outbox: queued once with its cause, sent at least once with one identity, flagged when nothing helps."""

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from preau.foundation import clock
from preau.foundation.mail.models import OutgoingMail
from preau.foundation.mail.services import Attachment, queue, register_attachment_builder, send_due
from tests.support.factories import NOON, make_town
from tests.support.refusals import refused_by, save_again

pytestmark = pytest.mark.django_db

#: Minutes after the first sending at which a refused mail is tried again.
TRIES = [0, 1, 6, 21, 81, 321, 561, 801, 1041, 1281]


class DeafServer(BaseEmailBackend):
    """A mail server that refuses whatever it is given."""

    asked = 0

    def send_messages(self, email_messages: Sequence[mail.EmailMessage]) -> int:
        type(self).asked += len(email_messages)
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


@pytest.fixture
def deaf(settings):
    settings.EMAIL_BACKEND = f"{__name__}.DeafServer"
    DeafServer.asked = 0
    return DeafServer


@pytest.fixture(autouse=True)
def town(db):
    with clock.frozen(NOON):
        make_town()
        yield


def _queue(**values) -> OutgoingMail:
    return queue(
        **{
            "kind": "receipt",
            "subject_key": "K7QF",
            "to": "parent@example.org",
            "subject": "Votre reçu",
            "text": "Bonjour,\n\nMerci.",
            **values,
        },
    )


def _sent() -> list[mail.EmailMessage]:
    return mail.outbox


def test_a_queued_mail_leaves_once(settings):
    settings.DEFAULT_FROM_EMAIL = "portail@saint-eloi.example"
    queued = _queue()
    assert (send_due(), send_due()) == (1, 0)
    (message,) = _sent()
    assert (message.to, message.subject, message.body) == (["parent@example.org"], "Votre reçu", "Bonjour,\n\nMerci.")
    assert message.extra_headers["Message-ID"] == f"<{queued.public_id}@saint-eloi.example>"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert [alternative.mimetype for alternative in message.alternatives] == ["text/html"]
    queued.refresh_from_db()
    assert (queued.status, queued.sent_at, queued.attempts) == (OutgoingMail.Status.SENT, NOON, 1)


def test_the_same_cause_again_queues_nothing(town):
    first = _queue()
    assert _queue(text="autre") == first
    assert OutgoingMail.objects.get().text == first.text


def test_a_mail_whose_cause_is_undone_never_leaves(town):
    with transaction.atomic():
        _queue()
        transaction.set_rollback(True)
    assert send_due() == 0


def test_a_refused_mail_is_tried_again_on_schedule_then_flagged(deaf):
    queued = _queue()
    for count, minutes in enumerate(TRIES, 1):
        with clock.frozen(NOON + timedelta(minutes=minutes) - timedelta(seconds=1)):
            send_due()
            assert deaf.asked == count - 1
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            assert send_due() == 0
            assert deaf.asked == count
    queued.refresh_from_db()
    assert (queued.status, queued.attempts, queued.sent_at) == (OutgoingMail.Status.FLAGGED, 10, None)
    assert queued.last_error == "SMTPServerDisconnected: Connection unexpectedly closed"
    with clock.frozen(NOON + timedelta(days=30)):
        assert (send_due(), deaf.asked) == (0, 10)


def test_a_server_back_after_a_day_gets_every_mail_once(deaf, settings):
    _queue()
    _queue(subject_key="autre")
    for minutes in TRIES[:9]:
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            send_due()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with clock.frozen(NOON + timedelta(minutes=TRIES[9])):
        assert (send_due(), send_due()) == (2, 0)
    assert len(_sent()) == 2


def test_a_mail_whose_sender_died_leaves_again_under_the_same_identity(town):
    """The server had it, our mark was lost: the reader's program recognises the second copy (K11)."""
    queued = _queue()
    send_due()
    OutgoingMail.objects.update(status=OutgoingMail.Status.WAITING, sent_at=None, locked_until=NOON)
    assert send_due() == 1
    first, second = _sent()
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert queued.public_id in first.extra_headers["Message-ID"]


def test_a_mail_in_other_hands_is_left_to_them_until_the_lease_is_over(town):
    _queue()
    OutgoingMail.objects.update(locked_until=NOON + timedelta(minutes=2))
    with clock.frozen(NOON + timedelta(seconds=119)):
        assert send_due() == 0
    with clock.frozen(NOON + timedelta(seconds=120)):
        assert send_due() == 1


def test_one_mail_in_trouble_keeps_no_other_waiting(town):
    bad, good = _queue(subject_key="bad", attachment=("nobody", "K")), _queue(subject_key="good")
    assert send_due() == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, bad.last_error, good.status) == ("waiting", "KeyError: 'nobody'", "sent")


def test_a_document_is_made_when_the_mail_leaves(town):
    made: list[str] = []

    def build(key: str) -> Attachment:
        made.append(key)
        return Attachment(f"{key}.pdf", b"%PDF-1.7 " + key.encode(), "application/pdf")

    register_attachment_builder("essai", build)
    _queue(attachment=("essai", "K7QF"))
    assert made == []
    send_due()
    assert made == ["K7QF"]
    assert _sent()[0].attachments == [("K7QF.pdf", b"%PDF-1.7 K7QF", "application/pdf")]


@pytest.mark.parametrize(
    "subject",
    [
        "Reçu\r\nBcc: tous@example.org",
        "Reçu\nBcc: tous@example.org",
        "Reçu\rBcc: tous@example.org",
        "Reçu\x0bBcc: tous@example.org",
        "Reçu\u2028Bcc: tous@example.org",
        "Reçu\x85Bcc: tous@example.org",
    ],
)
def test_no_header_enters_by_the_subject(subject):
    _queue(subject=subject)
    assert send_due() == 1
    read = message_from_bytes(_sent()[0].message().as_bytes(), policy=policy.default)
    assert read["Subject"] == "Reçu Bcc: tous@example.org"
    assert (read["Bcc"], read["To"]) == (None, "parent@example.org")


def test_no_header_enters_by_the_address(town):
    _queue(to="parent@example.org\nBcc: tous@example.org")
    assert (send_due(), _sent()) == (0, [])
    assert OutgoingMail.objects.get().last_error.startswith("BadHeaderError")


def test_an_endless_subject_is_cut():
    assert len(_queue(subject="é" * 500).subject) == 200


def test_an_endless_error_is_cut(town):
    def build(key: str) -> Attachment:
        raise ValueError("é" * 1000)

    register_attachment_builder("bavard", build)
    _queue(attachment=("bavard", "K"))
    send_due()
    assert len(OutgoingMail.objects.get().last_error) <= 300


def test_a_mail_twice_for_one_cause_is_refused(town):
    with refused_by("a_mail_is_queued_once_per_kind_and_subject"):
        save_again(_queue())


@pytest.mark.parametrize("changes", [{"status": "sent"}, {"sent_at": NOON}])
def test_a_mail_is_dated_when_and_only_when_it_is_sent(changes):
    _queue()
    with refused_by("outgoing_mail_is_sent_iff_dated"):
        OutgoingMail.objects.update(**changes)


def test_mails_of_a_demonstration_are_files_in_a_folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "preau.foundation.mail.backends.FolderBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mailbox"
    queued = _queue()
    send_due()
    (path,) = (tmp_path / "mailbox").iterdir()
    assert path.suffix == ".eml"
    assert "".join(c for c in queued.public_id if c.isalnum()) in path.name
    assert message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"] == "Votre reçu"
