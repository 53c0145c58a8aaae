"""Several at the same instant, on PostgreSQL: clicks, notices, workers. Each race once more with its guard off."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core import mail
from django.db import IntegrityError

from preau.domain.payments.models import AttemptLine, Capture, FamilyCredit, GatewayMessage, PaymentAttempt, Receipt
from preau.domain.payments.services import attempts, inbox, sending, settlement
from preau.domain.payments.services.inbox import process, process_due
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import MessageVerdict, Origin
from preau.domain.payments.tests.conftest import PARENT, links
from preau.domain.payments.tests.crossing import (
    ONE_ACTIVE_ATTEMPT,
    ONE_CAPTURE,
    ONE_FORM_KEY,
    crossing,
    no_row_locks,
    without,
)
from preau.domain.payments.tests.truths import broken
from preau.foundation.mail import services as outbox
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import make_invoice, make_regie
from tests.support.payer import Payer

__all__ = ["crossing", "no_row_locks"]
pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

NOTICES = 30


# Clicks


@pytest.fixture
def two_pages(payer, partner) -> tuple[Callable, Callable]:
    """The clicks on « Payer » of two adults whose baskets hold the same invoice."""
    invoice = make_invoice(payer.household, payer.regie, cents=2400)
    return tuple(partial(one.click, one.choose(invoice)) for one in (payer, partner))


def _held() -> int:
    return AttemptLine.objects.filter(is_open=True).count()


@pytest.mark.row("P03")
@pytest.mark.parametrize("standing", ["lock and index", "lock", "index"])
def test_of_two_adults_who_pay_one_invoice_at_once_one_goes_on_and_the_other_is_told(
    two_pages, crossing, no_row_locks, standing
):
    crossing.before(attempts, "_shares")
    if standing == "index":
        no_row_locks()
    with without(*[] if "index" in standing else [ONE_ACTIVE_ATTEMPT]):
        answers = crossing.run(*two_pages)
        assert _held() == 1
    went_on, told = sorted(answers, key=lambda answer: answer.status_code)
    assert (went_on.status_code, told.status_code) == (302, 409)
    assert "Un paiement est déjà en cours sur la facture" in told.content.decode()


def test_control_without_lock_nor_index_both_pay_it(two_pages, crossing, no_row_locks):
    crossing.before(attempts, "_shares")
    no_row_locks()
    with without(ONE_ACTIVE_ATTEMPT):
        assert [answer.status_code for answer in crossing.run(*two_pages)] == [302, 302]
        assert _held() == 2


@pytest.fixture
def two_regies(payer):
    """A basket of two régies that ask the same amount: a second click could take itself for the next payment."""
    return payer.choose(
        make_invoice(payer.household, payer.regie, cents=2400),
        make_invoice(payer.household, make_regie(), cents=2400),
    )


@pytest.mark.parametrize("stop", ["release_expired", "_shares"])
def test_a_double_click_is_one_attempt(payer, two_regies, crossing, stop):
    """The second click comes before the first is written, or before it looks which régie is next (U7)."""
    crossing.before(attempts, stop)
    answers = crossing.run(*[partial(payer.click, two_regies)] * 8)
    address = f"/paiement/{PaymentAttempt.objects.get().public_id}/"
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, address)}
    assert _held() == 1


def test_control_without_a_unique_form_key_a_double_click_is_two_attempts(payer, two_regies, crossing):
    crossing.before(attempts, "release_expired")
    with without(ONE_FORM_KEY):
        first, second = crossing.run(*[partial(payer.click, two_regies)] * 2)
        assert (first.status_code, second.status_code) == (302, 302)
        assert first["Location"] != second["Location"]
        assert _held() == 2


@pytest.fixture
def leaving(scene) -> Callable[[], object]:
    """The click that leaves for the bank."""
    scene.choose(scene.invoice)
    attempt = scene.start(2400)
    return partial(send_attempt, attempt=attempt, link_for=links, by=PARENT)


@pytest.mark.parametrize("stop", ["_claim_call", "gateway_named"])
def test_leaving_twice_at_once_opens_one_operation(leaving, crossing, bank, stop):
    crossing.before(sending, stop)
    answers = crossing.run(leaving, leaving)
    (operation,) = bank.operations
    assert sorted(answer.gateway_reference if answer else "" for answer in answers) == ["", operation]
    assert PaymentAttempt.objects.get().gateway_reference == operation


def test_control_without_claim_each_click_opens_an_operation(leaving, crossing, bank, monkeypatch):
    monkeypatch.setattr(sending, "_claim_call", lambda _: True)
    crossing.before(sending, "gateway_named")
    crossing.run(leaving, leaving)
    assert len(bank.operations) == 2


# Notices


def _kept() -> tuple[int, int, int]:
    return Capture.objects.count(), Receipt.objects.count(), OutgoingMail.objects.filter(kind="receipt").count()


@pytest.fixture
def paid(scene, bank) -> PaymentAttempt:
    """Paid at the bank, not known here yet."""
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    return attempt


def _noticed(attempt, times: int) -> list[Callable[[], MessageVerdict]]:
    """The readings of as many authentic notices, each answered and kept."""
    answers = [Payer.post_notice(attempt.return_token, op=attempt.gateway_reference) for _ in range(times)]
    assert [answer.status_code for answer in answers] == [200] * times
    return [partial(process, notice) for notice in GatewayMessage.objects.all()]


@pytest.mark.row("P02")
def test_a_notice_repeated_in_parallel_is_one_payment(paid, crossing, scene):
    crossing.before(settlement, "_settle_paid")
    assert crossing.run(*_noticed(paid, NOTICES)) == [MessageVerdict.AUTHENTIC] * NOTICES
    assert _kept() == (1, 1, 1)
    scene.invoice.refresh_from_db()
    assert (scene.invoice.received_cents, FamilyCredit.objects.count(), broken()) == (2400, 0, {})


def test_what_the_database_refuses_is_enough_for_one_payment(paid, crossing, no_row_locks):
    crossing.before(settlement, "_settle_paid")
    no_row_locks()
    late, read = crossing.run(*_noticed(paid, 2))
    assert (type(late), read) == (IntegrityError, MessageVerdict.AUTHENTIC)
    assert (_kept(), broken()) == ((1, 1, 1), {})


def test_control_without_lock_nor_refusal_one_payment_is_booked_twice(paid, crossing, no_row_locks):
    crossing.before(settlement, "_settle_paid")
    no_row_locks()
    with without(*ONE_CAPTURE):
        crossing.run(*_noticed(paid, 2))
        assert _kept() == (2, 2, 2)
        assert FamilyCredit.objects.get().amount_cents == 2400  # owed to nobody: the bank took 24 € once


def test_two_workers_on_one_inbox_read_each_notice_and_pay_once(paid, crossing):
    _noticed(paid, 3)
    crossing.before(inbox, "_process_or_postpone")
    assert crossing.run(process_due, process_due) == [3, 3]
    assert not GatewayMessage.objects.exclude(verdict=MessageVerdict.AUTHENTIC, tries=1).exists()
    assert (_kept(), broken()) == ((1, 1, 1), {})


# Mails


@pytest.fixture
def receipt_mail(paid) -> OutgoingMail:
    ask(paid, origin=Origin.SWEEP, timeout=1)
    return OutgoingMail.objects.get()


@pytest.mark.parametrize("stop", ["_take_lease", "_message"])
def test_two_workers_send_a_receipt_once(receipt_mail, crossing, stop):
    crossing.before(outbox, stop)
    assert sorted(crossing.run(outbox.send_due, outbox.send_due)) == [0, 1]
    assert [message.to for message in mail.outbox] == [["parent@example.org"]]


def test_control_without_lease_a_receipt_is_sent_twice(receipt_mail, crossing, monkeypatch):
    monkeypatch.setattr(outbox, "_take_lease", lambda _: True)
    crossing.before(outbox, "_message")
    assert crossing.run(outbox.send_due, outbox.send_due) == [1, 1]
    assert len(mail.outbox) == 2
