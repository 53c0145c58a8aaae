"""The process dies at whatever instant, then another one takes over: nothing is half written, nothing lost (K1–K10).

Real processes are killed at a few named points by tests/e2e/test_crash.py; here death comes at each statement.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from preau.domain.billing.services import record_receipt_elsewhere
from preau.domain.payments.gateway import Message
from preau.domain.payments.models import Capture, FamilyCredit, GatewayMessage, PaymentAttempt, Receipt
from preau.domain.payments.services.inbox import payer_returned, process_due
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask, ask_due, release_expired
from preau.domain.payments.states import AttemptState, MessageVerdict, Origin, Verdict
from preau.domain.payments.tests.conftest import PARENT, links
from preau.domain.payments.tests.test_inbox import notify
from preau.domain.payments.tests.truths import broken
from preau.foundation import clock
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON, make_invoice

#: Real transactions: the death of a savepoint is not that of a process.
pytestmark = pytest.mark.django_db(transaction=True)


class PowerCut(BaseException):
    """The process is gone: nothing of ours may catch this and go on."""


@contextmanager
def death_at(statement: int) -> Iterator[None]:
    """The process dies just before its statement of this rank."""
    left = statement

    def count(execute, sql, parameters, many, context):
        nonlocal left
        left -= 1
        if left == 0:
            raise PowerCut
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(count):
        yield


def _deaths(work, *, but: str = "") -> int:
    """Do some work, dying at each statement in turn and finding all as before; how many times it died.

    `but` is a table that is written first and for itself.
    """

    def everything() -> dict[str, list]:
        ours = [model for model in apps.get_models() if model.__module__.startswith("preau.")]
        models = [model for model in ours if model._meta.label != but]
        return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}

    before = everything()
    for statement in range(1, 500):
        try:
            with death_at(statement):
                work()
        except PowerCut:
            assert everything() == before, statement
        else:
            return statement - 1
    raise AssertionError("never came to its end")


def _counts() -> tuple[int, int, int]:
    return Capture.objects.count(), Receipt.objects.count(), OutgoingMail.objects.filter(kind="receipt").count()


def test_a_click_that_dies_before_its_end_leaves_nothing_and_can_be_sent_again(scene):
    """K1: the same page, the same key, and one attempt in the end."""
    scene.choose(scene.invoice, make_invoice(scene.household, scene.regie, cents=1000))
    assert _deaths(lambda: scene.start(3400, form_key="key")) > 15
    assert PaymentAttempt.objects.get().amount_cents == 3400
    assert broken() == {}


@pytest.mark.parametrize("received_meanwhile", [0, 1000], ids=["settles", "surplus"])
def test_a_capture_that_dies_at_any_statement_is_whole_or_not_at_all(scene, bank, received_meanwhile):
    """K8: state, capture, allocations, ledger, receipt, mail, credit and case are one; the bank is asked again."""
    attempt = scene.send(scene.invoice, make_invoice(scene.household, scene.regie, cents=1000))
    if received_meanwhile:
        record_receipt_elsewhere(
            invoice=scene.invoice, amount_cents=received_meanwhile, means="espèces", received_on=NOON.date()
        )
    bank.pay(attempt.gateway_reference)
    PaymentAttempt.objects.update(last_asked_at=NOON)
    assert _deaths(lambda: ask(attempt, origin=Origin.SWEEP, timeout=1), but="payments.Evidence") > 25
    assert _counts() == (1, 1, 1)
    assert list(FamilyCredit.objects.values_list("amount_cents", flat=True)) == [1000] * bool(received_meanwhile)
    assert broken() == {}


def test_leaving_for_the_bank_dies_at_any_statement_and_is_tried_again(scene, bank):
    """K3, K4: whatever was opened at the bank meanwhile, the payer was sent to one operation only."""
    scene.choose(scene.invoice)
    attempt, at, sent = scene.start(2400), NOON, None
    for statement in range(1, 100):
        at += timedelta(seconds=21)  # the lease of the call that died is over
        attempt.refresh_from_db()
        try:
            with clock.frozen(at), death_at(statement):
                sent = send_attempt(attempt=attempt, link_for=links, by=PARENT)
        except PowerCut:
            attempt.refresh_from_db()
            assert (attempt.state, attempt.gateway_reference) == (AttemptState.PREPARED, None)
        else:
            break
    attempt.refresh_from_db()
    assert (attempt.state, attempt.gateway_reference) == (AttemptState.SENT, sent.gateway_reference)
    assert len(bank.operations) > 3
    bank.pay(attempt.gateway_reference)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    assert (_counts(), broken()) == ((1, 1, 1), {})


def test_an_operation_opened_for_nobody_is_given_up_and_its_notice_is_no_crash(scene, bank):
    """K3, K4: the bank opened it, we never learnt its name; the invoice is free after five minutes."""
    scene.choose(scene.invoice)
    attempt = scene.start(2400)
    bank.start, start = _dying_after(bank.start), bank.start
    try:
        with pytest.raises(PowerCut):
            send_attempt(attempt=attempt, link_for=links, by=PARENT)
    finally:
        bank.start = start
    (lost,) = bank.operations
    with clock.frozen(NOON + timedelta(minutes=5)):
        assert release_expired() == 1
        bank.pay(lost)
        message = notify(attempt, query=f"op={lost}")
        assert process_due() == 1
    attempt.refresh_from_db()
    message.refresh_from_db()
    assert (attempt.state, message.verdict) == (AttemptState.ABANDONED, MessageVerdict.NOT_AUTHENTIC)
    assert (_counts(), broken()) == ((0, 0, 0), {})


def _dying_after(call):
    """The process dies once the bank has answered."""

    def answered(*args, **kwargs):
        call(*args, **kwargs)
        raise PowerCut

    return answered


@pytest.mark.parametrize("ended", [Verdict.REFUSED, Verdict.CANCELLED, None], ids=str)
@pytest.mark.parametrize("days", [0, 8])
def test_a_worker_that_dies_after_the_banks_answer_asks_again(scene, bank, ended, days):
    """K10: even when no other question is planned, the message that made it ask is still there."""
    attempt = scene.send()
    if ended is not None:
        bank.pay(attempt.gateway_reference, verdict=ended)
        ask(attempt, origin=Origin.SWEEP, timeout=1)
    late = NOON + timedelta(days=days, minutes=3)
    with clock.frozen(late - timedelta(minutes=1)):
        for _ in range(16 if days else 0):  # a week of questions passes
            PaymentAttempt.objects.filter(next_check_at__isnull=False).update(next_check_at=clock.now())
            ask_due()
    bank.pay(attempt.gateway_reference)
    with clock.frozen(late):
        notices = [notify(attempt) for _ in range(3)]
    bank.ask, asks = _dying_after(bank.ask), bank.ask
    try:
        with clock.frozen(late + timedelta(seconds=1)), pytest.raises(PowerCut):
            process_due()
    finally:
        bank.ask = asks
    with clock.frozen(late + timedelta(seconds=2)):
        assert process_due() == len(notices)
    attempt.refresh_from_db()
    assert (attempt.state, _counts()) == (AttemptState.CAPTURED, (1, 1, 1))


def test_a_return_page_that_dies_after_the_banks_answer_is_taken_up_by_the_worker(scene, bank):
    """K10, on the way of the browser."""
    attempt = scene.send()
    bank.pay(attempt.gateway_reference)
    bank.ask, asks = _dying_after(bank.ask), bank.ask
    try:
        with pytest.raises(PowerCut):
            payer_returned(
                return_token=attempt.return_token,
                method="GET",
                message=Message("", b"", ""),
                source_address="198.51.100.4",
            )
    finally:
        bank.ask = asks
    assert GatewayMessage.objects.get().verdict == MessageVerdict.WAITING
    with clock.frozen(NOON + timedelta(seconds=6)):
        assert process_due() == 1
    assert (_counts(), broken()) == ((1, 1, 1), {})
