"""The database's connection is cut at COMMIT: nobody knows whether it was done, and doing it again is right (D1)."""

import pytest
from django.db import OperationalError, connection

from preau.domain.payments.gateway import Message
from preau.domain.payments.models import Capture, PaymentAttempt, Receipt
from preau.domain.payments.services.inbox import process_due, receive
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from preau.foundation import clock
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(scene, bank) -> PaymentAttempt:
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    return attempt


@pytest.fixture
def cut(monkeypatch):
    """Cut the connection at the commit of this rank, before or after the database did it."""

    def at(rank: int, *, done: bool):
        commits = []
        commit = connection._commit

        def committing():
            commits.append(1)
            if len(commits) != rank:
                return commit()
            if done:
                commit()
            else:
                connection._rollback()
            raise OperationalError("server closed the connection unexpectedly")

        monkeypatch.setattr(connection, "_commit", committing)

    return at


def facts() -> dict[str, int]:
    return {
        "captures": Capture.objects.count(),
        "receipts": Receipt.objects.count(),
        "mails": OutgoingMail.objects.filter(kind="receipt").count(),
    }


@pytest.mark.parametrize("done", [False, True], ids=["not committed", "committed"])
def test_a_settlement_cut_at_commit_is_done_once(paid, cut, monkeypatch, done):
    cut(1, done=done)
    with pytest.raises(OperationalError):
        ask(paid, origin=Origin.SWEEP, timeout=1)
    monkeypatch.undo()
    with clock.frozen(NOON):
        ask(PaymentAttempt.objects.get(id=paid.id), origin=Origin.SWEEP, timeout=1)
    assert facts() == {"captures": 1, "receipts": 1, "mails": 1}


@pytest.mark.parametrize("done", [False, True], ids=["not committed", "committed"])
def test_a_notice_cut_at_commit_is_taken_up_again(paid, cut, monkeypatch, done):
    message = Message(query=f"op={paid.gateway_reference}", body=b"", content_type="")
    receive(
        gateway="fake",
        origin=Origin.NOTIFICATION,
        return_token=paid.return_token,
        method="GET",
        message=message,
        source_address="127.0.0.1",
    )
    cut(2, done=done)
    process_due()
    monkeypatch.undo()
    with clock.frozen(NOON.replace(minute=50)):
        process_due()
    assert facts() == {"captures": 1, "receipts": 1, "mails": 1}
